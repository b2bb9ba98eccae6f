"""Who may do what: permissions, the roles that list them, and the actor in whose name something is done."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from enum import StrEnum

from registry.errors import PermissionRefused


class Permission(StrEnum):
    """One thing that somebody may do."""

    READ_RECORDS = "read records"
    WRITE_RECORDS = "write records"
    RECORD_MEETINGS = "record meetings of the MDT"
    RECORD_EXCEPTIONS = "record reasons for leaving the consensus"
    ANSWER_QUERIES = "answer data queries"
    RAISE_QUERIES = "raise and close data queries"
    MANAGE_CENTERS = "manage centers"
    READ_TRAIL = "read the audit trail"
    EXPORT = "export records"
    EXPORT_DEIDENTIFIED = "export de-identified records"
    IMPORT = "import records"
    SIGN_OFF = "sign off a record"
    VIEW_IDENTITIES = "see names and hospital numbers"
    VIEW_MDT = "see the MDT view of a patient"
    VIEW_OUTCOMES = "see outcomes"
    VIEW_ADHERENCE = "see adherence to the consensus"
    VIEW_QUALITY = "see the quality of the data"
    MANAGE_ACCOUNTS = "manage accounts"
    MANAGE_READINGS = "change how the consensus is read"
    BACKUP = "back up and restore the registry"


class Role(StrEnum):
    """What somebody is in the registry."""

    DATA_MANAGER = "data manager"
    CLINICIAN = "clinician"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DATA_MANAGER: frozenset(
        {
            Permission.READ_RECORDS,
            Permission.WRITE_RECORDS,
            Permission.ANSWER_QUERIES,
            Permission.EXPORT,
            Permission.EXPORT_DEIDENTIFIED,
            Permission.IMPORT,
            Permission.VIEW_IDENTITIES,
            Permission.VIEW_MDT,
            Permission.VIEW_OUTCOMES,
            Permission.VIEW_ADHERENCE,
            Permission.VIEW_QUALITY,
        }
    ),
    Role.CLINICIAN: frozenset(
        {
            Permission.READ_RECORDS,
            Permission.RECORD_MEETINGS,
            Permission.RECORD_EXCEPTIONS,
            Permission.SIGN_OFF,
            Permission.VIEW_IDENTITIES,
            Permission.VIEW_MDT,
            Permission.VIEW_OUTCOMES,
            Permission.VIEW_ADHERENCE,
        }
    ),
    Role.RESEARCHER: frozenset({Permission.EXPORT_DEIDENTIFIED, Permission.VIEW_OUTCOMES}),
    Role.AUDITOR: frozenset(
        {
            Permission.READ_RECORDS,
            Permission.RECORD_EXCEPTIONS,
            Permission.RAISE_QUERIES,
            Permission.READ_TRAIL,
            Permission.VIEW_MDT,
            Permission.VIEW_OUTCOMES,
            Permission.VIEW_ADHERENCE,
            Permission.VIEW_QUALITY,
        }
    ),
    # Who keeps the backups holds every record anyway; names and hospital numbers belong to their center alone.
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.VIEW_IDENTITIES},
}

WRITES_ONLY: dict[Permission, str] = {
    Permission.RECORD_MEETINGS: "mdt_meeting",
    Permission.RECORD_EXCEPTIONS: "rule_exception",
}
"""Permissions to add and correct rows of one table, and of no other; deleting them needs WRITE_RECORDS."""

BOUND_TO_A_CENTER = frozenset({Role.DATA_MANAGER})
"""Roles that work for one center: an account of theirs without a center is refused."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in whose name something is read or written.

    Args:
        name: as it stands in the audit trail.
        role: what the person is.
        center_id: the only center whose patients the actor may touch; None for all of them.
    """

    name: str
    role: Role
    center_id: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role gives this permission."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raises PermissionRefused where the role does not give this permission."""
        if not self.may(permission):
            raise PermissionRefused(f"A {self.role} may not {permission}", remedy="Ask somebody who may")

    def may_write(self, table: str) -> bool:
        """Whether the role may add and correct rows of a table."""
        return self.may(Permission.WRITE_RECORDS) or any(
            self.may(permission) for permission, only in WRITES_ONLY.items() if only == table
        )

    def require_writing(self, table: str) -> None:
        """Raises PermissionRefused where the role may not add and correct rows of a table."""
        if not self.may_write(table):
            self.require(Permission.WRITE_RECORDS)

    def require_center(self, center_id: str | None) -> None:
        """Raises PermissionRefused where a row belongs to a center that is not the actor's."""
        if self.center_id is not None and center_id != self.center_id:
            raise PermissionRefused("The row belongs to another center", remedy="Ask a data manager of that center")


def operator() -> Actor:
    """The person at the command line, who reaches the database itself and so may do everything in it."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(f"{name} (command line)", Role.ADMINISTRATOR)
