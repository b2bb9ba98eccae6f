"""The definitions of the consensus over facts: time, sequence, extent, rectal and local stage, and the route.

Section and table numbers are those of J Hematol Oncol 2019;12:16; the limits are the readings.
"""

from __future__ import annotations

from functools import cached_property

from analytics.consensus.facts import Facts
from analytics.consensus.logic import Choice, Decision, Number, Term, YesNo
from analytics.consensus.omd import omd_class

UNDETERMINED = "undetermined"


class Definitions:
    """What each episode is; every property is a :class:`~analytics.consensus.logic.Decision` or a part of one."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def synchronous(self) -> Term:
        """Found during the work-up of the primary."""
        facts = self.facts
        if facts.readings.gap_timing == "synchronous":
            return facts.found_in_workup | (facts.primary_in_situ & ~facts.neoadjuvant_started)
        return facts.found_in_workup

    @cached_property
    def non_initial(self) -> Term:
        """Found after another distant site, in an earlier staging episode."""
        return ~self.synchronous & self.facts.earlier_site

    @cached_property
    def initial_metachronous(self) -> Term:
        """Metachronous, and the lungs among the first distant sites."""
        return ~self.synchronous & ~self.facts.earlier_site

    @cached_property
    def during_neoadjuvant(self) -> Term:
        """Found while the primary was being treated before its resection (subtype of initial metachronous)."""
        return self.initial_metachronous & self.facts.primary_in_situ & self.facts.neoadjuvant_started

    @cached_property
    def timing(self) -> Choice:
        """Found during the work-up of the primary or after it (Overview and epidemiology)."""
        cases = (("synchronous", self.synchronous), ("metachronous", ~self.synchronous))
        return Choice("timing", cases, unknown=UNDETERMINED)

    @cached_property
    def subtype(self) -> Choice:
        """Of initial metachronous metastases: during neoadjuvant treatment, in the gap before it, or after resection.

        Overview and epidemiology; Management of initial metachronous lung metastases.
        """
        facts = self.facts
        cases = (
            ("after_resection", self.initial_metachronous & ~facts.primary_in_situ),
            ("during_neoadjuvant", self.during_neoadjuvant),
            ("gap", self.initial_metachronous & facts.primary_in_situ & ~facts.neoadjuvant_started),
        )
        return Choice("subtype", cases)

    @cached_property
    def sequence(self) -> Choice:
        """Whether the lungs were among the first distant sites (Overview and epidemiology)."""
        cases = (("non_initial", self.non_initial), ("initial", ~self.non_initial))
        return Choice("sequence", cases, unknown=UNDETERMINED)

    @cached_property
    def extent(self) -> Choice:
        """Isolated, or with extrapulmonary metastases; thoracic nodes do not count (Overview and epidemiology)."""
        cases = (("non_isolated", self.facts.any_site), ("isolated", ~self.facts.any_site))
        return Choice("extent", cases, unknown=UNDETERMINED)

    @cached_property
    def extrapulmonary_sites(self) -> Number:
        """How many extrapulmonary sites were active at the detection (Table 5, note 2)."""
        return Number("extrapulmonary_sites", self.facts.sites.number, self.facts.sites_counted)

    @cached_property
    def oligometastatic(self) -> YesNo:
        """Fewer than two extrapulmonary sites; the text has no limit of lesions (Table 5)."""
        return YesNo("oligometastatic", ~self.facts.two_sites)

    @cached_property
    def mid_low_rectum(self) -> YesNo:
        """Middle or lower rectum (Management of special situations in rectal cancer)."""
        return YesNo("mid_low_rectum", self.facts.rectum & self.facts.mid_low_height)

    @cached_property
    def locally_advanced(self) -> YesNo:
        """T3-4 or N+ (Management of special situations in rectal cancer)."""
        return YesNo("locally_advanced", self.facts.t3_t4 | self.facts.node_positive)

    @cached_property
    def lung_involved(self) -> YesNo:
        """Whether there are lung metastases."""
        return YesNo("lung_involved", self.facts.lung_involved)

    @cached_property
    def _still_incurable(self) -> Term:
        """The primary is incurable though systemic therapy was given (Fig. 1, note 1)."""
        facts = self.facts
        given = facts.systemic_in_episode | (self.during_neoadjuvant & facts.earlier_neoadjuvant_systemic)
        return facts.primary_incurable & given

    @cached_property
    def route(self) -> Choice:
        """The way through the consensus: the first that applies; the first declaration of resectability counts.

        Lymphangitic: Lymphangitic carcinomatosis. Non-initial: Fig. 1, note 3. Two or more other sites:
        Table 5; one, whichever it is: Table 4 and Fig. 1, note 2. Unresectable local recurrence: Management of initial
        metachronous lung metastases; primary still incurable: Fig. 1, note 1. Resectable: Tables 2 and 3.
        """
        facts = self.facts
        not_radical = facts.unresectable_recurrence | self._still_incurable
        as_synchronous = self.synchronous | facts.primary_in_situ | facts.resectable_recurrence
        cases = (
            ("none", ~facts.lung_involved),
            ("R-LYM", facts.lymphangitic),
            ("R-NIN", self.non_initial),
            ("R-MUL", facts.two_sites),
            ("R-LIV", facts.any_site),
            ("R-UNR", not_radical | facts.unresectable),
            ("R-POT", facts.potentially_resectable),
            ("R-SYN", as_synchronous),
            ("R-MET", ~as_synchronous),
        )
        return Choice("route", cases, unknown=UNDETERMINED)

    @cached_property
    def converted(self) -> YesNo:
        """Shown beside the route: a radical lung resection after systemic therapy, of what was not resectable.

        Management of lung metastases with extrapulmonary metastases; Management of isolated and potentially resectable
        lung metastases.
        """
        return YesNo("converted", self._not_resectable_at_first & self.facts.radical_lung_operation_after_systemic)

    @cached_property
    def _not_resectable_at_first(self) -> Term:
        before = [~term for name, term in zip(self.route.names, self.route.terms, strict=True) if name in _BEFORE]
        on_route = self.facts.potentially_resectable | self.route.terms[self.route.names.index("R-UNR")]
        for term in before:
            on_route = term & on_route
        return on_route

    @cached_property
    def dfi_days(self) -> Number:
        """Disease-free interval in days (Table 1): none where synchronous, or with the primary in situ."""
        facts = self.facts
        has_interval: Term = ~facts.found_in_workup & ~facts.primary_in_situ
        if facts.readings.dfi_of_synchronous == "zero":
            has_interval = facts.found_in_workup | has_interval
        return Number("dfi_days", facts.episodes.dfi_days, has_interval)

    @cached_property
    def omd_class(self) -> Choice:
        """The ESTRO/EORTC class of the oligometastatic state."""
        return omd_class(self.facts)

    def decisions(self) -> tuple[Decision, ...]:
        """All of them, in the order in which they are shown."""
        return (
            self.timing,
            self.subtype,
            self.sequence,
            self.extent,
            self.extrapulmonary_sites,
            self.oligometastatic,
            self.mid_low_rectum,
            self.locally_advanced,
            self.lung_involved,
            self.route,
            self.converted,
            self.dfi_days,
            self.omd_class,
        )


_BEFORE = ("none", "R-LYM", "R-NIN", "R-MUL", "R-LIV")
"""Routes that come before the resectability of the lung metastases matters."""
