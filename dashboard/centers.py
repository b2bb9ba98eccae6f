"""What the page of the center table reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
import streamlit as st

from dashboard import store
from dashboard.data import Moment
from dashboard.entering import SOURCE
from dashboard.who import viewer
from registry import actions, audit
from registry import store as rows
from registry.access import Permission
from registry.errors import InputRefused, StaleVersion
from registry.store import Stored
from registry.tables import TABLES


def stored(at: Moment) -> Stored:
    """All rows of the center table."""
    viewer().require(Permission.MANAGE_CENTERS)
    return _stored(at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _stored(at: Moment) -> Stored:
    column = TABLES["center"].__table__.c.center_id
    with store.reading() as connection:
        ids = [str(found) for found in connection.execute(sa.select(column).order_by(column)).scalars()]
        return rows.load(connection, "center", ids)


def history(center_id: str) -> Sequence[audit.Entry]:
    """Every change of a center's row, the latest first."""
    viewer().require(Permission.MANAGE_CENTERS)
    with store.reading() as connection:
        return list(audit.log(connection, center=center_id, events=False))[::-1]


def add(cells: Mapping[str, str]) -> None:
    """Enters a center. Raises InputRefused where there is one of that code, or a cell cannot be stored."""
    who = viewer()
    who.require(Permission.MANAGE_CENTERS)
    try:
        actions.save(store.engine(), "center", cells, by=who, reason=None, seen_version=0, source=SOURCE)
    except StaleVersion:
        code = cells.get("center_id", "")
        raise InputRefused("There is a center of that code", got=code, remedy="Take another code") from None
