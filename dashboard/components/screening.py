"""The screening log of a center: every case that its MDT listed, enrolled or not."""

from __future__ import annotations

from dashboard import entering
from dashboard.components.entry import CODES, open_form
from dashboard.components.form_state import said
from dashboard.components.html import show, tag
from dashboard.components.own_center import own_center
from dashboard.components.sections import chosen_place, rows_of
from dashboard.data import Moment

CENTER = "center"
_WHY = "All listed cases together are what enrollment is measured by. A case that is not enrolled has no patient."


def screening_log(at: Moment) -> None:
    """The rows of the log, one of them open."""
    center = own_center(CENTER)
    if center is None:
        return
    show(tag("p", f"{_WHY} {CODES}", class_="quiet"))
    stored = entering.stored_rows(at, center, "screening_log")
    place = chosen_place(stored, center)
    rows_of(stored, place)
    said()
    open_form(at, place, ())
