"""The verification of the audit trail: its progress, and what it found."""

from __future__ import annotations

import streamlit as st

from dashboard import audit_trail
from dashboard.components.entries import entries
from dashboard.components.html import show, tag
from dashboard.components.messages import plain
from dashboard.words import number

WHOLE = (
    "No entry was edited, inserted, removed or moved, and every row of the record is what the trail says. To prove it "
    "later without this machine, note the head:"
)


def proof() -> None:
    """Verifies, and says what came of it; leaving the page, or another click, ends it."""
    bar = st.progress(0.0, "Reading the trail …")
    done = 0.0

    def told(share: float, what: str) -> None:
        nonlocal done
        if share - done >= 0.01:  # each word costs a message to the browser
            done = share
            bar.progress(min(share, 1.0), f"Verifying {what} …")

    found = audit_trail.verified(told)
    bar.empty()
    if found.broken is None:
        st.success(f"The trail is whole: {number(found.head.number)} revisions.")
        show(tag("p", WHOLE), tag("p", tag("code", f"{found.head.number}:{found.head.hash}")))
        return
    st.error(plain(f"The trail is broken: {found.broken.problem}."))
    if found.broken.revision is not None:
        first = audit_trail.of_revision(found.broken.revision)
        if first.entries:
            show(
                tag("p", f"The first broken place is revision {found.broken.revision}. What the trail says of it now:")
            )
            show(entries(first.entries, first.versions))
