"""A rule that judges otherwise than before has a new version: its verdicts on fixed records are remembered."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Verdicts
from registry import cells
from registry.tables import TABLES
from tests.analytics.random_records import CUT, cohort

FILE = Path(__file__).parent / "rule_versions.json"
SEED, RECORDS = 20190212, 500


def digests() -> dict[str, dict[str, object]]:
    """Version, date and digest of the verdicts of each rule that gives any."""
    rows = cohort(SEED, RECORDS)
    made = cohort_at(cells.frames({table: list(rows.get(table, ())) for table in TABLES}), CUT)
    found = {rule.id: hashlib.sha256() for rule in RULES.values() if rule.met is not None}
    for judgement in Verdicts(Cases(made.frames, made.data_cut)).judgements:
        digest = found[judgement.rule.id]
        digest.update(str(judgement.part).encode())
        digest.update(np.ascontiguousarray(judgement.outcomes).tobytes())
    return {
        id: {"version": RULES[id].version, "since": RULES[id].since, "verdicts": digest.hexdigest()[:16]}
        for id, digest in found.items()
    }


def test_a_rule_that_judges_otherwise_has_a_new_version() -> None:
    known, now = json.loads(FILE.read_text(encoding="utf-8")), digests()
    assert set(known) == set(now), "write them down: python -m tests.analytics.test_rule_versions"
    for id, before in known.items():
        same = before["verdicts"] == now[id]["verdicts"]
        assert same or before["version"] != now[id]["version"], f"{id} judges otherwise: give it a new version and date"
        assert before == now[id], "write the new version down: python -m tests.analytics.test_rule_versions"


if __name__ == "__main__":
    written = FILE.write_text(json.dumps(digests(), indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if written else 1)
