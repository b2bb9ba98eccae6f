"""Accounts: the list of them, the forms that change one, and the one that makes a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import accounts, entering
from dashboard.components.confirm import confirmed
from dashboard.components.form_state import say
from dashboard.components.heading import heading
from dashboard.components.html import Column, Content, Html, show, table, tag
from dashboard.components.messages import refused
from dashboard.words import NOTHING, counted, moment_words
from registry.access import BOUND_TO_A_CENTER, Role
from registry.accounts import Listed
from registry.errors import OligometError
from registry.passwords import LONGEST, POLICY

ALL_CENTERS = ""
ROLE, PASSWORD, SUBJECT, BUTTONS, ADD = "role", "password", "subject", "buttons", "add"
"""The places of the page at which something can be refused."""

_EPOCH, _REFUSED = "password-fields", "accounts-refused"
_SUBJECT = "What the provider sends as sub. Nobody gets an account by signing in there: join it here."
_EVERYWHERE = {ALL_CENTERS: "All centers"}


def account_table(found: Sequence[Listed]) -> Html:
    """Who may sign in, as what, how, and when somebody last did."""
    columns = (
        Column("Account", kind="head"),
        Column("Role"),
        Column("Center"),
        Column("State"),
        Column("Signs in with"),
        Column("Password set"),
        Column("Sessions", "open ones, and such as ran out and were not removed yet", "num"),
        Column("Last seen (UTC)"),
    )
    return table(columns, (_row(item) for item in found))


def _row(item: Listed) -> tuple[Content, ...]:
    state = tag("span", "disabled", class_="warn") if item.disabled else "open"
    ways = [way for way, there in (("password", item.password_set_at), ("provider", item.subject)) if there]
    set_on = (item.password_set_at or NOTHING)[:10]
    seen = moment_words(item.seen_at) if item.seen_at else NOTHING
    with_ = ", ".join(ways) or NOTHING
    return item.name, item.role, item.center_id or "all", state, with_, set_on, item.sessions, seen


def change(found: Sequence[Listed]) -> None:
    """What can be changed of one account."""
    heading("Change an account")
    names = {item.name: item for item in found}
    name = st.selectbox("Account", list(names), key="account")
    item = names.get(name or "")
    if item is None:
        return
    _role(item)
    _password(item)
    _subject(item)
    _say_refusal(BUTTONS)
    with st.container(horizontal=True):
        if item.disabled:
            if st.button("Enable", key=f"enable|{item.name}"):
                _do(BUTTONS, lambda: accounts.enable(item.name), f"{item.name} can sign in again.")
        else:
            question = f"{item.name} can no longer sign in, and is out at the next click. What they wrote stays."
            if confirmed("Disable", question, f"Disable {item.name}", key=f"disable|{item.name}"):
                _do(BUTTONS, lambda: accounts.disable(item.name), f"{item.name} can no longer sign in.")
        question = f"{counted(item.sessions, 'session')} of {item.name} will end; what is typed stays as a draft."
        if confirmed("Sign out everywhere", question, f"Sign {item.name} out", key=f"sign-out|{item.name}"):
            _do(BUTTONS, lambda: accounts.sign_out(item.name), f"The sessions of {item.name} are ended.")


def _role(item: Listed) -> None:
    key = f"role|{item.name}|{item.role}|{item.center_id}"
    with st.form(key, enter_to_submit=False):
        role, center = _role_and_center(key, Role(item.role), item.center_id or ALL_CENTERS)
        _say_refusal(ROLE)
        if st.form_submit_button("Set role and center"):
            of = f" of {center}" if center else ""
            _do(
                ROLE,
                lambda: accounts.set_role(item.name, role, center),
                f"{item.name} is {role.value}{of} from now on.",
            )


def _role_and_center(key: str, role: Role, center: str) -> tuple[Role, str | None]:
    roles, centers = list(Role), _EVERYWHERE | entering.centers()
    bound = " and ".join(str(one) for one in BOUND_TO_A_CENTER)
    chosen = st.selectbox("Role", roles, roles.index(role), format_func=lambda one: one.value, key=f"{key}|of")
    of = st.selectbox(
        "Center",
        list(centers),
        list(centers).index(center) if center in centers else 0,
        format_func=centers.__getitem__,
        key=f"{key}|center",
        help=f"A {bound} has one; a clinician with one sees the patients of that center only.",
    )
    return chosen or role, of or None


def _password(item: Listed) -> None:
    # After each attempt the fields are other ones: what was typed is not kept.
    key = f"password|{item.name}|{_epoch()}"
    with st.form(key, enter_to_submit=False):
        password, again = _password_fields(key)
        show(tag("p", f"{POLICY} All sessions of the account end.", class_="quiet"))
        _say_refusal(PASSWORD)
        if st.form_submit_button("Set the password"):
            _forget_passwords()
            _do(
                PASSWORD,
                lambda: accounts.set_password(item.name, password, again),
                f"The password of {item.name} is set, and its sessions are ended.",
            )


def _password_fields(key: str) -> tuple[str, str]:
    kinds = {"type": "password", "max_chars": LONGEST + 1, "autocomplete": "new-password"}
    password = st.text_input("New password", key=f"{key}|new", **kinds)  # type: ignore[call-overload]
    again = st.text_input("The password again", key=f"{key}|again", **kinds)  # type: ignore[call-overload]
    return str(password), str(again)


def _epoch() -> int:
    return int(st.session_state.get(_EPOCH, 0))


def _forget_passwords() -> None:
    st.session_state[_EPOCH] = _epoch() + 1


def _subject(item: Listed) -> None:
    key = f"subject|{item.name}|{item.subject}"
    with st.form(key, enter_to_submit=False):
        subject = st.text_input("Subject at the identity provider", item.subject or "", key=f"{key}|of", help=_SUBJECT)
        _say_refusal(SUBJECT)
        if st.form_submit_button("Set the subject"):
            _do(SUBJECT, lambda: accounts.set_subject(item.name, subject), f"The subject of {item.name} is set.")


def add() -> None:
    """A new account."""
    heading("Add an account")
    # The fields stay as they are until the account is made; only the passwords are typed anew.
    with st.form("add-account", enter_to_submit=False):
        made = st.session_state.get("accounts-made", 0)
        key = f"add|{made}"
        name = st.text_input(
            "Name", key=f"{key}|name", max_chars=64, autocomplete="off", help="Small letters, digits and . _ @ + -"
        )
        role, center = _role_and_center(key, Role.DATA_MANAGER, ALL_CENTERS)
        password, again = _password_fields(f"{key}|password|{_epoch()}")
        show(tag("p", POLICY, class_="quiet"))
        subject = st.text_input("Subject at the identity provider", key=f"{key}|subject", help=_SUBJECT)
        _say_refusal(ADD)
        if st.form_submit_button("Add the account", type="primary"):
            _forget_passwords()

            def make() -> None:
                accounts.add(name, role, center, password, again, subject)
                st.session_state["accounts-made"] = made + 1

            _do(
                ADD,
                make,
                f"The account {name.strip().casefold()} is made: {role.value}{f' of {center}' if center else ''}.",
            )


def _do(key: str, work: Callable[[], object], done: str) -> None:
    """Does what was asked for, and says on the next run that it is done, or at its place why not.

    There is a next run in any case: what was typed as a password is gone from its field by then.
    """
    try:
        work()
    except OligometError as error:
        st.session_state[_REFUSED] = key, error
    else:
        say(done)
    st.rerun()


def _say_refusal(key: str) -> None:
    """Why what was asked for at this place was not done."""
    place, error = st.session_state.get(_REFUSED, ("", None))
    if place == key:
        del st.session_state[_REFUSED]
        refused(error)
