"""The command of the surveillance calendar: `calendar`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.readings_file import ReadingsFile, readings_in
from analytics.regression_cli import write
from analytics.source import read_cohort
from registry.errors import AnalysisRefused
from registry.terminal import DataCut, Json, print_json_list

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

app = typer.Typer()


@app.command()
def calendar(
    center: Annotated[str | None, typer.Option(help="Only the patients of this center.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only chest CTs that are overdue.")] = False,
    ics: Annotated[Path | None, typer.Option(help="Write what is due, to come and overdue as iCalendar.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the windows as CSV.")] = None,
    readings: ReadingsFile = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """The chest CTs of every patient with no evidence of disease: done, missed, due, to come, overdue."""
    from analytics.consensus.cases import Cases
    from analytics.schedule import TABLES_READ, schedule

    cohort = read_cohort(TABLES_READ, data_cut_on, readings=readings_in(readings))
    found = schedule(Cases(cohort.frames, cohort.data_cut, cohort.readings))
    if center is not None:
        _require_center(center, cohort.frames["patient"])
        found = found[found["center_id"] == center]
    if overdue:
        found = found[found["days_overdue"].notna()].sort_values(
            ["center_id", "days_overdue", "patient_id"], ascending=[True, False, True]
        )
    if ics is not None:
        write(ics, _ics(found, cohort.data_cut))
    if csv is not None:
        write(csv, found.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode())
    if json:
        print_json_list(_documents(found))
    else:
        _show(found, cohort.data_cut.isoformat(), overdue=overdue)


def _require_center(center: str, patient: pd.DataFrame) -> None:
    if not (patient["center_id"] == center).any():
        raise AnalysisRefused(
            "No patient is of this center", got=center, remedy="Name one as it stands in patient.center_id"
        )


def _ics(found: pd.DataFrame, data_cut: dt.date) -> bytes:
    from importlib.metadata import version

    from analytics.icalendar import calendar as written
    from analytics.icalendar import events

    return written(events(found), data_cut, version("oligomet"))


def _documents(found: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """A window a document, with plain values."""
    dates = ["ned_on", "opens", "due_on", "closes"]
    plain = found.assign(**{name: found[name].dt.strftime("%Y-%m-%d") for name in dates}).astype(object)
    yield from plain.where(plain.notna(), None).to_dict("records")


def _show(found: pd.DataFrame, data_cut: str, *, overdue: bool) -> None:
    from analytics.wording import counted

    console = Console()
    late = found[found["days_overdue"].notna()]
    episodes = len(found[["patient_id", "episode_no"]].drop_duplicates())
    if overdue:
        console.print(f"[bold]{counted(len(late), 'chest CT')} overdue[/] at the data cut {data_cut}")
        _show_overdue(console, late)
        return
    console.print(
        f"[bold]Surveillance after no evidence of disease[/]: {counted(episodes, 'episode')}, data cut {data_cut}"
    )
    _show_windows(console, found)
    console.print(f"[bold]{counted(len(late), 'chest CT')} overdue[/]; --overdue lists them by center")


def _show_windows(console: Console, found: pd.DataFrame) -> None:
    import pandas as pd

    from analytics.schedule import STATES

    counts = pd.crosstab(found["state"].astype(str), found["month"])
    table = Table("months after NED", *(_right(str(month)) for month in counts.columns), box=None, pad_edge=False)
    for state in STATES:
        if str(state) in counts.index:
            table.add_row(str(state), *(f"{number:,}" for number in counts.loc[str(state)]))
    console.print(table)


def _show_overdue(console: Console, late: pd.DataFrame) -> None:
    table = Table(
        "center", "patient", _right("episode"), _right("month"), "window closed", "state", _right("days overdue"),
        box=None, pad_edge=False,
    )  # fmt: skip
    for row in late.itertuples():
        table.add_row(
            escape(str(row.center_id)),
            escape(str(row.patient_id)),
            str(row.episode_no),
            str(row.month),
            str(row.closes.date()),
            str(row.state),
            f"{row.days_overdue:,}",
        )
    console.print(table)


def _right(name: str) -> Column:
    return Column(name, justify="right")
