"""The flow of patients: from the registry to each analysis, with who is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from analytics.cox_covariates import Covariate
from analytics.endpoints import AnalysisSet
from analytics.flow import WITHDRAWN
from analytics.origins import DATE_UNKNOWN, NOT_REACHED, UNDETERMINED
from analytics.outcomes import SurvivalResult
from analytics.report.html import Column, Content, Html, Row, bullets, heading, join, paragraph, table, tag
from analytics.report.material import Material, tried
from analytics.table1 import Table1
from analytics.wording import counted

_OF_ORIGIN = (NOT_REACHED, DATE_UNKNOWN, UNDETERMINED)
_WORDS = {
    WITHDRAWN: "consent withdrawn",
    DATE_UNKNOWN: "on an unknown date",
    UNDETERMINED: "not known whether there was one",
    "not_disease_free": "residual tumor (R1 or R2) at that operation",
    "ends_before_entry": "event or last contact before enrollment",
    "ends_before_origin": "last date before the origin",
    "death_date_unknown": "date of death unknown",
    "last_contact_unknown": "last contact unknown",
    "vital_status_unknown": "vital status unknown",
}


def flow(material: Material) -> Html:
    """The section."""
    overall, origin = material.overall, material.overall.chosen.origin
    left, n = dict(overall.chosen.excluded), overall.chosen.patients
    withdrawn = {WITHDRAWN: left.pop(WITHDRAWN)} if WITHDRAWN in left else {}
    of_origin = {reason: left.pop(reason) for reason in _OF_ORIGIN if reason in left}
    stages = [_stage(material, n, "patients in the registry", {})]
    if withdrawn:
        n -= sum(withdrawn.values())
        stages.append(_stage(material, n, "with consent", withdrawn))
    n -= sum(of_origin.values())
    stages.append(_stage(material, n, f"with a {origin.words.removeprefix('first ')}", of_origin))
    stages.append(_stage(material, overall.n, f"analyzed for overall survival, {_events(material, overall)}", left))
    later = material.recurrence_free
    more = {reason: count - overall.chosen.excluded.get(reason, 0) for reason, count in later.chosen.excluded.items()}
    free = f"of these analyzed for recurrence-free survival, {_events(material, later)}"
    stages.append(_stage(material, later.n, free, {reason: count for reason, count in more.items() if count > 0}))
    model = _complete_cases(material)
    if model is not None:
        stages.append(model)
    return join(
        [
            *_which_origin(material),
            bullets(stages, ordered=True, kind="flow"),
            paragraph("Each patient is left out for the first reason that holds.", kind="note"),
            heading("Centers"),
            _centers(material),
        ]
    )


def reason_words(reason: str, origin: str = "") -> str:
    """Why somebody is left out, in words."""
    if reason == NOT_REACHED:
        return f"no {origin.removeprefix('first ')}" if origin else "the origin was not reached"
    return _WORDS.get(reason, reason.replace("_", " "))


def _which_origin(material: Material) -> list[Content]:
    if material.settings.origin is not None or material.origin == "lung_resection":
        return []
    words = material.overall.chosen.origin.words
    return [
        paragraph(
            "No patient has a radical lung resection from which to count. Outcomes in this report are counted from "
            f"the {words} instead.",
            kind="missing",
        )
    ]


def _events(material: Material, result: SurvivalResult) -> str:
    word = "death" if result.chosen.endpoint.name == "os" else "event"
    shown = material.small.count(result.events)
    return f"{shown} {word}" if shown == "1" else f"{shown} {word}s"


def _stage(material: Material, n: int, words: str, left: Mapping[str, int]) -> Html:
    origin = material.overall.chosen.origin.words
    box = tag("div", tag("strong", material.small.count(n)), f" {words}", class_="box")
    if not left:
        return box
    shown = material.small.flow(left)
    lines = bullets(f"{count} {reason_words(reason, origin)}" for reason, count in shown.items())
    title = paragraph(f"Left out: {material.small.count(sum(left.values()))}")
    return join([box, tag("div", title, lines, class_="left")])


def _complete_cases(material: Material) -> Html | None:
    made = tried(lambda: material.table1)
    if not isinstance(made, Table1) or made.multivariable is None:
        return None
    model = made.multivariable
    words = {one.covariate.name: factor_words(one.covariate) for one in model.given}
    left = {
        _factor(reason, words): count for reason, count in model.excluded.items() if reason not in made.chosen.excluded
    }
    events = "" if material.small.hides(model.events) else f", {counted(model.events, 'death')}"
    of_all = (
        f"with a value of each of {counted(len(words), 'prognostic factor')}, for the model of all together{events}"
    )
    return _stage(material, model.n, of_all, left)


def factor_words(covariate: Covariate) -> str:
    """A factor in a few words: what its patients have."""
    grouping = covariate.grouping
    return covariate.name if grouping is None else grouping.words.get("yes", covariate.name)


def _factor(reason: str, words: Mapping[str, str]) -> str:
    for start, why in (("missing_", "not known"), ("not_applicable_", "does not apply")):
        name = reason.removeprefix(start)
        if name != reason and name in words:
            return f"{words[name]}: {why}"
    return reason_words(reason)


def _centers(material: Material) -> Html:
    patient = material.cohort.frames["patient"]
    own = patient if material.settings.center is None else patient[patient["center_id"] == material.settings.center]
    by_id = dict(zip(own["patient_id"], own["center_id"].fillna("unknown"), strict=True))
    chosen = material.overall.chosen
    assert isinstance(chosen, AnalysisSet)
    registered = Counter(by_id.values())
    analyzed = Counter(by_id[one] for one in chosen.patient_id)
    died = Counter(by_id[one] for one in chosen.patient_id[chosen.times.event])
    names = sorted(registered)
    columns = [material.small.column([counts[name] for name in names]) for counts in (registered, analyzed, died)]
    heads = (
        Column("Center", number=False),
        Column("Patients"),
        Column("Analyzed for survival"),
        Column("Of these died"),
    )
    rows = [Row(name, cells) for name, *cells in zip(names, *columns, strict=True)]
    caption = f"Patients by center, and those counted from the {chosen.origin.words}"
    return table(caption, heads, rows) if rows else paragraph("There is no patient.", kind="missing")
