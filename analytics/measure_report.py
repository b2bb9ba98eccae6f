"""The figures of a rule as a MeasureReport of FHIR R4, for those who collect quality measures.

HL7 FHIR R4 (4.0.1), MeasureReport: https://hl7.org/fhir/R4/measurereport.html. The score of a proportion is numerator /
(denominator - exclusions - exceptions). So that this holds, the denominator has the decided cases only: those whose
numerator is undetermined, or still pending, stand beside it as populations of the registry's own, and so do those whose
denominator is undetermined. Unknown is never counted as missed.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from analytics.adherence import Adherence, unit_of
from analytics.audit.rollup import Tally
from analytics.consensus.rule import Rule
from analytics.consensus.verdicts import Outcome
from registry.exchange.fhir import reference
from registry.exchange.fhir_mapping import HL7, URN, concept

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, f"{URN}:measure-report")
_OWN = (Outcome.UNDETERMINED_DENOMINATOR, Outcome.UNDETERMINED_NUMERATOR, Outcome.PENDING, Outcome.NOT_APPLICABLE)


def measure_report(found: Adherence, rule: Rule) -> dict[str, Any]:
    """A summary MeasureReport of one rule, over the period and the center that ``found`` looks at.

    The period is that of the detection of the episodes (of the listing, of listed cases); without a chosen end it ends
    with the data cut, without a chosen start it has none. The reporter is the center, where one is chosen. How the text
    was read stands in an extension.
    """
    selection, cut = found.selection, found.judged.data_cut
    period = {"end": (selection.until or cut).isoformat()}
    if selection.since is not None:
        period = {"start": selection.since.isoformat()} | period
    measure = f"{URN}:measure:{rule.id}|{rule.version}"
    readings = json.dumps(found.judged.readings.stated(), sort_keys=True)
    identity = "\0".join((measure, str(selection), cut.isoformat(), readings))
    report: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "id": str(uuid.uuid5(_NAMES, identity)),
        "extension": [{"url": f"{URN}:readings", "valueString": readings}],
        "status": "complete",
        "type": "summary",
        "measure": measure,
        "date": cut.isoformat(),
    }
    if selection.center is not None:
        report["reporter"] = reference("center", (selection.center,))
    report["period"] = period
    if not rule.is_option:
        report["improvementNotation"] = concept(f"{HL7}/measure-improvement-notation", "increase")
    report["group"] = [_group(found.of(rule), rule)]
    return report


def _group(figures: Tally, rule: Rule) -> dict[str, Any]:
    counts, met = figures.counts, Outcome.TAKEN if figures.option else Outcome.ADHERENT
    excluded, excepted = counts[Outcome.EXCLUDED], counts[Outcome.EXCEPTION]
    populations = [
        ("initial-population", figures.population),
        ("denominator", figures.rate.cases + excluded + excepted),
        ("denominator-exclusion", excluded),
        ("denominator-exception", excepted),
        ("numerator", counts[met]),
    ]
    group: dict[str, Any] = {
        "code": concept(f"{URN}:rules", rule.id) | {"text": rule.title},
        "population": [_population(concept(f"{HL7}/measure-population", code), count) for code, count in populations],
    }
    group["population"] += [_population(concept(f"{URN}:outcomes", outcome.label), counts[outcome]) for outcome in _OWN]
    group["population"][0]["code"]["text"] = f"every {unit_of(rule)}"
    if figures.rate.estimate is not None:
        group["measureScore"] = {"value": figures.rate.estimate, "system": "http://unitsofmeasure.org", "code": "1"}
    return group


def _population(code: dict[str, Any], count: int) -> dict[str, Any]:
    return {"code": code, "count": count}
