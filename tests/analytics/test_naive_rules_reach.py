"""What changes nothing in the naive reading of the rules: what lies after the cut, and the order of rows."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.analytics import naive_rules
from tests.analytics.naive_rules import base
from tests.analytics.random_records import CUT, Tables, records


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records())
def test_what_lies_after_the_cut_and_the_order_of_rows_change_nothing(rows: Tables) -> None:
    usual = naive_rules.verdicts(rows, CUT)
    assert naive_rules.verdicts(base.at_cut(rows, CUT), CUT) == usual
    turned = {table: group if table == "episode" else group[::-1] for table, group in rows.items()}
    assert naive_rules.verdicts(turned, CUT) == usual
