"""Signing a record off, and lifting its lock: for who may; what is still open in the record is said first."""

from __future__ import annotations

import streamlit as st

from dashboard import entering
from dashboard.components.form_state import say
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.record import Record
from dashboard.who import viewer
from dashboard.words import counted
from registry.access import Permission
from registry.errors import OligometError


def sign_off(patient_id: str, found: Record) -> None:
    """The way to sign a record off, or to lift its lock."""
    if not viewer().may(Permission.SIGN_OFF):
        return
    if found.is_locked:
        with st.expander("Lift the lock of this record"):
            _lift(patient_id)
    else:
        with st.expander("Sign this record off"):
            _sign(patient_id, found)


def _sign(patient_id: str, found: Record) -> None:
    show(tag("p", f"You say that the record is right as it stands. It is locked from then on. {_still_open(found)}"))
    if st.button("Sign off and lock", key=f"sign-off|{found.revision}", type="primary"):
        try:
            entering.sign_off(patient_id, found.revision)
        except OligometError as error:
            refused(error)
            return
        say("The record is signed off and locked.")
        st.rerun()


def _still_open(found: Record) -> str:
    """What is asked about the record and what is blank in it, in words."""
    asked = f"{counted(len(found.queries), 'data query is', 'data queries are')} open" if found.queries else ""
    blank = sum(form.answered is not None and form.answered < 1 for form in found.forms)
    empty = f"cells are blank in {blank} of {counted(len(found.forms), 'form')}" if blank else ""
    parts = [part for part in (asked, empty) if part]
    return f"Still so: {'; '.join(parts)}." if parts else "No data query is open, and no cell is blank."


def _lift(patient_id: str) -> None:
    show(tag("p", "The record can be changed again, and shows that it was changed since its sign-off."))
    reason = st.text_input("Reason for lifting the lock *", key=f"lift|{patient_id}", max_chars=500)
    if st.button("Lift the lock", key="lift-lock"):
        try:
            entering.lift_lock(patient_id, reason)
        except OligometError as error:
            refused(error)
            return
        say("The lock is lifted.")
        st.rerun()
