"""Who a patient is, on the record: shown on a click, changed with a reason; for the people of the center only.

What was shown stays on the page until it is hidden, another record is opened, or the tab is closed. It is in no
address, in no draft and in nothing that sessions share.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import identities
from dashboard.components.account import signed_out
from dashboard.components.html import Fact, facts, show, tag
from dashboard.components.messages import refused
from dashboard.who import SignedOut
from dashboard.words import NOTHING
from registry.errors import OligometError
from registry.identity.actions import Viewed
from registry.identity.content import FIELDS, LONGEST

_SHOWN, _SAID = "identity", "identity-said"


@dataclass(frozen=True, slots=True, repr=False)
class _Shown:
    patient_id: str
    viewed: Viewed
    changes: bool = False


@st.fragment
def identity(patient_id: str) -> None:
    """The section of the record; nothing for who sees no identities."""
    try:
        if not identities.may_view():
            st.session_state.pop(_SHOWN, None)
            return
        found: _Shown | None = st.session_state.get(_SHOWN)
        if found is not None and found.patient_id != patient_id:
            del st.session_state[_SHOWN]
            found = None
        with st.container(key="identity", gap="small"):
            _section(patient_id, found)
    except SignedOut as error:
        st.session_state.pop(_SHOWN, None)
        signed_out(error)
    except OligometError as error:
        refused(error)


def _section(patient_id: str, found: _Shown | None) -> None:
    said = st.session_state.pop(_SAID, None)
    if isinstance(said, OligometError):
        refused(said)
    elif said:
        show(tag("p", said, class_="said", role="status"))
    if found is None:
        st.button("Show name and hospital number", key="identity-show", on_click=_open, args=(patient_id,))
    elif found.changes:
        _form(found)
    else:
        _facts(found)


def _facts(found: _Shown) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.viewed.version:
            cells = found.viewed.identity.cells
            show(facts(Fact(title, cells[name] or NOTHING) for name, title in FIELDS.items()))
        else:
            show(tag("p", "No name and no hospital number is kept of this patient.", class_="quiet"))
        words = "Change" if found.viewed.version else "Enter"
        st.button(words, key="identity-change", on_click=_change, args=(found,))
        st.button("Hide", key="identity-hide", type="tertiary", on_click=_hide)


def _form(found: _Shown) -> None:
    version, cells = found.viewed.version, found.viewed.identity.cells
    with st.form(f"identity|{found.patient_id}|{version}", enter_to_submit=False, border=True):
        with st.container(horizontal=True):
            typed = {
                name: st.text_input(
                    title, cells[name], key=f"identity|{found.patient_id}|{version}|{name}", width=260,
                    autocomplete="off", max_chars=LONGEST,
                )
                for name, title in FIELDS.items()
            }  # fmt: skip
        reason = ""
        if version:
            help = "It stands in the audit trail: say it without a name and without a number."
            reason = st.text_input(
                "Reason for the change *", key=f"identity|{found.patient_id}|{version}|@reason", help=help,
                placeholder="such as: as in the passport", autocomplete="off", max_chars=500,
            )  # fmt: skip
        with st.container(horizontal=True):
            saves = st.form_submit_button("Save", type="primary", key="identity-save")
            removes = bool(version) and st.form_submit_button("Remove all of it", key="identity-remove")
            leaves = st.form_submit_button("Leave as it is", key="identity-leave", type="tertiary")
        show(tag("p", "What is typed here is not kept as a draft: save it before you leave.", class_="quiet"))
    if leaves:
        st.session_state[_SHOWN] = _Shown(found.patient_id, found.viewed)
        st.rerun()
    elif saves or removes:
        try:
            if saves:
                identities.save(found.patient_id, typed, reason, version)
            else:
                identities.remove(found.patient_id, reason, version)
        except OligometError as error:
            refused(error)
            return
        _again(found.patient_id, f"Name and hospital number: {'saved' if saves else 'removed'}.")


def _open(patient_id: str) -> None:
    try:
        st.session_state[_SHOWN] = _Shown(patient_id, identities.view(patient_id))
    except OligometError as error:
        st.session_state[_SAID] = error


def _change(found: _Shown) -> None:
    st.session_state[_SHOWN] = _Shown(found.patient_id, found.viewed, changes=True)


def _hide() -> None:
    st.session_state.pop(_SHOWN, None)


def _again(patient_id: str, said: str) -> None:
    """Shows what is kept now."""
    st.session_state[_SAID] = said
    _open(patient_id)
    st.rerun()
