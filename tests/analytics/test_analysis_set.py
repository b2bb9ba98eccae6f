"""The analysis set: nobody in it is recognized, it says what oligomet says, and R makes the main table from it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics.baseline import TABLES_READ
from analytics.classify import classify
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.factors import FACTORS
from analytics.endpoints import ENDPOINTS, analysis_set
from analytics.export.columns import Rows, rows
from analytics.export.disclosure import LIMITS, MIN_CELL, deidentified
from analytics.export.files import to_parquet, to_stata, write_analysis_set
from analytics.outcomes import survival_analysis
from analytics.source import provenance
from analytics.table1 import table1
from registry import cells
from registry.errors import InputRefused, UsageError
from registry.simulate import simulate
from tests.analytics.conftest import NO_R, Command
from tests.analytics.hand import CUT, Registry, operated

KEY = bytes(range(32))
PATIENTS = 1000
DATA = {"data_cut": CUT, "fingerprint": "0" * 64, "snapshot": None}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Simulated patients at a data cut: enough of them for a model of all factors."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "data", patients=PATIENTS, seed=5)
    found: dict[str, list[dict[str, str]]] = {}
    for name in TABLES_READ:
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    frames = cells.frames(found)
    return cohort_at({name: frames[name] for name in TABLES_READ}, dt.date.fromisoformat(CUT))


@pytest.fixture(scope="module")
def made(cohort: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of their analysis set."""
    path = tmp_path_factory.mktemp("set") / "made"
    write_analysis_set(path, cohort, KEY, provenance(cohort), format="stata")
    return path


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path / "analysis_set.csv", keep_default_na=False, na_values=[""], low_memory=False)


def _of(registry: Registry, key: bytes = KEY, origin: str = "lung_resection") -> Rows:
    frames = registry.frames()
    cohort = cohort_at({name: frames[name] for name in TABLES_READ}, dt.date.fromisoformat(CUT))
    return deidentified(rows(cohort, origin), key)


# What it holds.


def test_one_row_a_patient_and_episode(cohort: Cohort, made: Path) -> None:
    found = _read(made)
    assert found["study_id"].nunique() == len(cohort.frames["patient"])
    assert found["episode_no"].notna().sum() == len(cohort.frames["episode"])
    assert not found.duplicated(["study_id", "episode_no"]).any()
    assert (found[found["is_origin"] == "yes"].groupby("study_id").size() == 1).all()


def test_times_events_and_entries_are_those_of_the_analyses(cohort: Cohort, made: Path) -> None:
    found = _read(made)
    for name in (one.name for one in ENDPOINTS.values() if not one.of_treatments):
        times = analysis_set(cohort, endpoint=name).times
        own = found[found[f"{name}_time"].notna()]
        assert set(own["is_origin"]) == {"yes"}
        status = np.where(times.competing, 2, times.event) if times.competing is not None else times.event
        expected = sorted(zip(times.day, status.astype(int), times.entry, strict=True))
        shown = own[[f"{name}_time", f"{name}_event", f"{name}_entry"]].astype(int)
        assert sorted(shown.itertuples(index=False, name=None)) == expected
        assert len(expected) > 20
    assert (found["os_entry"] > 0).any(), "somebody enters late"


def test_factors_at_the_origin_are_the_groups_of_the_survival_analysis(cohort: Cohort, made: Path) -> None:
    found = _read(made)
    found = found[found["os_time"].notna()]
    for name in FACTORS:
        groups = {curve.label: curve.n for curve in survival_analysis(cohort, by=name).curves}
        assert found[f"{name}_t0"].value_counts().to_dict() == groups


def test_the_classification_is_that_of_the_episodes(cohort: Cohort, made: Path) -> None:
    expected, found = classify(cohort), _read(made)
    for name in ("timing", "lung_involved", *FACTORS):
        values = expected[name].astype("object").map({True: "yes", False: "no"}.get, na_action="ignore")
        if name == "timing":
            values = expected[name].astype("object").replace("undetermined", None)
        assert found[name].value_counts().to_dict() == values.value_counts().to_dict()


def test_a_factor_that_is_settled_later_has_no_value_at_the_origin() -> None:
    registry = operated()
    registry.rows["local_treatment"][0].update(procedure="lobectomy", residual_tumor="R1")
    later = _of(registry, origin="lung_diagnosis").frame
    assert "lobectomy_t0" not in later
    assert later["lobectomy"].tolist() == ["yes"]
    assert _of(registry).frame["lobectomy_t0"].tolist() == ["yes"]


def test_patients_without_an_episode_or_an_origin_keep_a_row() -> None:
    registry = operated("P1").patient("P2").patient("P3").operation(patient_id="P3").patient("P4")
    registry.episode(patient_id="P4").episode("2021-01-01", patient_id="P4")
    frame = _of(registry).frame
    assert len(frame) == 5
    assert frame["study_id"].nunique() == 4
    assert frame.loc[frame["is_origin"] == "yes", "os_time"].notna().tolist() == [True, True]
    assert frame.loc[frame["is_origin"] == "yes", "episode_no"].isna().sum() == 1
    assert frame.loc[frame["is_origin"] == "no", "os_time"].isna().all()
    assert frame["detected_day"].dropna().tolist() == [-51]


# Nobody is recognized.


def test_no_identifier_date_or_text_is_left(cohort: Cohort, made: Path) -> None:
    whole = b"".join(path.read_bytes() for path in sorted(made.iterdir()))
    text = whole.decode("utf-8", errors="replace")
    identifiers = [*cohort.frames["patient"]["patient_id"], *cohort.frames["patient"]["center_id"].unique()]
    assert len(identifiers) > 200
    assert set(re.split(r"[^0-9A-Za-z-]+", text)).isdisjoint(identifiers)
    dates = {
        str(day)[:10]
        for frame in cohort.frames.values()
        for column in frame
        if str(frame[column].dtype).startswith("datetime")
        for day in frame[column].dropna().unique()
    }
    assert len(dates) > 500
    assert re.findall(r"\d{4}-\d{2}-\d{2}", text) == []
    assert CUT[:4] in (made / "codebook.md").read_text(encoding="utf-8")


def test_pseudonyms_need_the_key_and_give_no_order() -> None:
    registry = Registry()
    for at in range(9):
        operated(f"P{at:02}", registry, sex="female")
        registry.rows["episode"][-1]["largest_mm"] = str(at + 1)
    first, again, other = _of(registry), _of(registry), _of(registry, KEY[::-1])
    pd.testing.assert_frame_equal(first.frame, again.frame)
    assert set(first.frame["study_id"]).isdisjoint(other.frame["study_id"])
    assert set(first.frame["center"]).isdisjoint(other.frame["center"])
    assert first.frame["tumor_diameter"].tolist() != sorted(first.frame["tumor_diameter"])
    assert first.frame["tumor_diameter"].tolist() != other.frame["tumor_diameter"].tolist()
    assert all(re.fullmatch(r"S[0-9a-f]{12}", name) for name in first.frame["study_id"])


def test_rare_codes_are_joined_or_left_blank() -> None:
    registry = Registry()
    stages = ["well"] * 8 + ["poor"] * 4 + ["undifferentiated"] * 3
    for at, grade in enumerate(stages):
        name = f"P{at:02}"
        sex = "male" if at == 0 else "female"
        operated(name, registry, sex=sex, center_id="A" if at < 10 else "BCDEF"[at - 10])
        registry.row("primary_tumor", name, grade=grade)
    found = _of(registry)
    said = {column.name: column for column in found.columns}
    assert found.frame["grade"].value_counts().to_dict() == {"well": 8, "other": 7}
    assert said["grade"].words == {"well": "well", "other": "other"}
    assert found.frame["sex"].value_counts().to_dict() == {"female": 14}
    assert found.frame["sex"].isna().sum() == 1
    assert sorted(found.frame["center"].value_counts()) == [5, 10]
    assert f"fewer than {MIN_CELL}" in said["grade"].done
    assert "joined" in said["center"].done
    assert "blank" in said["sex"].done


def test_extreme_numbers_stand_for_themselves_and_more() -> None:
    registry = operated("P1", birth_date="1920-01-01")
    registry.rows["episode"][0].update(lesion_count="77", largest_mm="140.4", cea_ng_ml="12345.6")
    operated("P2", registry, birth_date="2000-01-01").rows["episode"][1].update(cea_ng_ml="7.449", largest_mm="12.6")
    frame = _of(registry).frame.set_index("age").sort_index()
    assert frame.index.tolist() == [30, 90]
    assert frame["cea"].tolist() == [7.4, 1000]
    assert frame["tumor_diameter"].tolist() == [13, 100]
    assert frame["lesion_count"].dropna().tolist() == [20]
    assert frame["high_cea"].tolist() == ["yes", "yes"], "factors are of the true values"


def test_in_the_cohort_no_code_is_rare_and_no_number_extreme(made: Path) -> None:
    found = _read(made)
    with (made / "codebook.csv").open(encoding="utf-8", newline="") as file:
        book = {line["column"]: line for line in csv.DictReader(file)}
    for name in ("center", "sex", "site", "c_t", "histology", "grade", "ecog", "route", "omd_class", "period"):
        patients = found.groupby(found[name].astype("string"))["study_id"].nunique()
        assert patients.min() >= MIN_CELL, name
    for name, (low, high) in LIMITS.items():
        assert found[name].dropna().between(low, high).all()
    assert set(book) == set(found)
    for name, line in book.items():
        assert int(line["rows_with_value"]) == found[name].notna().sum()
        if line["type"] == "code":
            codes = {part.split(" = ")[0] for part in line["codes"].split("; ")}
            assert set(found[name].dropna().astype("string").str.removesuffix(".0")) <= codes, name


# The files.


def test_the_formats_hold_the_same(made: Path, cohort: Cohort) -> None:
    found = deidentified(rows(cohort, "lung_resection"), KEY)
    from_csv = _read(made)
    table = pq.read_table(io.BytesIO(to_parquet(found)))
    assert json.loads(table.schema.field("high_cea").metadata[b"codes"])["yes"] == "CEA > 5 ng/ml"
    with pd.io.stata.StataReader(made / "analysis_set.dta", convert_categoricals=False) as reader:
        stata, labels, words = reader.read(), reader.variable_labels(), reader.value_labels()
    assert labels["os_time"].startswith("Overall survival")
    assert words["os_event"] == {0: "censored", 1: "death from any cause"}
    assert all(re.fullmatch(r"[a-z]\w{0,31}", name, re.ASCII) for name in stata)
    parquet = table.to_pandas()
    for column in found.columns:
        expected = from_csv[column.name]
        other = parquet[column.name]
        if pd.api.types.is_numeric_dtype(expected) and column.kind == "number":
            np.testing.assert_allclose(stata[column.name], expected, rtol=1e-12)
            np.testing.assert_allclose(other.astype("Float64").to_numpy(float, na_value=np.nan), expected, rtol=1e-12)
        elif column.kind == "id":
            assert stata[column.name].tolist() == other.tolist() == expected.tolist()
        else:
            assert other.astype("string").tolist() == expected.astype("string").str.removesuffix(".0").tolist()
            shown = stata[column.name].map(words.get(column.name, {})).tolist()
            coded = [column.words.get(str(code).removesuffix(".0"), np.nan) for code in expected]
            assert [str(text) for text in shown] == [str(text) for text in coded]


def test_the_same_cohort_gives_the_same_bytes(cohort: Cohort, made: Path, tmp_path: Path) -> None:
    write_analysis_set(tmp_path / "again", cohort, KEY, provenance(cohort), format="stata")
    files = {path.name: path.read_bytes() for path in made.iterdir() if path.name != "main_table.csv"}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == files
    found = deidentified(rows(cohort, "lung_resection"), KEY)
    assert to_parquet(found) == to_parquet(found)
    assert to_stata(found, 2025) == files["analysis_set.dta"]


def test_nothing_is_overwritten_and_all_is_private(cohort: Cohort, made: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} >= {0o600}
    (tmp_path / "there").mkdir()
    with pytest.raises(InputRefused, match="exists already"):
        write_analysis_set(tmp_path / "there", cohort, KEY, DATA)
    with pytest.raises(UsageError, match="format"):
        write_analysis_set(tmp_path / "new", cohort, KEY, DATA, format="sas")
    with pytest.raises(UsageError, match="origin"):
        write_analysis_set(tmp_path / "new", cohort, KEY, DATA, origin="birth")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.usefixtures("registry")
def test_the_command(oligomet: Command, tmp_path: Path) -> None:
    assert oligomet("snapshot", "create", "paper", "--data-cut", CUT)[0] == 0
    status, out, _ = oligomet("analysis-set", str(tmp_path / "a"), "--snapshot", "paper", "--json")
    found = json.loads(out)
    assert (status, found["data"]["snapshot"], found["data"]["data_cut"]) == (0, "paper", CUT)
    assert oligomet("analysis-set", str(tmp_path / "b"), "--data-cut", CUT, "--format", "parquet")[0] == 0
    names = {path.name for path in (tmp_path / "b").iterdir()}
    assert names == {"analysis_set.csv", "analysis_set.parquet", "codebook.csv", "codebook.md", "analysis.R"}
    frozen, live = ((tmp_path / name / "analysis_set.csv").read_bytes() for name in "ab")
    assert frozen == live
    assert "snapshot `paper`" in (tmp_path / "a" / "codebook.md").read_text(encoding="utf-8")
    assert oligomet("analysis-set", str(tmp_path / "b"))[0] == 1


# The main table by R.


@pytest.fixture(scope="module")
def by_r(made: Path) -> dict[tuple[str, str], dict[str, float | None]]:
    """What the script of the analysis set makes in R: (factor, group) -> numbers."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.fail(f"There is no Rscript: install R with survival, or set {NO_R}=1 to leave the tests with R out")
    done = subprocess.run([rscript, "analysis.R"], cwd=made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (made / "main_table.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {
        (line.pop("factor"), line.pop("group")): {name: float(text) if text else None for name, text in line.items()}
        for line in lines
    }


def near(expected: float | None) -> Any:
    return None if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.rscript
def test_r_makes_the_main_table_of_oligomet(
    by_r: dict[tuple[str, str], dict[str, float | None]], cohort: Cohort
) -> None:
    own = table1(cohort)
    assert len(by_r) == 2 * len(own.rows) == 2 * len(FACTORS)
    estimated = 0
    for row in own.rows:
        for curve in row.curves:
            found = by_r[row.covariate.name, curve.label]
            (rate,) = curve.rates((60,))
            assert (found["n"], found["events"], found["missing"]) == (curve.n, curve.event_count, row.missing)
            assert [found[f"median_{part}"] for part in ("days", "low", "high")] == [
                near(part) for part in (curve.median.days, curve.median.ci_low, curve.median.ci_high)
            ]
            assert [found[f"survival_5y{part}"] for part in ("", "_low", "_high")] == [
                near(part) for part in (rate.estimate, rate.ci_low, rate.ci_high)
            ]
            assert found["logrank_p"] == near(row.test.p)
        found = by_r[row.covariate.name, "yes"]
        for terms, names in (
            (row.alone, ("hr", "hr_low", "hr_high", "p")),
            (row.together, ("multi_hr", "multi_low", "multi_high", "multi_p")),
        ):
            (term,) = terms
            if term.coef is not None:
                assert [found[name] for name in names] == [near(part) for part in (*term.hazard_ratio, term.p)]
                estimated += 1
    assert estimated > 1.5 * len(FACTORS)
