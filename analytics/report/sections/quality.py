"""The quality of the data: completeness, timeliness, open queries and what the edit checks find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.audit.proportions import percent
from analytics.report.html import Column, Html, Row, heading, join, missing, paragraph, table
from analytics.report.material import Material
from analytics.report.quality_data import QualityData
from analytics.report.small import Small
from registry.quality import OVERDUE_DAYS, Completeness
from registry.queries import MANUAL

DECISIVE = (
    ("patient", "vital_status"),
    ("patient", "last_contact_on"),
    ("patient", "enrolled_on"),
    ("primary_tumor", "site"),
    ("primary_tumor", "p_n"),
    ("primary_tumor", "c_n"),
    ("episode", "detected_on"),
    ("episode", "lesion_count"),
    ("episode", "laterality"),
    ("episode", "largest_mm"),
    ("episode", "thoracic_nodes"),
    ("episode", "cea_ng_ml"),
    ("episode", "resectability"),
    ("episode", "ned_on"),
    ("local_treatment", "started_on"),
    ("local_treatment", "intent"),
    ("local_treatment", "procedure"),
    ("local_treatment", "residual_tumor"),
    ("mdt_meeting", "held_on"),
    ("disease_event", "occurred_on"),
)
"""The columns that endpoints, origins and prognostic factors rest on."""


@dataclass
class Filled:
    """How far some columns are filled."""

    cells: int = 0
    values: int = 0
    codes: int = 0
    blank: int = 0

    def add(self, one: Completeness) -> None:
        """Add a column at a center."""
        self.cells += one.rows
        self.values += one.filled
        self.codes += sum(one.missing.values())
        self.blank += one.blank


def quality(material: Material) -> Html:
    """The section."""
    return join(
        [
            paragraph(
                "What is not recorded cannot be judged, and what is recorded late or wrongly is judged wrongly. A "
                "blank is a question still open; a missing-data code is an answer (looked for and not known, not done, "
                "not applicable, not asked)."
            ),
            heading("Completeness"),
            _by_table(material),
            _decisive(material),
            heading("Timeliness"),
            _timeliness(material),
            heading("Edit checks and data queries"),
            _checks(material),
        ]
    )


def decisive(complete: Iterable[Completeness]) -> Filled:
    """How far the columns of :data:`DECISIVE` are filled, all together."""
    found = Filled()
    for one in complete:
        if (one.table, one.column) in DECISIVE:
            found.add(one)
    return found


def _by_table(material: Material) -> Html:
    found: dict[tuple[str, bool], Filled] = defaultdict(Filled)
    for one in material.checked.complete:
        found[one.table, one.required].add(one)
    rows = []
    order = list(dict.fromkeys(name for name, _ in found))
    for (name, is_required), filled in sorted(found.items(), key=lambda one: (order.index(one[0][0]), not one[0][1])):
        words = "required columns" if is_required else "other columns"
        rows.append(Row(f"{_words(name)}, {words}", _shares(material, filled)))
    if not rows:
        return missing("No table has a row.")
    note = "Cells: rows times columns, where a column applies. In each row value, code and blank make 100 %."
    return table("Completeness by table and group of columns", _HEADS, rows, notes=[note])


_HEADS = [
    Column("Columns", number=False),
    Column("Cells"),
    Column("With a value"),
    Column("With a missing-data code"),
    Column("Blank"),
]


def _shares(material: Material, filled: Filled) -> list[str]:
    if not filled.cells or material.small.hides(filled.cells):
        return [material.small.count(filled.cells), "–", "–", "–"]
    parts = (filled.values, filled.codes, filled.blank)
    return [f"{filled.cells:,}", *(percent(part / filled.cells) for part in parts)]


def _decisive(material: Material) -> Html:
    found: dict[tuple[str, str], Filled] = defaultdict(Filled)
    for one in material.checked.complete:
        found[one.table, one.column].add(one)
    rows = [
        Row(f"{_words(name)}: {column.replace('_', ' ')}", _shares(material, found[name, column]))
        for name, column in DECISIVE
        if (name, column) in found
    ]
    heads = [_HEADS[0], Column("Rows"), *_HEADS[2:]]
    return table("The columns that outcomes and factors rest on", heads, rows) if rows else Html("")


def _words(name: str) -> str:
    text = name.replace("_", " ").replace("mdt", "MDT")
    return text[:1].upper() + text[1:]


def _timeliness(material: Material) -> Html:
    timely, small = material.checked.timely, material.small
    if not timely:
        why = "A snapshot holds no trail of entries" if material.settings.snapshot else "There is no patient"
        return missing(f"{why}, so how soon data were entered is not known.")
    titles = ("Patients", "Days from enrollment to entry", "Alive", "Days since last contact", "Overdue")
    heads = [Column("Center", number=False), *map(Column, titles)]
    rows = []
    for one in timely:
        if small.hides(one.patients):
            rows.append(Row(one.center_id, [small.count(one.patients), *["–"] * 4]))
            continue
        contact = "–" if small.hides(one.alive) else _days(one.contact_age_days)
        overdue = small.of(one.overdue, one.alive) if one.alive else "–"
        rows.append(
            Row(
                one.center_id,
                [f"{one.patients:,}", _days(one.entry_delay_days), small.count(one.alive), contact, overdue],
            )
        )
    note = f"Medians. Overdue: alive at a last contact more than {OVERDUE_DAYS} days before the data cut."
    return table("Timeliness by center", heads, rows, notes=[note])


def _days(days: float | None) -> str:
    return "–" if days is None else f"{days:,.0f}"


def _checks(material: Material) -> Html:
    checked, small = material.checked, material.small
    if not checked.questioned:
        return paragraph("The edit checks find nothing to ask.")
    by_check: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    sentences: dict[str, str] = {}
    centers: dict[str, set[str | None]] = defaultdict(set)
    for one in checked.questioned:
        by_check[one.check_id][0] += 1
        by_check[one.check_id][1] += one.state != "closed"
        sentences.setdefault(one.check_id, one.sentence)
        centers[one.check_id].add(one.center)
    order = sorted(by_check, key=lambda id: (-by_check[id][0], id))
    heads = [Column("Check", number=False), Column("Expected", number=False), Column("Findings")]
    heads += [Column("Open")] if checked.knows_queries else []
    heads += [Column("Centers")]
    rows = []
    for id in order:
        found, opened = by_check[id]
        # A question is the words of a person and may name a patient; a check has a sentence of its own.
        cells = ["A question that somebody asked." if id == MANUAL else sentences[id], small.count(found)]
        cells += [small.count(opened)] if checked.knows_queries else []
        rows.append(Row(id, [*cells, f"{len(centers[id]):,}"]))
    notes = [_total(checked, small)]
    return table("What the edit checks question", heads, rows, notes=notes)


def open_queries(checked: QualityData) -> int:
    """Findings whose data query is not closed."""
    return sum(one.state != "closed" for one in checked.questioned)


def _total(checked: QualityData, small: Small) -> str:
    words = f"{small.count(len(checked.questioned))} findings in all"
    if not checked.knows_queries:
        return f"{words}. A snapshot holds no data queries, so which of them are answered is not known."
    return f"{words}, {small.count(open_queries(checked))} of them open."
