"""What the pages show and keep of who a patient is; may, and whose, is decided by the registry each time."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import store
from dashboard.trail import SOURCE
from dashboard.who import viewer
from registry.identity import actions
from registry.identity.actions import Found, Viewed


def may_view() -> bool:
    """Whether the viewer sees names and hospital numbers of any patient."""
    return actions.may_view(viewer())


def view(patient_id: str) -> Viewed:
    """Who a patient is; each time an entry in the trail."""
    return actions.view(store.engine(), patient_id, by=viewer(), source=SOURCE)


def search(text: str) -> Found:
    """The patients with a hospital number, or with the words of a name; each time an entry in the trail."""
    return actions.search(store.engine(), text, by=viewer(), source=SOURCE)


def save(patient_id: str, cells: Mapping[str, str], reason: str, seen_version: int) -> None:
    """Keeps who a patient is."""
    actions.save(
        store.engine(), patient_id, cells, by=viewer(), reason=reason, seen_version=seen_version, source=SOURCE
    )


def remove(patient_id: str, reason: str, seen_version: int) -> None:
    """Removes who a patient is."""
    actions.remove(store.engine(), patient_id, by=viewer(), reason=reason, seen_version=seen_version, source=SOURCE)
