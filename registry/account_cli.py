"""The commands of accounts: user add, list, disable, enable, password, role, subject, sign-out."""

from __future__ import annotations

import dataclasses
import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from registry.access import Permission, Role, operator
from registry.errors import InputRefused, UsageError
from registry.terminal import Json, messages, open_registry, print_json

app = typer.Typer(help="Accounts: who may sign in to the dashboard, and as what.")

Name = Annotated[str, typer.Argument(help="The name of the account.")]
Center = Annotated[str | None, typer.Option(help="The only center of the account; a data manager needs one.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]
Kind = Annotated[str, typer.Option("--role", help=", ".join(role.value for role in Role) + ".")]


@app.command()
def add(
    name: Name,
    role: Kind,
    center: Center = None,
    subject: Annotated[str | None, typer.Option(help="Who this is for the identity provider (its `sub`).")] = None,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account; its password is asked for, unless it signs in through an identity provider."""
    from registry import accounts

    who, engine, found = operator(), open_registry(), _role(role)
    who.require(Permission.MANAGE_ACCOUNTS)
    password = _password(password_stdin) if subject is None or password_stdin else None
    accounts.add(engine, name, role=found, center=center, password=password, subject=subject, by=who)
    where = f" of {center}" if center else ""
    _say(f"Made the account {accounts.normal(name)}: {found.value}{where}.")


@app.command("list")
def list_(json: Json = False) -> None:
    """List the accounts."""
    from registry import accounts
    from registry.database import reading

    with reading(open_registry()) as connection:
        found = accounts.listed(connection, by=operator())
    if json:
        print_json([dataclasses.asdict(item) for item in found])
        return
    if not found:
        _say("There is no account yet. Make the first one with `oligomet user add NAME --role administrator`.")
        return
    table = Table("name", "role", "center", "state", "password set", "sessions", "last seen (UTC)")
    for item in found:
        state = "disabled" if item.disabled else "open"
        set_on = (item.password_set_at or "–")[:10]
        seen = (item.seen_at or "–")[:16].replace("T", " ")
        table.add_row(item.name, item.role, item.center_id or "all", state, set_on, str(item.sessions), seen)
    messages.print(table, markup=False)


@app.command()
def disable(name: Name) -> None:
    """Close an account and end its sessions; what it wrote stays."""
    from registry import accounts

    accounts.disable(open_registry(), name, by=operator())
    _say(f"{accounts.normal(name)} can no longer sign in.")


@app.command()
def enable(name: Name) -> None:
    """Open a disabled account again."""
    from registry import accounts

    accounts.enable(open_registry(), name, by=operator())
    _say(f"{accounts.normal(name)} can sign in again.")


@app.command()
def password(name: Name, password_stdin: FromStdin = False) -> None:
    """Set a new password and end all sessions of the account."""
    from registry import accounts

    engine = open_registry()
    accounts.set_password(engine, name, _password(password_stdin), by=operator())
    _say(f"The password of {accounts.normal(name)} is set, and its sessions are ended.")


@app.command()
def role(name: Name, role: Annotated[str, typer.Argument(help="The new role.")], center: Center = None) -> None:
    """Give an account another role and center."""
    from registry import accounts

    found = _role(role)
    accounts.set_role(open_registry(), name, found, center=center, by=operator())
    _say(f"{accounts.normal(name)} is {found.value}{f' of {center}' if center else ''} from now on.")


@app.command()
def subject(
    name: Name,
    subject: Annotated[str | None, typer.Argument(help="Who this is for the identity provider; none to take it away.")],
) -> None:
    """Say who an account is for the identity provider."""
    from registry import accounts

    accounts.set_subject(open_registry(), name, subject or None, by=operator())
    _say(f"The subject of {accounts.normal(name)} is changed.")


@app.command("sign-out")
def sign_out(name: Name) -> None:
    """End all sessions of an account."""
    from registry import accounts

    ended = accounts.sign_out_everywhere(open_registry(), name, by=operator(), source="command line")
    _say(f"{ended} session{'' if ended == 1 else 's'} of {accounts.normal(name)} ended.")


def _role(text: str) -> Role:
    try:
        return Role(text.strip().lower().replace("_", " ").replace("-", " "))
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise UsageError("There is no such role", got=text, remedy=f"Use one of: {known}") from None


def _password(from_stdin: bool) -> str:
    """A password from standard input, or asked for twice; never from the command line, where others could see it."""
    if from_stdin:
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise InputRefused("There is nobody to ask for the password", remedy="Use --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _say(text: str) -> None:
    messages.print(escape(text), highlight=False)
