"""How far a viewer sees: the center, and whether small numbers are shown. Part of the key of whatever is cached."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.who import viewer
from registry.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a viewer sees.

    Args:
        center: the only center; None for all.
        protected: without small numbers, since the viewer sees no records.
    """

    center: str | None
    protected: bool


def scope_of(who: Actor) -> Scope:
    """How far an actor sees."""
    return Scope(who.center_id, not who.may(Permission.READ_RECORDS))


def scope(needs: Permission) -> Scope:
    """How far the viewer of this run sees; raises PermissionRefused where that is not even this."""
    who = viewer()
    who.require(needs)
    return scope_of(who)
