"""What becomes of an error that no page expected: a sentence for the viewer, a line in the log, no cell of a record."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from dashboard.components import messages
from registry.errors import OligometError

_LOG = logging.getLogger("oligomet.dashboard")


def show_failure(error: Exception) -> bool:
    """Shows and logs an error in place of Streamlit, which would print all of it; returns that this is done."""
    if isinstance(error, OligometError):
        messages.refused(error)
        return True
    # The message of a foreign exception can hold values of a record: only its kind and place are shown and logged.
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {Path(frame.filename).name} line {frame.lineno}"
    _LOG.error("a page failed: %s", place)
    messages.failed(place)
    return True
