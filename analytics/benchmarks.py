"""The registry's own figures beside those that the consensus prints: shares, survival and durations.

Everything is per patient, in the first episode with lung metastases. Nothing is tested: the printed figures are of
other patients, and a difference from them says little without its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.audit.judged import TABLES_READ
from analytics.audit.rollup import Group, tally
from analytics.cohort import Cohort
from analytics.consensus.benchmarks import BENCHMARKS, Benchmark
from analytics.consensus.cases import Cases
from analytics.consensus.columns import MISSING, NEVER
from analytics.consensus.factors import FACTORS, NODE_POSITIVE
from analytics.consensus.facts import T3_T4
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, YES, Term
from analytics.consensus.verdicts import Outcome
from analytics.grouping import GROUPINGS
from analytics.origins import LOCAL_MODALITIES, METASTASIS_TARGETS
from analytics.outcomes import SurvivalResult, survival_analysis
from analytics.survival import DAYS_PER_MONTH

__all__ = ["TABLES_READ", "benchmarks"]

Figures = list[dict[str, Any]]
_SHARE = np.array([Outcome.NON_ADHERENT, Outcome.UNDETERMINED_NUMERATOR, Outcome.ADHERENT], dtype=np.int8)


def benchmarks(cohort: Cohort, ids: Collection[str] = tuple(BENCHMARKS)) -> Iterator[dict[str, Any]]:
    """One object a printed figure: what is printed, and the registry's figures with their denominators and limits.

    Args:
        cohort: the tables of ``TABLES_READ`` at a data cut.
        ids: only these figures.
    """
    registry = _Registry.of(cohort)
    for benchmark in (BENCHMARKS[id] for id in BENCHMARKS if id in ids):
        found = [] if benchmark.refused is not None else FIGURES[benchmark.id](registry)
        yield _document(benchmark, found) | {"readings": cohort.readings.stated()}


def _document(benchmark: Benchmark, found: Figures) -> dict[str, Any]:
    return {
        "id": benchmark.id,
        "title": benchmark.title,
        "printed": benchmark.printed,
        "low": benchmark.low,
        "high": benchmark.high,
        "unit": benchmark.unit,
        "about": benchmark.about,
        "lines": benchmark.lines,
        "denominator": benchmark.denominator,
        "registry": found,
        "refused": benchmark.refused,
        "caution": benchmark.caution,
    }


@dataclass(frozen=True, eq=False)
class _Registry:
    """The cohort, as the rules see it.

    Attributes:
        cohort: as given.
        cases: its episodes.
        first: the rows of the first episode with lung metastases of each patient.
    """

    cohort: Cohort
    cases: Cases
    first: npt.NDArray[np.intp]

    @classmethod
    def of(cls, cohort: Cohort) -> _Registry:
        cases = Cases(cohort.frames, cohort.data_cut, cohort.readings)
        episode = cohort.frames["episode"]
        order = episode[cases.population.yes].sort_values(["detected_on", "record_no"], kind="stable")
        return cls(cohort, cases, order.drop_duplicates("patient_id").index.to_numpy(dtype=np.intp))

    def share(self, reading: str, numerator: Term, denominator: Term | None = None) -> dict[str, Any]:
        """A share of patients with its limits at 95 %, and what the undetermined leave open."""
        found = _SHARE[numerator.codes]
        if denominator is not None:
            found = np.where(denominator.codes == UNKNOWN, np.int8(Outcome.UNDETERMINED_DENOMINATOR), found)
            found = np.where(denominator.codes == NO, np.int8(Outcome.NOT_APPLICABLE), found)
        group = Group.of(None, self.first, np.arange(self.cases.record.length))
        figures = tally([found], group, option=False)
        undetermined = (Outcome.UNDETERMINED_NUMERATOR, Outcome.UNDETERMINED_DENOMINATOR)
        return {
            "reading": reading,
            "numerator": figures.rate.met,
            "denominator": figures.rate.cases,
            "estimate": figures.rate.estimate,
            "ci_low": figures.rate.ci_low,
            "ci_high": figures.rate.ci_high,
            "bound_low": figures.bounds.wide_low,
            "bound_high": figures.bounds.wide_high,
            "undetermined": sum(figures.counts[outcome] for outcome in undetermined),
        }

    @property
    def initial(self) -> Term:
        """Initial lung metastases."""
        return self.cases.definitions.sequence.chosen("initial")

    @property
    def isolated(self) -> Term:
        """Isolated lung metastases."""
        return self.cases.definitions.extent.chosen("isolated")

    @property
    def surgery(self) -> Term:
        """Radical surgery of the lung in the episode."""
        return self.cases.therapy.radical_lung_operations.any()


# Shares.


def _initial(registry: _Registry) -> Figures:
    return [registry.share("initial among all lung metastases", registry.initial)]


def _isolated(registry: _Registry) -> Figures:
    return [registry.share("isolated among initial", registry.isolated, registry.initial)]


def _radical_surgery(registry: _Registry) -> Figures:
    denominator = registry.initial & registry.isolated
    return [registry.share("radical lung resection among initial and isolated", registry.surgery, denominator)]


def _suitable(registry: _Registry) -> Figures:
    therapy = registry.cases.therapy
    treated = therapy.radical.any(therapy.target("lung"))
    return [
        registry.share("as printed: radical local treatment of the lung among all lung metastases", treated),
        registry.share("by its arithmetic: radical lung resection among initial", registry.surgery, registry.initial),
    ]


def _liver(registry: _Registry) -> Figures:
    denominator = registry.initial & registry.cases.definitions.extent.chosen("non_isolated")
    return [registry.share("liver among initial and non-isolated", registry.cases.sites.has("liver"), denominator)]


def _conversion(registry: _Registry) -> Figures:
    cases, therapy = registry.cases, registry.cases.therapy
    operations = therapy.radical_lung_operations
    complete = operations.any(operations.among("residual_tumor", ("R0",), ("R1", "R2")))
    converted = cases.definitions.converted.terms[0] & complete
    return [registry.share("R0 lung resection after systemic therapy", converted, cases.route("R-POT", "R-UNR"))]


def _complete_response(registry: _Registry) -> Figures:
    cases, record = registry.cases, registry.cases.record
    resected = cases.facts.primary_resected_on
    local, systemic = record.pairs("local_treatment"), record.pairs("systemic_therapy")
    irradiated = local.among("target", ("primary",)) & local.among("modality", ("radiotherapy",))
    before = local.any(irradiated & (local.day("started_on") < local.lift(resected)))
    given = systemic.among("intent", ("preoperative", "conversion"))
    before = before | systemic.any(given & (systemic.day("started_on") < systemic.lift(resected)))
    denominator = cases.mid_low_rectum & cases.locally_advanced & resected.known & before
    sterile = record.primary.among("p_t", ("T0",), ("Tis", "T1", "T2", *T3_T4))
    sterile = sterile & record.primary.among("p_n", ("N0",), NODE_POSITIVE)
    return [registry.share("ypT0 ypN0 after neoadjuvant therapy", sterile, denominator)]


def _rectal(registry: _Registry) -> Figures:
    reading = "rectal primary; the rectosigmoid junction counts as colon"
    return [registry.share(reading, registry.cases.facts.rectum.term)]


# Survival.


def _after_resection(years: int) -> Callable[[_Registry], Figures]:
    def figures(registry: _Registry) -> Figures:
        found = survival_analysis(registry.cohort, endpoint="os", origin="lung_resection")
        return _rates(found, years, "overall survival from the first radical lung resection (Kaplan-Meier)")

    return figures


def _systemic_only(registry: _Registry) -> Figures:
    frames, cases = registry.cohort.frames, registry.cases
    local = frames["local_treatment"]
    radical = local["modality"].isin(LOCAL_MODALITIES) & local["target"].isin(METASTASIS_TARGETS)
    radical &= ~local["intent"].isin(("palliative", "emergency"))
    given = np.zeros(cases.record.length, dtype=bool)
    given[registry.first] = (cases.therapy.systemic_given.codes == YES)[registry.first]
    only = set(frames["episode"].loc[given, "patient_id"]) - set(local.loc[radical, "patient_id"])
    found = survival_analysis(registry.cohort.of(only), endpoint="os", origin="lung_diagnosis")
    reading = "overall survival from the diagnosis of lung metastases (Kaplan-Meier); tested against nothing"
    return _rates(found, 5, reading)


def _by_factor(registry: _Registry) -> Figures:
    figures = []
    for name in FACTORS:
        found = survival_analysis(registry.cohort, endpoint="os", origin="lung_resection", by=name)
        for figure in _rates(found, 5, "5-year overall survival from the first radical lung resection"):
            figures.append({"factor": name, "source": FACTORS[name].source} | figure)
    return figures


def _rates(found: SurvivalResult, years: int, reading: str) -> Figures:
    figures = []
    for curve in found.curves:
        (rate,) = curve.rates((12 * years,))
        group = None if found.chosen.grouping is None else GROUPINGS[found.chosen.grouping.name].words[curve.label]
        figures.append(
            {
                "reading": reading,
                "group": group,
                "numerator": curve.event_count,
                "denominator": curve.n,
                "at_risk": rate.at_risk,
                "estimate": rate.estimate,
                "ci_low": rate.ci_low,
                "ci_high": rate.ci_high,
            }
        )
    return figures


# Durations.


def _durations(registry: _Registry) -> Figures:
    therapy = registry.cases.therapy
    liver = therapy.local.only(therapy.target("liver") & therapy.modality("resection")).first(therapy.local_started)
    before = therapy.before_operations
    before = before.only(therapy.started < before.lift(liver))
    until = np.where(liver.days == MISSING, NEVER, liver.days)[before.at]
    neoadjuvant = _summed(registry, before, np.minimum(therapy.ended.days, until))
    return [
        _distribution("perioperative systemic therapy", _summed(registry, therapy.perioperative, therapy.ended.days)),
        _distribution("systemic therapy before the resection of liver metastases", neoadjuvant),
    ]


def _summed(registry: _Registry, rows: Links, end: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Days on treatment in the first episodes; of those only in which every row has a start and an end."""
    start, counts = registry.cases.therapy.started.days, rows.codes == YES
    cut = registry.cases.record.cut.days[rows.at]
    known = (start != MISSING) & (end != MISSING) & (end <= cut)
    days = np.bincount(rows.at, weights=np.where(counts & known, end - start, 0), minlength=rows.episodes)
    complete = np.bincount(rows.at[counts], minlength=rows.episodes) > 0
    complete[rows.at[(rows.codes == UNKNOWN) | (counts & ~known)]] = False
    return days[registry.first[complete[registry.first]]].astype(np.float64)


def _distribution(reading: str, days: npt.NDArray[np.float64]) -> dict[str, Any]:
    months = [float(value) / DAYS_PER_MONTH for value in np.quantile(days, (0.25, 0.5, 0.75))] if len(days) else None
    return {
        "reading": reading,
        "denominator": len(days),
        "median_months": None if months is None else months[1],
        "quartiles_months": None if months is None else [months[0], months[2]],
    }


FIGURES: dict[str, Callable[[_Registry], Figures]] = {
    "B03": _initial,
    "B04": _isolated,
    "B05": _radical_surgery,
    "B06": _suitable,
    "B07": _liver,
    "B08": _after_resection(5),
    "B09": _after_resection(10),
    "B10": _systemic_only,
    "B11": _conversion,
    "B12": _complete_response,
    "B13": _rectal,
    "B14": _durations,
    "B15": _by_factor,
}
"""How each figure is made, by id."""
