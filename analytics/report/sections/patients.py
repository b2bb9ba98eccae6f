"""The patients at the origin: the baseline table."""

from __future__ import annotations

from dataclasses import replace

from analytics.baseline_text import header, lines, notes, texts, title
from analytics.report.html import Column, Html, Row, join, paragraph, table
from analytics.report.material import Material
from analytics.wording import within_sentence


def patients(material: Material) -> Html:
    """The section."""
    whole = material.baseline
    # A variable that nobody has is named, and not spread over lines of zeros.
    made = replace(whole, rows=tuple(row for row in whole.rows if row.known[-1] != 0))
    names = header(made)
    columns = [Column("Variable", number=False), *(Column(name[:1].upper() + name[1:]) for name in names[2:])]
    rows = [
        Row(line.name or line.level, texts(made, line)[2:], kind="group" if line.name else "under")
        for line in lines(made)
    ]
    # The provenance stands on the first page.
    said = notes(made, material.data)[:-1]
    empty = [within_sentence(row.variable.label) for row in whole.rows if row.known[-1] == 0]
    if empty and whole.n:
        said.append(f"Recorded of nobody: {'; '.join(empty)}.")
    intro = "Who the patients are whose outcomes follow. Missing values are counted, and no percentage includes them."
    return join(
        [
            paragraph(intro),
            table(
                f"{title(made)} at the {made.chosen.origin.words}",
                columns,
                rows,
                notes=said,
                kind="narrow" if len(columns) == 2 else "",
            ),
        ]
    )
