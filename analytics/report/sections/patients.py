"""The patients at the origin: the baseline table."""

from __future__ import annotations

from analytics.baseline_text import header, lines, notes, texts, title
from analytics.report.html import Column, Html, Row, join, paragraph, table
from analytics.report.material import Material


def patients(material: Material) -> Html:
    """The section."""
    made = material.baseline
    names = header(made)
    columns = [Column("", number=False), *(Column(name[:1].upper() + name[1:]) for name in names[2:])]
    rows = [
        Row(line.name or line.level, texts(made, line)[2:], kind="group" if line.name else "under")
        for line in lines(made)
    ]
    # The provenance stands on the first page.
    said = notes(made, material.data)[:-1]
    intro = "Who the patients are whose outcomes follow. Missing values are counted, and no percentage includes them."
    return join(
        [paragraph(intro), table(f"{title(made)} at the {made.chosen.origin.words}", columns, rows, notes=said)]
    )
