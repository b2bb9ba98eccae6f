"""The catalogue of the edit checks as a page: ``python -m registry.checks.page > docs/edit-checks.md``."""

from __future__ import annotations

from registry.checks import CHECKS, Severity


def page() -> str:
    """The page in Markdown: errors first, then warnings, by the table that they look at."""
    lines = [
        "# Edit checks",
        "",
        "Generated from the checks themselves (`make docs`). An **error** cannot have happened: the entry is refused.",
        "A **warning** is possible but implausible: the entry is taken, and an open data query asks about it. Types,",
        "codes, ranges, required columns, references and dates after today are errors of the single cell or row; they",
        "stand in the [data dictionary](data-dictionary.md).",
    ]
    for severity, title in ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings")):
        chosen = [check for check in CHECKS if check.severity is severity]
        lines += ["", f"## {title} ({len(chosen)})", "", "| check | table | columns | must hold | remedy |"]
        lines += ["|---|---|---|---|---|"]
        for check in sorted(chosen, key=lambda check: check.table):
            columns = ", ".join(f"`{column}`" for column in check.columns)
            cells = (check.id, check.table, columns, check.sentence, check.remedy)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
