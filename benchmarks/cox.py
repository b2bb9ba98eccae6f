"""How fast Cox's model is fitted, beside lifelines and R: python benchmarks/cox.py 1000 10000 100000 1000000

Ten binary factors, three quarters with the event, whole days over nine years. Each program runs in a process of its
own on the same data, the least of several times counts; R only where Rscript is there. `all` is the fit with
concordance and the test of proportional hazards. Memory: the peak of the process, the data among it, above what it held
with its libraries.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

R_SCRIPT = """
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
took <- sapply(seq_len(as.integer(commandArgs(TRUE)[2])), function(i)
  system.time(fit <<- coxph(Surv(day, event) ~ ., d, ties = "efron"))["elapsed"])
zph <- system.time(cox.zph(fit))["elapsed"]
cat(sprintf('{"fit": %.6f, "all": %.6f, "coefficients": [%s]}', min(took), min(took) + zph,
            paste(sprintf("%.15g", coef(fit)), collapse = ", ")))
"""


def write_data(folder: Path, n: int) -> None:
    """The same cohort for all, as arrays and for R as CSV."""
    random = np.random.default_rng(1)
    x = random.random((n, 10)) < random.uniform(0.1, 0.5, 10)
    died = random.exponential(1500 * np.exp(-(x @ np.linspace(-0.3, 0.6, 10))))
    seen = random.uniform(200, 3500, n)
    day, event = np.minimum(died, seen).astype(np.int64), died <= seen
    np.savez(folder / "data.npz", x=x, day=day, event=event)
    header = ",".join(["day", "event", *(f"f{at}" for at in range(10))])
    table = np.column_stack((day, event, x)).astype(np.int64)
    np.savetxt(folder / "data.csv", table, fmt="%d", delimiter=",", header=header, comments="")


def measure(program: str, folder: Path, repeats: int) -> None:
    """Run one program on the data of a folder and print what it took, as JSON."""
    found = _oligomet(folder, repeats) if program == "oligomet" else _lifelines(folder, repeats)
    print(json.dumps(found))


def _oligomet(folder: Path, repeats: int) -> dict:
    from analytics.cox_concordance import concordance
    from analytics.cox_fit import cox_fit
    from analytics.cox_tests import proportional_hazards
    from analytics.survival import survival_times

    proportional_hazards(cox_fit(survival_times([1, 2, 3], [1, 1, 0]), np.array([[0], [1], [0]])))
    before = _memory()
    data = np.load(folder / "data.npz")
    times, x = survival_times(data["day"], data["event"]), data["x"]
    fitted, fit = _least(lambda: cox_fit(times, x), repeats)
    grown = _peak() - before
    more, _ = _least(lambda: (concordance(fit), proportional_hazards(fit)), 1)
    size = sum(part.nbytes for part in (x, times.day, times.event, times.entry, times.group))
    coefficients = fit.coefficients.tolist()
    return {"fit": fitted, "all": fitted + more, "memory": grown, "data": size, "coefficients": coefficients}


def _lifelines(folder: Path, repeats: int) -> dict:
    import pandas as pd
    from lifelines import CoxPHFitter

    before = _memory()
    data = np.load(folder / "data.npz")
    x = pd.DataFrame(data["x"].astype(float), columns=[f"f{at}" for at in range(10)])
    frame = x.assign(day=data["day"], event=data["event"])
    fitted, fit = _least(lambda: CoxPHFitter().fit(frame, "day", "event"), repeats)
    size = int(frame.memory_usage().sum())
    return {"fit": fitted, "memory": _peak() - before, "data": size, "coefficients": fit.params_.tolist()}


def _least(call: Callable[[], object], repeats: int) -> tuple[float, object]:
    times = []
    for _ in range(repeats):
        result = None  # the last result is not held while the next one is made
        started = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - started)
    return min(times), result


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(sizes: list[int]) -> None:
    """Measure all programs at all sizes and print a table."""
    print(
        "| patients | oligomet, s | with concordance and PH test, s | lifelines, s | R coxph, s | R with cox.zph, s "
        "| lifelines / oligomet | R / oligomet | memory / data | lifelines: memory / data | largest difference |"
    )
    print("|---" * 11 + "|")
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, repeats = Path(name), 5 if n <= 100_000 else 2
            write_data(folder, n)
            own = [sys.executable, __file__]
            mine, theirs = (_run([*own, program, name, str(repeats)]) for program in ("oligomet", "lifelines"))
            script = folder / "cox.R"
            script.write_text(R_SCRIPT, encoding="utf-8")
            rscript = shutil.which("Rscript")
            r = _run([rscript, str(script), str(folder / "data.csv"), str(repeats)]) if rscript else None
        away = [
            np.max(np.abs(np.array(mine["coefficients"]) - other["coefficients"])) for other in (theirs, r) if other
        ]
        cells = [
            f"{n:,}".replace(",", " "),
            f"{mine['fit']:.3f}",
            f"{mine['all']:.3f}",
            f"{theirs['fit']:.3f}",
            f"{r['fit']:.3f}" if r else "–",
            f"{r['all']:.3f}" if r else "–",
            f"{theirs['fit'] / mine['fit']:.1f}",
            f"{r['fit'] / mine['fit']:.1f}" if r else "–",
            f"{mine['memory'] / mine['data']:.1f}",
            f"{theirs['memory'] / theirs['data']:.1f}",
            f"{max(away):.0e}",
        ]
        print("| " + " | ".join(cells) + " |", flush=True)


def _run(command: list[str]) -> dict:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in ("oligomet", "lifelines"):
        measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main([int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000])
