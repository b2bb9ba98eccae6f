"""The command that judges the data: check."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from registry.access import Permission, operator
from registry.errors import UsageError
from registry.terminal import DataCut, Json, data_cut, messages, open_registry, print_json_list

if TYPE_CHECKING:
    from registry.findings import Finding
    from registry.quality import Completeness, Timeliness

app = typer.Typer()


@app.command()
def check(
    center: Annotated[str | None, typer.Option(help="Only this center.")] = None,
    json: Json = False,
    data_cut_on: DataCut = None,
) -> None:
    """List what is implausible, how complete each column is at each center, and how timely the data are."""
    from registry.cut import cut_frames, enrolled_by
    from registry.database import reading
    from registry.findings import findings
    from registry.frames import read_frames
    from registry.quality import completeness, first_entries, timeliness

    operator().require(Permission.READ_RECORDS)
    cut, engine = data_cut(data_cut_on), open_registry()
    frames = enrolled_by(cut_frames(read_frames(engine), cut), cut)
    centers = frames["center"]["center_id"].tolist()
    if center is not None and center not in centers:
        raise UsageError("There is no such center", got=center, remedy=f"Take one of {', '.join(centers)}")

    def of_center(items: Iterable[_Line]) -> list[_Line]:
        return [item for item in items if center is None or item.center_id == center]

    with reading(engine) as connection:
        found = of_center(findings(connection, frames, cut))
        timely = of_center(timeliness(frames, first_entries(connection), cut))
    complete = of_center(completeness(frames))
    if json:
        kinds: tuple[tuple[str, Iterable[Any]], ...] = (
            ("finding", found),
            ("completeness", complete),
            ("timeliness", timely),
        )
        print_json_list({"kind": kind, **dataclasses.asdict(item)} for kind, items in kinds for item in items)
        return
    _show_findings(found)
    _show_completeness(complete)
    _show_timeliness(timely)


if TYPE_CHECKING:
    from typing import TypeVar

    _Line = TypeVar("_Line", Finding, Completeness, Timeliness)


def _whole(name: str) -> Column:
    return Column(name, overflow="fold", min_width=30)  # an identifier is of use only where all of it stands there


def _show_findings(found: list[Finding]) -> None:
    table = Table(_whole("check"), "expected", "findings", "open", "centers", title="Edit checks")
    count = Counter(item.check_id for item in found)
    for check_id, number in count.most_common():
        items = [item for item in found if item.check_id == check_id]
        opened = sum(item.state != "closed" for item in items)
        centers = len({item.center_id for item in items})
        table.add_row(check_id, items[0].sentence, str(number), str(opened), str(centers))
    Console().print(table)
    patients = len({item.owner for item in found})
    messages.print(f"{len(found)} findings in {patients} patients; --json lists each with its patient and row.")


LEAST_COMPLETE = 15


def _show_completeness(complete: list[Completeness]) -> None:
    rows: Counter[tuple[str, str]] = Counter()
    blank: Counter[tuple[str, str]] = Counter()
    coded: Counter[tuple[str, str]] = Counter()
    for item in complete:
        place = (item.table, item.column)
        rows[place] += item.rows
        blank[place] += item.blank
        coded[place] += sum(item.missing.values())
    columns = (_whole("column"), "rows", "blank", "missing code", "filled")
    table = Table(*columns, title="The columns with most blanks")
    for place in sorted(rows, key=lambda place: -blank[place] / rows[place])[:LEAST_COMPLETE]:
        share = 1 - (blank[place] + coded[place]) / rows[place]
        numbers = (str(rows[place]), str(blank[place]), str(coded[place]), f"{100 * share:.1f} %")
        table.add_row(".".join(place), *numbers)
    Console().print(table)


def _show_timeliness(timely: list[Timeliness]) -> None:
    from registry.quality import OVERDUE_DAYS

    columns = ("center", "patients", "days to entry", "alive", "days since contact", f"over {OVERDUE_DAYS} days")
    table = Table(*columns, title="Timeliness (medians)")
    for item in timely:
        overdue = f"{item.overdue} ({100 * item.overdue / item.alive:.0f} %)" if item.alive else "0"
        days = [f"{d:.0f}" if d is not None else "–" for d in (item.entry_delay_days, item.contact_age_days)]
        table.add_row(item.center_id, str(item.patients), days[0], str(item.alive), days[1], overdue)
    Console().print(table)
