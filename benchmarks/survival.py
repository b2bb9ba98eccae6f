"""How fast curves and tests are made, beside lifelines, scikit-survival, R and numpy; Table 1 from a database.

    python benchmarks/survival.py 1000 10000 100000 1000000 [--sksurv PYTHON] [--registry FOLDER]

Estimates: the same cohort for all, whole days over nine years, three quarters with the event, ten binary factors. Each
program runs in a process of its own; the least of several times counts, in CPU seconds, which other work on the machine
changes little. `km` is one Kaplan-Meier curve with limits from rows; `ten` the curves of ten factors with the log-rank
test of each; `cox` Cox's model with all ten. `floor` is one bincount for each factor, `numpy` the same counts made into
curves, Greenwood's sums, limits and tests in plain numpy, without a check of anything. scikit-survival runs where
--sksurv names an interpreter that has it, R where Rscript is there.

With --registry: from a database to the numbers of Table 1, and to its panel as SVG, on simulated patients. A cohort of
at most 100 000 is imported; a larger one is its rows several times over, under other identifiers, in the tables that
the analysis reads. Memory: the peak of the process, the data among it, above what it held with its libraries.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FACTORS = 10
IMPORTED = 100_000
CUT = dt.date(2026, 1, 1)

R_SCRIPT = """
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
repeats <- as.integer(commandArgs(TRUE)[2])
cpu <- function(e) sum(system.time(e)[c("user.self", "sys.self")])
least <- function(f) min(sapply(seq_len(repeats), function(i) cpu(f())))
km <- least(function() survfit(Surv(day, event) ~ 1, d, conf.type = "log-log"))
statistics <- NULL
ten <- cpu(for (f in paste0("f", 0:9)) {
  s <- Surv(d$day, d$event)
  survfit(s ~ d[[f]], conf.type = "log-log")
  statistics <- c(statistics, survdiff(s ~ d[[f]])$chisq)
})
cox <- cpu(coxph(Surv(day, event) ~ ., d, ties = "efron"))
cat(sprintf('{"km": %.6f, "ten": %.6f, "cox": %.6f, "statistics": [%s]}', km, ten, cox,
            paste(sprintf("%.15g", statistics), collapse = ", ")))
"""


def write_data(folder: Path, n: int) -> None:
    """The same cohort for all, as arrays and for R as CSV."""
    random = np.random.default_rng(1)
    x = random.random((n, FACTORS)) < random.uniform(0.1, 0.5, FACTORS)
    died = random.exponential(1500 * np.exp(-(x @ np.linspace(-0.3, 0.6, FACTORS))))
    seen = random.uniform(200, 3287, n)
    day, event = np.minimum(died, seen).astype(np.int64), died <= seen
    np.savez(folder / "data.npz", x=x, day=day, event=event)
    header = ",".join(["day", "event", *(f"f{at}" for at in range(FACTORS))])
    table = np.column_stack((day, event, x)).astype(np.int64)
    np.savetxt(folder / "data.csv", table, fmt="%d", delimiter=",", header=header, comments="")


def _oligomet(data: dict[str, Any], repeats: int) -> dict[str, Any]:
    import pandas as pd

    from analytics.cox_fit import cox_fit
    from analytics.daytable import day_table, day_table_by
    from analytics.kaplan_meier import kaplan_meier
    from analytics.logrank import logrank
    from analytics.survival import survival_times

    day, event = data["day"], data["event"]
    factors = [pd.Series(pd.Categorical.from_codes(f.astype(np.int8), ["no", "yes"])) for f in data["x"].T]
    # What is imported late is not timed.
    logrank(day_table(survival_times([1, 2, 2], [1, 1, 0], group=["a", "b", "a"])))
    cox_fit(survival_times([1, 2, 3], [1, 1, 0]), np.array([[0], [1], [0]]))

    def ten() -> list[float | None]:
        times = survival_times(day, event)
        tables = [day_table_by(times, factor) for factor in factors]
        return [(kaplan_meier(table), logrank(table))[1].statistic for table in tables]

    before = _peak()
    found: dict[str, Any] = {"km": _least(lambda: kaplan_meier(day_table(survival_times(day, event))), repeats)[0]}
    found["ten"], found["statistics"] = _least(ten, repeats)
    found["memory"] = (_peak() - before + _bytes(data)) / _bytes(data)
    found["cox"] = _least(lambda: cox_fit(survival_times(day, event), data["x"]), repeats)[0]
    return found


def _lifelines(data: dict[str, Any], repeats: int) -> dict[str, Any]:
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    day, event = data["day"], data["event"]

    def ten() -> list[float]:
        statistics = []
        for factor in data["x"].T:
            for group in (~factor, factor):
                KaplanMeierFitter().fit(day[group], event[group])
            statistics.append(float(multivariate_logrank_test(day, factor, event).test_statistic))
        return statistics

    before = _peak()
    found: dict[str, Any] = {"km": _least(lambda: KaplanMeierFitter().fit(day, event), repeats)[0]}
    found["ten"], found["statistics"] = _least(ten, 1)
    found["memory"] = (_peak() - before + _bytes(data)) / _bytes(data)
    frame = pd.DataFrame(data["x"].astype(float)).assign(day=day, event=event)
    found["cox"] = _least(lambda: CoxPHFitter().fit(frame, "day", "event"), 1)[0]
    return found


def _sksurv(data: dict[str, Any], repeats: int) -> dict[str, Any]:
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    day, event = data["day"].astype(float), data["event"]
    outcome = Surv.from_arrays(event, day)

    def ten() -> list[float]:
        statistics = []
        for factor in data["x"].T:
            for group in (~factor, factor):
                kaplan_meier_estimator(event[group], day[group], conf_type="log-log")
            statistics.append(float(compare_survival(outcome, factor)[0]))
        return statistics

    before = _peak()
    found: dict[str, Any] = {"km": _least(lambda: kaplan_meier_estimator(event, day, conf_type="log-log"), repeats)[0]}
    found["ten"], found["statistics"] = _least(ten, 1)
    found["memory"] = (_peak() - before + _bytes(data)) / _bytes(data)
    x = data["x"].astype(float)
    found["cox"] = _least(lambda: CoxPHSurvivalAnalysis(ties="efron").fit(x, outcome), 1)[0]
    return found


def _plain(data: dict[str, Any], repeats: int) -> dict[str, Any]:
    day, event, factors = data["day"], data["event"], [f.astype(np.int64) for f in data["x"].T]
    width = int(day.max()) + 1

    def floor() -> list[Any]:
        return [np.bincount((factor * width + day) * 2 + event, minlength=4 * width) for factor in factors]

    def ten() -> list[float]:
        return [_curves_and_test(counts.reshape(2, width, 2)) for counts in floor()]

    return {"floor": _least(floor, repeats)[0]} | dict(zip(("ten", "statistics"), _least(ten, repeats), strict=True))


def _curves_and_test(counts: np.ndarray) -> float:
    """The statistic of two groups; their curves, Greenwood's sums and limits are made beside it."""
    d, left = counts[..., 1].astype(float), counts.sum(axis=2)
    y = np.cumsum(left[:, ::-1], axis=1)[:, ::-1].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(y > 0, 1 - d / y, 1), axis=1)
        spread = 1.96 * np.sqrt(np.cumsum(np.where(d > 0, d / (y * (y - d)), 0), axis=1)) / np.log(survival)
        np.exp(-np.exp(np.log(-np.log(survival))[None] + np.array([-1, 1])[:, None, None] * spread))
    at, all_y, all_d = d.sum(axis=0) > 0, y.sum(axis=0), d.sum(axis=0)
    expected = (all_d[at] * y[1, at] / all_y[at]).sum()
    share = y[1, at] / all_y[at]
    variance = (all_d[at] * share * (1 - share) * (all_y[at] - all_d[at]) / np.maximum(all_y[at] - 1, 1)).sum()
    return float((d[1].sum() - expected) ** 2 / variance)


PROGRAMS: dict[str, Callable[[dict[str, Any], int], dict[str, Any]]] = {
    "oligomet": _oligomet,
    "lifelines": _lifelines,
    "sksurv": _sksurv,
    "numpy": _plain,
}


def _least(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    times = []
    for _ in range(repeats):
        result = None  # the last result is not held while the next one is made
        started = time.process_time()
        result = call()
        times.append(time.process_time() - started)
    return min(times), result


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _bytes(data: dict[str, Any]) -> int:
    return int(sum(part.nbytes for part in data.values()))


def compare(sizes: list[int], sksurv: str | None) -> None:
    """Measure all programs at all sizes and print a table for each size."""
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, repeats = Path(name), 5 if n <= 100_000 else 3
            write_data(folder, n)
            found = {
                program: _run([interpreter, __file__, "--program", program, "--data", name, str(repeats)])
                for program, interpreter in (
                    ("oligomet", sys.executable),
                    ("numpy", sys.executable),
                    ("lifelines", sys.executable),
                    ("sksurv", sksurv),
                )
                if interpreter
            }
            if rscript := shutil.which("Rscript"):
                script = folder / "survival.R"
                script.write_text(R_SCRIPT, encoding="utf-8")
                found["R"] = _run([rscript, str(script), str(folder / "data.csv"), str(repeats)])
        print(f"\n{n:,} patients\n".replace(",", " "))
        print("| | km, s | ten, s | cox, s | ten / oligomet | cox / oligomet | memory / data | largest difference |")
        print("|---" * 8 + "|")
        own = found["oligomet"]
        print(_line("floor", {"ten": found["numpy"]["floor"]}, own))
        for program, took in found.items():
            print(_line(program, took, own), flush=True)


def _line(program: str, took: dict[str, Any], own: dict[str, Any]) -> str:
    cells = [program]
    cells += [f"{took[what]:.4f}" if what in took else "–" for what in ("km", "ten", "cox")]
    cells += [f"{took[what] / own[what]:.2f}" if what in took else "–" for what in ("ten", "cox")]
    cells.append(f"{took['memory']:.1f}" if "memory" in took else "–")
    away = np.abs(np.array(took["statistics"]) / own["statistics"] - 1).max() if "statistics" in took else None
    cells.append("–" if away is None else f"{away:.0e}")
    return "| " + " | ".join(cells) + " |"


def registry(folder: Path, n: int) -> str:
    """The address of a registry with so many simulated patients, made where it is not there."""
    from registry import schema
    from registry.access import operator
    from registry.actions import import_source
    from registry.database import open_engine
    from registry.exchange.formats import open_source
    from registry.simulate import simulate

    file, imported = folder / f"{n}.db", min(n, IMPORTED)
    if not file.exists():
        if n > imported:
            _several_times(registry(folder, imported), file, n // imported)
            return f"sqlite:///{file}"
        cohort = folder / f"cohort-{n}"
        simulate(cohort, patients=n, seed=1)
        for path in cohort.glob("*.csv"):
            if path.stem not in ("center", *_tables()):
                path.unlink()
        engine = open_engine(f"sqlite:///{file}")
        schema.create_or_upgrade(engine)
        outcome = import_source(engine, open_source(cohort), by=operator(), reason=None)
        assert not outcome.problems, outcome.problems[:3]
        engine.dispose()
    return f"sqlite:///{file}"


def _tables() -> tuple[str, ...]:
    from analytics.endpoints import TABLES_READ

    return TABLES_READ


def _several_times(address: str, file: Path, times: int) -> None:
    """A copy of a registry in which each patient stands so many times."""
    import sqlite3

    shutil.copy(address.removeprefix("sqlite:///"), file)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for table in _tables():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            others = ", ".join(columns[1:])
            assert columns[0] == "patient_id"
            connection.execute(f"CREATE TEMP TABLE once AS SELECT * FROM {table}")
            for at in range(1, times):
                connection.execute(
                    f"INSERT INTO {table} (patient_id, {others}) SELECT patient_id || '-{at}', {others} FROM once"
                )
            connection.execute("DROP TABLE once")


def from_database(address: str) -> dict[str, Any]:
    """What the way from a database to Table 1 and to its panel takes, in parts."""
    from analytics.cohort import cohort_at
    from analytics.figures.panel import panel_figure
    from analytics.figures.style import save
    from analytics.outcomes import survival_analysis
    from analytics.table1 import table1
    from registry.database import open_engine
    from registry.frames import read_frames

    before = _peak()
    read, cohort = _least(lambda: cohort_at(read_frames(open_engine(address), _tables()), CUT), 2)
    size = sum(int(frame.memory_usage().sum()) for frame in cohort.frames.values())
    table1(cohort)
    made, table = _least(lambda: table1(cohort), 3)
    page, _ = _least(lambda: survival_analysis(cohort, by="multiple_lesions").to_dict(), 3)
    drawn, _ = _least(lambda: save(panel_figure(table), BytesIO(), "svg"), 2)
    return {
        "analyzed": len(table.chosen.times),
        "read": read,
        "table1": made,
        "page": made + page,
        "panel": drawn,
        "memory": (_peak() - before) / size,
        "size": size,
    }


def end_to_end(sizes: list[int], folder: Path) -> None:
    """Print how long Table 1 and its panel take from a database at all sizes."""
    print("\n| patients | analyzed | reading, s | numbers of Table 1, s | a page's results, s | panel, s", end="")
    print(" | database to numbers, s | database to panel, s | memory / frames | frames, MB |")
    print("|---" * 10 + "|")
    for n in sizes:
        took = _run([sys.executable, __file__, "--program", "database", "--data", registry(folder, n), "1"])
        numbers = took["read"] + took["table1"]
        cells = [f"{n:,}".replace(",", " "), f"{took['analyzed']:,}".replace(",", " ")]
        cells += [f"{took[part]:.3f}" for part in ("read", "table1", "page", "panel")]
        cells += [f"{numbers:.3f}", f"{numbers + took['panel']:.3f}", f"{took['memory']:.1f}"]
        print("| " + " | ".join([*cells, f"{took['size'] / 1e6:.0f}"]) + " |", flush=True)


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    """Measure, or run one program for a measurement."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--sksurv", help="an interpreter that has scikit-survival")
    parser.add_argument("--registry", type=Path, help="measure from a database; registries are kept in this folder")
    parser.add_argument("--program", choices=[*PROGRAMS, "database"], help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.program == "database":
        print(json.dumps(from_database(asked.data)))
    elif asked.program:
        data = dict(np.load(Path(asked.data) / "data.npz"))
        print(json.dumps(PROGRAMS[asked.program](data, asked.sizes[0])))
    elif asked.registry:
        asked.registry.mkdir(parents=True, exist_ok=True)
        end_to_end(asked.sizes, asked.registry)
    else:
        compare(asked.sizes, asked.sksurv)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
