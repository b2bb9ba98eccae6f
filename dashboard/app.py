"""The one table of pages, and what is around each of them: navigation and the strip."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import data
from dashboard.components.account import signed_out
from dashboard.components.carried import carry
from dashboard.components.empty import empty
from dashboard.components.enroll import is_asked
from dashboard.components.form_state import keep_the_rest
from dashboard.components.look import look
from dashboard.components.messages import refused
from dashboard.components.snapshot import snapshot_shown
from dashboard.components.strip import strip
from dashboard.who import SignedOut, viewer
from registry.access import Permission
from registry.errors import OligometError


@dataclass(frozen=True, slots=True)
class Listed:
    """A page in the table.

    Args:
        file: under ``pages``; its name is the page's address.
        title: in the navigation.
        needs: what the viewer must be allowed; None where everybody may see it.
        section: of the navigation; "" for what stands in the bar itself.
        counts: whether it shows counts and outcomes, which of a large registry may be of an earlier revision.
        visibility: hidden where something else than the navigation leads to it.
        early: whether it is shown before the first patient has come in.
    """

    file: str
    title: str
    needs: Permission | None = None
    section: str = ""
    counts: bool = True
    visibility: Literal["visible", "hidden"] = "visible"
    early: bool = False


_PAGES = Path(__file__).parent / "pages"

DATA, OUTCOMES, CONSENSUS, ADMINISTRATION = "Data", "Outcomes", "Consensus", "Administration"

PAGES = (
    Listed("overview.py", "Overview"),
    Listed("worklist.py", "Worklist", Permission.READ_RECORDS),
    Listed("patient.py", "Patients", Permission.READ_RECORDS, counts=False),
    Listed("screening.py", "Screening log", Permission.WRITE_RECORDS, DATA, counts=False),
    Listed("import.py", "Import", Permission.IMPORT, DATA, counts=False, early=True),
    Listed("export.py", "Export", Permission.EXPORT_DEIDENTIFIED, DATA, counts=False),
    Listed("mdt.py", "MDT view", Permission.VIEW_MDT, counts=False),
    Listed("cohort.py", "Cohort", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("survival.py", "Survival", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("prognosis.py", "Prognosis", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("competing.py", "Competing risks", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("benchmarks.py", "Benchmarks", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("snapshots.py", "Snapshots", Permission.VIEW_OUTCOMES, OUTCOMES),
    Listed("adherence.py", "Adherence", Permission.VIEW_ADHERENCE, CONSENSUS),
    Listed("centers.py", "Centers", Permission.VIEW_ADHERENCE, CONSENSUS),
    Listed("trends.py", "Trends", Permission.VIEW_ADHERENCE, CONSENSUS),
    Listed("cases.py", "Cases", Permission.VIEW_ADHERENCE, CONSENSUS),
    Listed("quality.py", "Data quality", Permission.VIEW_QUALITY, DATA),
    Listed("double_entry.py", "Double entry", Permission.VIEW_QUALITY, DATA),
    Listed("trail.py", "Audit trail", Permission.READ_TRAIL, DATA, counts=False),
    Listed("glossary.py", "Glossary", counts=False, visibility="hidden"),
    Listed("accounts.py", "Accounts", Permission.MANAGE_ACCOUNTS, ADMINISTRATION, counts=False, early=True),
    Listed("center_table.py", "Center table", Permission.MANAGE_CENTERS, ADMINISTRATION, counts=False, early=True),
    Listed("readings.py", "Readings", Permission.MANAGE_READINGS, ADMINISTRATION),
    Listed("system.py", "System", Permission.BACKUP, ADMINISTRATION, counts=False, early=True),
)

_OUTCOMES = {page.file.removesuffix(".py") for page in PAGES if page.needs is Permission.VIEW_OUTCOMES}
_COUNTED = {"", *(page.file.removesuffix(".py") for page in PAGES if page.counts)}
_EARLY = {page.file.removesuffix(".py") for page in PAGES if page.early}


AT_ONCE = 3
"""So many runs of pages go on at once; more would only take the interpreter from each other."""

WAIT_SECONDS = 0.3
"""Whoever waits longer goes on all the same: something else than pages may take long."""

_turns = threading.BoundedSemaphore(AT_ONCE)


def main() -> None:
    """One run: the page that the address names, or why it cannot be shown."""
    has_turn = _turns.acquire(timeout=WAIT_SECONDS)
    try:
        _run()
    finally:
        if has_turn:
            _turns.release()


def _run() -> None:
    look()
    try:
        who = viewer()
    except SignedOut as error:
        keep_the_rest()
        signed_out(error)
    sections: dict[str, list[StreamlitPage]] = {}
    for listed in PAGES:
        if listed.needs is None or who.may(listed.needs):
            made = st.Page(
                _PAGES / listed.file, title=listed.title, default=listed is PAGES[0], visibility=listed.visibility
            )
            sections.setdefault(listed.section, []).append(made)
    page = st.navigation(sections, position="top")
    st.set_page_config(page_title=f"{page.title} · oligomet")
    carry(page.url_path, along=page.url_path in _OUTCOMES)
    try:
        counted = data.counted(data.now())
        glance = data.glance(counted)
        frozen = snapshot_shown(page.url_path, who) if page.url_path in _OUTCOMES else None
        if frozen is None:
            strip(counted, glance, who)
        if page.url_path in _COUNTED:
            data.show(frozen or counted)
        is_early = page.url_path in _EARLY or (page.url_path == "patient" and is_asked())
        if glance.is_empty and not is_early:
            empty(who)
        else:
            page.run()
    except OligometError as error:
        refused(error)
