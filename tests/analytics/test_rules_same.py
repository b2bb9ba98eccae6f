"""The same record has the same verdicts, for the same reasons: alone or among others, from files or a database."""

from __future__ import annotations

import random
from pathlib import Path

from sqlalchemy.engine import Engine

from analytics.cohort import cohort_at
from registry.access import Actor
from registry.actions import import_source
from registry.exchange.formats import open_source
from registry.frames import read_frames
from tests.analytics.random_records import cohort
from tests.analytics.rule_lines import cohort_of, judged, lines, said
from tests.analytics.simulated import simulated

PATIENTS, ALONE = 400, 60


def test_a_patient_alone_has_the_verdicts_and_reasons_that_it_has_among_others() -> None:
    every_one = cohort_of(cohort(19, PATIENTS))
    among = judged(every_one)
    patients = sorted(every_one.frames["episode"]["patient_id"].astype(str).unique())
    for patient_id in random.Random(1).sample(patients, ALONE):
        expected = said(among, [patient_id])
        assert expected
        assert said(judged(every_one.of([patient_id])), [patient_id]) == expected, patient_id


def test_both_databases_give_the_verdicts_of_the_files(engine: Engine, tmp_path: Path, somebody: Actor) -> None:
    made = simulated(tmp_path, patients=60, seed=6)
    assert not import_source(engine, open_source(made.folder, None), by=somebody, reason=None).problems
    stored = judged(cohort_at(read_frames(engine), made.cohort.data_cut))
    of_files = judged(made.cohort)
    expected = lines(of_files)
    assert len(expected) > 60 * 80
    assert lines(stored) == expected
    patients = sorted({patient_id for patient_id, *_ in expected})[:10]
    assert said(stored, patients) == said(of_files, patients)
