"""Files to take away: made when somebody takes them, with the permission asked for again and an entry in the trail."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pandas as pd
from matplotlib.figure import Figure

from analytics.figures.style import save
from dashboard import trail
from dashboard.scope import scope_of
from dashboard.who import again, session
from registry.access import Permission
from registry.errors import PermissionRefused
from registry.exchange.formulas import guard


def to_take(name: str, needs: Permission, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """What makes a file that the viewer of this run may take.

    It runs when somebody takes the file, outside of any run: the session is asked for again, and the trail says it.

    Args:
        name: of the file, for the trail.
        needs: what the viewer must be allowed.
        make: the content; it asks for no viewer.
    """
    found = session()
    reference, seen = found.reference, scope_of(found.actor)

    def taken() -> bytes:
        who = again(reference).actor
        who.require(needs)
        if scope_of(who) != seen:
            raise PermissionRefused("Your account has changed since the page was shown", remedy="Load the page again")
        content = make()
        trail.exported(who, name)
        return content

    return taken


def figure_file(figure: Figure, format: str) -> bytes:
    """A figure as a file: svg, png or pdf."""
    written = BytesIO()
    save(figure, written, format)
    return written.getvalue()


def csv_file(frame: pd.DataFrame) -> bytes:
    """A table as a CSV file; text that a spreadsheet would run as a formula is guarded."""
    guarded = frame.map(lambda cell: guard(cell) if isinstance(cell, str) else cell)
    return str(guarded.to_csv(index=False, lineterminator="\n")).encode()
