"""All rules beside the reading of the tables, as a ratio within one run; by chapter; one patient; peak memory.

    python benchmarks/rules.py --patients 10000 100000 [--folder FOLDER]

A simulated cohort is imported once into a folder, which is used again where it is given. Each step runs in a process of
its own and is timed in CPU seconds; the least of --rounds counts. The steps: reading the tables that the rules need
into typed frames; the same in parts with every rule, bundle and figure beside judged and rolled up; the chapters one
after the other; the case lines of some patients; one patient after the imports.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from analytics.adherence import Adherence
from analytics.audit.judged import PATIENTS_AT_ONCE, TABLES_READ, judge
from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.rule import Beside, Rule
from analytics.consensus.rules import CHAPTERS
from analytics.consensus.verdicts import Judgement, Verdicts, documents
from registry import schema
from registry.access import operator
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from registry.frames import patient_frames, read_frames, read_parts
from registry.simulate import simulate

CUT = dt.date.today()
_PATIENTS_LISTED = 500


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the process, which other work on the machine changes little, and the result."""
    start = time.process_time()
    result = step()
    return time.process_time() - start, result


def filled(folder: Path, patients: int) -> str:
    """The address of a registry with so many simulated patients, made where it is not there."""
    file, cohort = folder / f"{patients}.db", folder / f"cohort-{patients}"
    if not file.exists():
        simulate(cohort, patients=patients, seed=1)
        engine = open_engine(f"sqlite:///{file}")
        schema.create_or_upgrade(engine)
        outcome = import_source(engine, open_source(cohort), by=operator(), reason=None)
        assert not outcome.problems, outcome.problems[:3]
        engine.dispose()
    return f"sqlite:///{file}"


def reading(url: str) -> dict[str, Any]:
    seconds, frames = timed(lambda: read_frames(open_engine(url), TABLES_READ))
    return {"seconds": seconds, "rows": sum(map(len, frames.values()))}


def rules(url: str) -> dict[str, Any]:
    def step() -> Adherence:
        parts = read_parts(open_engine(url), TABLES_READ, PATIENTS_AT_ONCE, once=("screening_log",))
        found = Adherence(judge((cohort_at(frames, CUT) for _, frames in parts), by=("route",)))
        list(found.documents())
        return found

    seconds, found = timed(step)
    return {"seconds": seconds, "episodes": len(found.judged.episodes)}


def chapters(url: str) -> dict[str, Any]:
    """Seconds by chapter over the first part; a chapter pays for the facts that no earlier one asked for."""
    _, frames = next(iter(read_parts(open_engine(url), TABLES_READ, PATIENTS_AT_ONCE)))
    seconds, cohort = timed(lambda: cohort_at(frames, CUT))
    found = {"data cut": seconds}
    cases = Cases(cohort.frames, CUT)
    for chapter, of_chapter in CHAPTERS.items():
        found[chapter], _ = timed(partial(getattr, Verdicts(cases, of_chapter), "judgements"))
    figures = [(rule, figure) for of_chapter in CHAPTERS.values() for rule in of_chapter for figure in rule.beside]
    found["figures beside"], _ = timed(lambda: [_figure(Verdicts(cases, ()), *one) for one in figures])
    return {"seconds": sum(found.values()), "chapters": found}


def _figure(verdicts: Verdicts, rule: Rule, figure: Beside) -> list[Judgement]:
    if figure.tolerance is None:
        return [verdicts.beside(rule, figure)]
    return list(verdicts.windows_beside(rule, figure))


def lines(url: str) -> dict[str, Any]:
    """Microseconds a case line with its reasons."""
    _, frames = next(iter(read_parts(open_engine(url), TABLES_READ, _PATIENTS_LISTED)))
    cohort = cohort_at(frames, CUT)
    verdicts = Verdicts(Cases(cohort.frames, CUT))
    rows = range(len(cohort.frames["episode"]))
    assert verdicts.judgements
    seconds, count = timed(lambda: sum(1 for _ in documents(verdicts, rows)))
    return {"seconds": seconds, "microseconds": 1e6 * seconds / count}


def patient(url: str) -> dict[str, Any]:
    """One patient's verdicts with their reasons, after the imports; the least of ten."""
    engine = open_engine(url)
    with engine.connect() as connection:
        frames = patient_frames(connection, read_frames(engine, ("patient",))["patient"]["patient_id"].iloc[0])

    def step() -> int:
        cohort = cohort_at({name: frames[name] for name in TABLES_READ}, CUT)
        verdicts = Verdicts(Cases(cohort.frames, CUT))
        return sum(1 for _ in documents(verdicts, range(len(cohort.frames["episode"]))))

    return {"seconds": min(timed(step)[0] for _ in range(10))}


STEPS = {"reading": reading, "rules": rules, "chapters": chapters, "lines": lines, "patient": patient}


def in_own_process(step: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, url], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def compare(folder: Path, patients: int, rounds: int) -> None:
    url = filled(folder, patients)
    best = {
        step: min((in_own_process(step, url) for _ in range(rounds)), key=lambda found: float(found["seconds"]))
        for step in STEPS
    }
    read, judged = best["reading"], best["rules"]
    print(f"{patients} patients, {judged['episodes']} episodes, {read['rows']} rows")
    print(f"  reading the tables          {read['seconds']:8.2f} s  (peak {read['peak_mib']:.0f} MiB)")
    print(f"  reading, rules and figures  {judged['seconds']:8.2f} s  (peak {judged['peak_mib']:.0f} MiB)")
    print(f"  ratio of rules to reading   {judged['seconds'] / read['seconds'] - 1:8.2f}")
    print(f"  a case line with reasons    {best['lines']['microseconds']:8.0f} us")
    print(f"  one patient                 {1000 * best['patient']['seconds']:8.1f} ms")
    for chapter, seconds in best["chapters"]["chapters"].items():
        print(f"    {chapter:46} {seconds:6.3f} s")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=[10_000])
    parser.add_argument("--folder", type=Path, help="where registries are kept for the next time")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("url", nargs="?", default="")
    given = parser.parse_args()
    if given.step:
        found = STEPS[given.step](given.url)
        found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as scratch:
        for patients in given.patients:
            compare(given.folder or Path(scratch), patients, given.rounds)


if __name__ == "__main__":
    main()
