"""What becomes of an error that no page expected: a sentence for the viewer, a line in the log, no cell of a record."""

from __future__ import annotations

from dashboard import logs
from dashboard.components import messages
from registry.errors import OligometError


def show_failure(error: Exception) -> bool:
    """Shows and logs an error in place of Streamlit, which would print all of it; returns that this is done."""
    if isinstance(error, OligometError):
        messages.refused(error)
        return True
    # The message of a foreign exception can hold values of a record: only its kind and place are shown and logged.
    logs.failed("a page failed", error)
    messages.failed(logs.place_of(error))
    return True
