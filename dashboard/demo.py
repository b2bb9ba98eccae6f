"""The demo: a registry of its own, filled with simulated patients the way real ones come in, and a survival figure.

It lives in a home of its own (``demo`` in ``OLIGOMET_HOME``), with its keys and the heads of its trail, so that nothing
of it meets another registry. Only a folder that holds the marker file was made by the demo, and only such a folder is
ever replaced.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from analytics.snapshots import create_snapshot
from dashboard import demo_accounts
from dashboard.demo_accounts import MARKER
from registry import anchor, schema
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import home, open_engine, reading
from registry.errors import EnvironmentRefused, InputRefused
from registry.exchange.formats import open_source
from registry.simulate import simulate
from registry.tables import TABLES

_MARKED = "Made by `oligomet demo`, which replaces this folder whenever it runs.\n"
FIGURES = ("survival.svg", "survival.png")
REPORT = "report.html"
SNAPSHOT, SNAPSHOT_CUT = "first-paper", dt.date(2023, 12, 31)
_QUESTION = "Who lives longer after lung resection?"

_SIMULATED = 0.15
"""The share of the work that simulating is."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """The folder of the demo, and the engine on its registry."""

    folder: Path
    engine: Engine


def make_registry(*, patients: int, seed: int, progress: Progress) -> Demo:
    """A fresh registry in the folder of the demo, filled with simulated patients; an earlier demo is replaced.

    From then on it is the registry of this process, whatever the environment named.

    Raises EnvironmentRefused where the folder is not the demo's, or cannot be written.
    """
    folder = home().resolve() / "demo"
    _clear(folder)
    engine = open_engine(URL.create("sqlite", database=str(folder / "oligomet.db")))
    # A head of the earlier trail that somebody's verification remembered would make the new one look cut.
    anchor.forget(engine)
    os.environ["OLIGOMET_HOME"] = str(folder)
    os.environ.pop("OLIGOMET_DATABASE_URL", None)
    schema.create_or_upgrade(engine)
    with tempfile.TemporaryDirectory(prefix="oligomet-demo-") as scratch:
        data = Path(scratch) / "demo"
        simulate(
            data,
            patients=patients,
            seed=seed,
            progress=lambda done: progress(_SIMULATED * done / patients, "simulating patients"),
        )
        outcome = import_source(
            engine,
            open_source(data),
            by=Actor("demo", Role.ADMINISTRATOR),
            reason="simulated patients",
            progress=lambda share, what: progress(_SIMULATED + (1 - _SIMULATED) * share, what),
        )
    if outcome.problems:
        first = outcome.problems[0]
        raise InputRefused(
            f"The simulated patients were refused: {first.problem}",
            got=f"{first.file} line {first.line}",
            remedy="Please report this with the seed",
        )
    demo_accounts.make(engine, _largest_center(engine), by=Actor("demo", Role.ADMINISTRATOR))
    engine.dispose()  # frames are read by another SQLite library: see store.py
    create_snapshot(engine, SNAPSHOT, SNAPSHOT_CUT, by=Actor("demo", Role.ADMINISTRATOR), note=_QUESTION)
    engine.dispose()
    return Demo(folder, engine)


def _largest_center(engine: Engine) -> str:
    center = TABLES["patient"].__table__.c.center_id
    with reading(engine) as connection:
        query = sa.select(center).group_by(center).order_by(sa.func.count().desc(), center).limit(1)
        return str(connection.execute(query).scalar_one())


def _clear(folder: Path) -> None:
    """An empty folder with the marker; what an earlier demo left in it is gone."""
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARKER).is_file():
                raise EnvironmentRefused(
                    "The folder of the demo holds files that the demo did not make",
                    got=str(folder),
                    remedy="Move them away, or set OLIGOMET_HOME to another folder",
                )
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / MARKER).write_text(_MARKED, encoding="utf-8")
    except OSError as error:
        raise EnvironmentRefused(
            "The folder of the demo cannot be written", got=error.strerror, remedy="Check its rights and its disk"
        ) from error


def draw_survival(demo: Demo) -> list[Path]:
    """Draws overall survival from the first radical lung resection beside the registry; none where nobody had one."""
    from analytics.cohort import cohort_at
    from analytics.endpoints import TABLES_READ
    from analytics.figures.kaplan_meier import kaplan_meier_figure
    from analytics.figures.style import save
    from analytics.outcomes import survival_analysis
    from registry.frames import read_frames

    result = survival_analysis(cohort_at(read_frames(demo.engine, TABLES_READ), dt.date.today()))
    if not result.curves:
        return []
    figure = kaplan_meier_figure(result)
    paths = [demo.folder / name for name in FIGURES]
    for path in paths:
        save(figure, path)
    return paths


def write_report(demo: Demo, progress: Progress) -> Path:
    """Writes the report of outcomes and audit beside the registry."""
    from analytics.report.make import make_report
    from analytics.report.material import Settings

    path = demo.folder / REPORT
    path.write_text(make_report(Settings(title="Report of the demo: simulated patients"), None, progress), "utf-8")
    return path
