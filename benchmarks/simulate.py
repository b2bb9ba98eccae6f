"""How fast a cohort is simulated, and in how much memory: python benchmarks/simulate.py 10000 100000

Each size runs in a process of its own, so that the peak is its own; no known truth is written.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def measure(patients: int) -> None:
    """Simulates a cohort into a temporary folder and prints what it took."""
    from registry.simulate import simulate

    with tempfile.TemporaryDirectory() as folder:
        started, used = time.perf_counter(), time.process_time()
        simulate(Path(folder) / "cohort", patients=patients, seed=1)
        elapsed, used = time.perf_counter() - started, time.process_time() - used
        size = sum(file.stat().st_size for file in (Path(folder) / "cohort").iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{patients:>8} patients: {patients / elapsed:6.0f} patients/s ({patients / used:.0f} a CPU second), "
        f"peak {peak:.0f} MiB, {size / 2**20:.0f} MiB written"
    )


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000]
    if len(sizes) == 1:
        measure(sizes[0])
    else:
        for size in sizes:
            subprocess.run([sys.executable, __file__, str(size)], check=True)
