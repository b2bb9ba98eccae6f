"""The methods: how numbers come about, readings, the rules in words, sources, and what was not done."""

from __future__ import annotations

from importlib.metadata import version

from analytics.consensus.readings import DEFAULT, READINGS, Readings, Setting
from analytics.consensus.rule import STRENGTH_WORDS
from analytics.consensus.rules import CHAPTERS
from analytics.report.html import Column, Content, Html, Row, bullets, heading, join, paragraph, table
from analytics.report.material import Material

CONSENSUS = (
    "The text: 2019 Chinese expert consensus on the multidisciplinary therapy of colorectal cancer with lung "
    "metastases. J Hematol Oncol 2019;12:16, doi 10.1186/s13045-019-0702-0."
)

_NUMBERS = (
    "Survival: Kaplan-Meier, limits at 95 % on the log-log scale (Kalbfleisch and Prentice 2002); the first day at or "
    "below one half is the median. Log-rank tests, with Holm's correction over the factors.",
    "Late enrollment: who is enrolled after the origin is at risk from the enrollment on (left truncation; Andersen "
    "and Gill, Ann Stat 1982;10:1100-1120).",
    "Recurrence and local failure: Aalen-Johansen, death competes; limits by the infinitesimal jackknife, which "
    "accounts for several treatments of a patient. Gray's test (Ann Stat 1988;16:1141-1154).",
    "Hazard ratios: Cox's model with Efron's ties on complete cases; proportional hazards by the exact score test "
    "(Grambsch and Therneau, Biometrika 1994;81:515-526).",
    "Centers by case-mix: indirect standardization with the registry as the reference. Expected deaths are the sum of "
    "the cumulative hazards of Cox's model over the time observed (Berry, Biometrics 1983;39:173-184). Exact Poisson "
    "limits (Garwood, Biometrika 1936;28:437-442), funnel limits at 95 % and 99.8 % (Spiegelhalter, Stat Med "
    "2005;24:1185-1202). The model knows what was there before an operation, not the operation itself.",
    "Rates of adherence: limits by Wilson; where a patient gives several cases, cluster-robust limits on the logit "
    "scale. Funnels: exact binomial limits about the registry's average. Courses over time: run charts, from 12 points "
    "on XmR charts.",
    "A month is 30.4375 days, except in rules, where months are those of the calendar.",
)
_UNKNOWN = (
    "Blank, unknown and not asked leave a question open; they are never taken for no, never for a group, never for a "
    "failure of care.",
    "Not done is a known no where a test or a study is asked for; not applicable is a no in a yes/no column.",
    "A case whose denominator or numerator cannot be decided is counted as undetermined and stands beside the rate; "
    "the range says what the rate would be if all of them were decided the one or the other way.",
    "Analyses of factors take complete cases and count the others; nothing is imputed in this report.",
    "Patients who withdrew their consent are counted once, in the flow, and are in nothing else.",
)
_NOT_DONE = (
    "No comparison of treatments: who is operated on, ablated or treated with drugs alone is chosen, and no model here "
    "makes such groups alike.",
    "No test against printed figures, and no target: the text prints none.",
    "No correction for the number of rules, centers and periods looked at. Signals among many are expected by chance.",
    "No allowance for patients who were never enrolled; rule GEN7 counts those whom the centers listed.",
    "Censoring is taken as independent of the outcome; who is lost may differ from who is followed.",
)


def readings_text(readings: Readings) -> str:
    """Version and date of the readings, and what was changed."""
    said = readings.to_dict()
    changed = f"changed: {', '.join(said['changed'])}" if said["changed"] else "none changed"
    return f"{said['version']} of {said['date']}, {changed}"


def methods(material: Material) -> Html:
    """The section."""
    settings, data = material.settings, material.data
    made_from = (
        f"oligomet {version('oligomet')}; data cut {data['data_cut']}: what is dated later does not exist. Fingerprint "
        f"of the data: {data['fingerprint']}. " + _from(settings.snapshot)
    )
    parts: list[Content] = [
        paragraph(made_from),
        heading("How numbers come about"),
        bullets(_NUMBERS),
        heading("How unknown is treated"),
        bullets(_UNKNOWN),
        heading("How small numbers are treated"),
        paragraph(_small(settings.min_cell)),
        heading("What was not done"),
        bullets(_NOT_DONE),
        heading("Readings of the text"),
        paragraph(
            "The text leaves limits and terms open. The registry chose a reading of each: version "
            f"{readings_text(material.cohort.readings)}. In the report of a registry with other readings, rates differ."
        ),
        _readings(material.cohort.readings),
        heading("The rules in words"),
        bullets(f"{strength.value}: {words}." for strength, words in STRENGTH_WORDS.items()),
        _rules(),
        heading("Sources"),
        bullets([CONSENSUS, *_SOURCES]),
    ]
    return join(parts)


_SOURCES = (
    "Oligometastatic disease: Guckenberger M et al. Lancet Oncol 2020;21:e18-28.",
    "Reporting: STROBE (PLoS Med 2007;4:e297); Kaplan-Meier figures after KMunicate (Morris TP et al. BMJ Open "
    "2019;9:e030215).",
    "The formulas are those of the methods page of the program; they are held against R's survival and cmprsk in its "
    "tests.",
)


def _from(snapshot: str | None) -> str:
    if snapshot is None:
        return "Made from the registry as it stands; a snapshot would let the same report be made again later."
    return f"Made from the snapshot {snapshot}: with the same version it gives the same file."


def _small(limit: int) -> str:
    if limit < 2:
        return (
            "All numbers are shown. The report is for those who may see the records, and not to be published as it is."
        )
    return (
        f"Groups of fewer than {limit} patients, and curves with fewer events, are not shown. Counts from 1 to "
        f"{limit - 1} in tables are shown as < {limit} or as suppressed, zero as 0; what would let them be computed is "
        "left out or given as a bound, and small reasons are put together. Curves show single steps and their risk "
        "tables small numbers at the end, as any published curve does; the boxes of the flow give exact numbers. A "
        f"point of a figure stands for at least {limit} cases, but a small number of cases not followed may be read off"
        " it. No patient is named anywhere."
    )


def _readings(readings: Readings) -> Html:
    heads = [Column(title, number=False) for title in ("Reading", "Setting", "Meaning", "Where")]
    changed = readings.changed()
    rows = []
    for name, reading in READINGS.items():
        setting = _setting(getattr(readings, name))
        if name in changed:
            setting += f" (changed; by default {_setting(getattr(DEFAULT, name))})"
        rows.append(Row(name.replace("_", " "), [setting, reading.meaning, reading.source]))
    return table("Readings", heads, rows)


def _setting(value: Setting) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _rules() -> Html:
    heads = [Column(title, number=False) for title in ("Rule", "Class", "Statement, in our words", "Source")]
    rows: list[Row] = []
    for chapter, rules in CHAPTERS.items():
        rows.append(Row(chapter, [], kind="group"))
        rows += [
            Row(rule.id, [rule.strength.value, rule.statement, f"{rule.source}; version {rule.version}"], kind="under")
            for rule in rules
        ]
    return table("The recommendations of the consensus", heads, rows)
