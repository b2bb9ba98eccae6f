"""`oligomet daytable` and `oligomet survival --from-daytables`: what is shared gives the numbers of the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analytics.test_survival_command import Command, cohort, survival

__all__ = ["cohort", "survival"]


@pytest.fixture
def daytable(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    return Command(monkeypatch, capsys, "daytable")


@pytest.mark.parametrize("asked", [("--by", "ecog"), ("--endpoint", "recurrence", "--by", "sex")])
def test_day_tables_of_the_centers_give_the_numbers_of_the_rows(
    survival: Command, daytable: Command, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    names = [group["label"] for group in survival.document("--by", "center_id", "--origin", "lung_diagnosis")["groups"]]
    paths = []
    for name in names:
        paths.append(str(tmp_path / f"{name}.csv"))
        written = daytable.document(paths[-1], *asked, "--center", name)
        assert (written["center"], written["by"]) == (name, asked[-1])
    assert len(paths) > 3
    rows = survival.document(*asked)
    assert survival.document("--from-daytables", *paths) == rows
    assert survival.document("--from-daytables", *reversed(paths)) == rows
    within = survival.document(*asked, "--stratify", "center")
    from_tables = survival.document("--from-daytables", *paths, "--stratify", "center")
    for key in set(within) - {"logrank", "trend", "pairwise"}:
        assert from_tables[key] == within[key]
    if within["logrank"]:
        assert from_tables["logrank"]["statistic"] == pytest.approx(within["logrank"]["statistic"], rel=1e-12)
    status, _, err = survival("--from-daytables", *paths, "--endpoint", "os")
    assert status == 2
    assert "--endpoint" in err


def test_a_protected_day_table(survival: Command, daytable: Command, tmp_path: Path) -> None:
    path = tmp_path / "os.csv"
    head = daytable.document(str(path), "--min-cell", "5")
    assert head["min_cell"] == 5
    rows, shared = survival.document(), survival.document("--from-daytables", str(path))
    assert (shared["n"], shared["events"], shared["min_cell"]) == (rows["n"], rows["events"], 5)
    counts = [row[kind] for row in shared["groups"][0]["curve"] for kind in ("events", "censored")]
    assert min(count for count in counts if count) >= 5
    status, out, _ = survival("--from-daytables", str(path))
    assert status == 0
    assert "merged over adjacent days" in out
    status, _, err = daytable(str(path), "--endpoint", "recurrence", "--min-cell", "5")
    assert status == 1
    assert "--no-delayed-entry" in err
    status, _, err = daytable(str(path), "--endpoint", "local_failure")
    assert status == 1
    assert "one patient" in err
