"""Two people changed the same row: what was there, what is there, and what was typed, and a choice field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import entering
from dashboard.components.form_state import begin_again, say
from dashboard.components.html import Column, Content, show, table, tag
from dashboard.components.messages import refused
from dashboard.components.record import cell
from dashboard.entry import Conflict, Row
from dashboard.words import column_title, counted, moment_words
from registry.audit import Entry
from registry.drafts import Typed
from registry.errors import OligometError

_STORED, _MINE = "Stored now", "Mine"


@st.dialog("Somebody else changed this row", width="large", dismissible=False)
def settle(row: Row, clashes: Sequence[Conflict], drafted: Mapping[str, Typed], last: Entry | None) -> None:
    """Asks for each field what is to stand in the form; nothing is saved before it is looked at there."""
    by = f"{last.written_by} saved it on {moment_words(last.written_at)} (UTC): “{last.reason}”. " if last else ""
    show(tag("p", f"{by}Both of you changed {counted(len(clashes), 'field')}. Choose what stands in your form now."))
    columns = (Column("Field", kind="head"), Column("When I began", kind="free"), Column(_STORED, kind="free"))
    show(table((*columns, Column(_MINE, kind="free")), [_line(clash) for clash in clashes]))
    chosen = {}
    for clash in clashes:
        chosen[clash.field.name] = st.radio(
            f"{column_title(clash.field)}: keep",
            (_STORED, _MINE),
            index=None,  # nobody's value goes because somebody clicked too soon
            key=f"keep|{row.version}|{clash.field.name}",
            horizontal=True,
        )
    undecided = None in chosen.values()
    if st.button("Go on with these", type="primary", key="settle", disabled=undecided):
        kept = {name: typed.text for name, typed in drafted.items() if chosen.get(name) != _STORED}
        try:
            entering.rebase(row, kept)
        except OligometError as error:
            refused(error)
            return
        begin_again(row.place)
        say("The form shows what is stored now with what you kept of yours. Save it when it is right.")
        st.rerun()


def _line(clash: Conflict) -> list[Content]:
    now: Content = cell(clash.field, clash.now)
    return [column_title(clash.field), cell(clash.field, clash.began), now, clash.mine]
