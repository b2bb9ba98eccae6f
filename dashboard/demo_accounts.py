"""The accounts of the demo: one of each role, with passwords that its sign-in page shows.

They are made by the demo in its own home, and shown only where that home says that the demo made it. A registry that
holds patients has neither the file nor the marker, and nothing in an address can bring them about.
"""

from __future__ import annotations

import json
import secrets

from sqlalchemy.engine import Engine

from registry import accounts
from registry.access import BOUND_TO_A_CENTER, Actor, Role
from registry.database import home

FILE, MARKER = "demo-accounts.json", "MADE-BY-OLIGOMET-DEMO"

_NAMES = {
    Role.DATA_MANAGER: "manager",
    Role.CLINICIAN: "clinician",
    Role.RESEARCHER: "researcher",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "admin",
}
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "juniper", "larch", "maple")


def make(engine: Engine, center: str, *, by: Actor) -> None:
    """Makes an account of each role; the data manager's and the clinician's are of one center."""
    made = []
    for role, name in _NAMES.items():
        own = center if role in BOUND_TO_A_CENTER or role is Role.CLINICIAN else None
        password = "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
        accounts.add(engine, name, role=role, center=own, password=password, by=by, source="demo")
        made.append((f"{role.value}, {own}" if own else role.value, name, password))
    path = home() / FILE
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    path.chmod(0o600)


def read() -> list[tuple[str, str, str]]:
    """Role, name and password of each account of the demo; nothing elsewhere."""
    path = home() / FILE
    if not (home() / MARKER).is_file() or not path.is_file():
        return []
    return [(str(role), str(name), str(password)) for role, name, password in json.loads(path.read_text("utf-8"))]
