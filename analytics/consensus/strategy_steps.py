"""What the steps of the strategies ask of the cases, beside the terms of the rules."""

from __future__ import annotations

from analytics.consensus.cases import Cases
from analytics.consensus.columns import Days
from analytics.consensus.links import Links
from analytics.consensus.logic import Term, all_of, surely
from analytics.consensus.rule import Asked
from analytics.consensus.rules import RULES
from registry.tables import TABLES

SITES = tuple(TABLES["metastasis"].fields["site"].codes)


def numerator_of(rule_id: str) -> Asked:
    """The numerator of a rule."""
    met = RULES[rule_id].met
    assert met is not None
    return met


def denominator_of(rule_id: str) -> Asked:
    """The denominator of a rule."""
    applies = RULES[rule_id].applies
    assert applies is not None
    return applies


def on_route(*routes: str) -> Asked:
    """On one of some routes."""
    return lambda cases: cases.route(*routes)


def primary_operations(cases: Cases) -> Links:
    """Resections of the primary that are not palliative; of a resectable local recurrence where it stands for it.

    A local recurrence that is resectable counts as the primary (Management of initial metachronous lung metastases).
    """
    pairs = cases.record.pairs("local_treatment")
    recurred = surely(pairs.lift(cases.facts.resectable_recurrence.term))
    of_primary = pairs.among("target", ("primary",)) & ~surely(pairs.among("intent", ("palliative",)))
    of_recurrence = pairs.among("target", ("local_recurrence",)) & _since_detection(cases, pairs)
    target = (recurred & of_recurrence) | (~recurred & of_primary)
    return pairs.only(target & pairs.among("modality", ("resection",)))


def _since_detection(cases: Cases, pairs: Links) -> Term:
    return pairs.day("started_on") >= pairs.lift(cases.record.detected_on)


def primary_operated_on(cases: Cases) -> Days:
    """First of them."""
    rows = primary_operations(cases)
    return rows.first(rows.day("started_on"))


def primary_resected(cases: Cases) -> Term:
    """The primary, or the recurrence that stands for it, resected."""
    return primary_operations(cases).any()


def primary_removed(cases: Cases) -> Term:
    """The primary no longer in situ at the data cut."""
    return cases.facts.primary_removed_by(cases.record.cut)


def _before_primary(cases: Cases, rows: Links, started: Days) -> Term:
    """Whether one of some treatments came before the resection of the primary, or came while that is to come."""
    to_come = ~rows.lift(primary_resected(cases))
    return rows.any(to_come | (started < rows.lift(primary_operated_on(cases))))


def systemic_before_primary(cases: Cases) -> Term:
    """Systemic therapy before the primary, or while its resection is to come."""
    return _before_primary(cases, cases.therapy.before_operations, cases.therapy.started)


def radiotherapy_before_primary(cases: Cases) -> Term:
    """Radiotherapy of the primary before its resection, or while that is to come."""
    return _before_primary(cases, cases.therapy.radiotherapy, cases.therapy.local_started)


def lung_resected(cases: Cases) -> Term:
    """The lung operated on."""
    return cases.therapy.lung_operations.any()


def lung_after_primary(cases: Cases) -> Term:
    """The lung operated on with the primary or after it."""
    rows = cases.therapy.lung_operations
    after = cases.therapy.local_started >= rows.lift(primary_operated_on(cases))
    return rows.any(rows.lift(primary_resected(cases)) & after)


def adjuvant(cases: Cases) -> Term:
    """Postoperative therapy after the operations of the primary and of the lung."""
    rows = cases.therapy.postoperative
    after = cases.therapy.started > rows.lift(primary_operated_on(cases))
    return rows.any(rows.lift(primary_resected(cases)) & after & _after_last_lung(cases))


def _after_last_lung(cases: Cases) -> Term:
    therapy, rows = cases.therapy, cases.therapy.postoperative
    lung = therapy.lung_operations
    return rows.lift(lung.any()) & (therapy.started > rows.lift(lung.last(therapy.local_started)))


def systemic(cases: Cases) -> Term:
    """Systemic therapy in the episode."""
    return cases.therapy.systemic_given


def between(cases: Cases) -> Term:
    """Systemic therapy after the resection of the primary, before that of the lung or while that is to come.

    Of a primary that was resected before the metastases were found: from the detection on.
    """
    therapy = cases.therapy
    rows, lung = therapy.systemic, therapy.lung_operations
    after = rows.lift(primary_resected(cases)) & (therapy.started >= rows.lift(primary_operated_on(cases)))
    before = ~rows.lift(lung.any()) | (therapy.started < rows.lift(lung.last(therapy.local_started)))
    return rows.any(after & before)


def lung_first(cases: Cases) -> Term:
    """The lung operated on before the primary, or without an operation of it."""
    return lung_resected(cases) & ~lung_after_primary(cases)


def between_or_lung_first(cases: Cases) -> Term:
    """Systemic therapy between the two operations, or the lung first."""
    return between(cases) | lung_first(cases)


def before_or_lung_first(cases: Cases) -> Term:
    """Systemic therapy before the primary, or the lung first."""
    return systemic_before_primary(cases) | lung_first(cases)


def before_or_between(cases: Cases) -> Term:
    """Systemic therapy before the primary, or between the two operations; or the lung first."""
    return systemic_before_primary(cases) | between(cases) | lung_first(cases)


def conversion_before_primary(cases: Cases) -> Term:
    """Systemic therapy while the primary was, or is, in situ."""
    therapy, facts = cases.therapy, cases.facts
    rows = therapy.before_operations
    in_situ = ~rows.lift(facts.primary_removed_by(cases.record.cut))
    return rows.any(in_situ | (therapy.started < rows.lift(facts.primary_resected_on)))


def conversion_after_primary(cases: Cases) -> Term:
    """Systemic therapy between the removal of the primary and the lung surgery, or while that is to come."""
    therapy, facts = cases.therapy, cases.facts
    rows = therapy.before_operations
    removed = rows.lift(facts.primary_removed_by(cases.record.cut))
    return rows.any(removed & (therapy.started >= rows.lift(facts.primary_resected_on)) & before_lung(cases))


def before_lung(cases: Cases) -> Term:
    """Of each systemic therapy that is not palliative: before the lung surgery, or while that is to come."""
    therapy = cases.therapy
    rows, lung = therapy.before_operations, therapy.lung_operations
    return ~rows.lift(lung.any()) | (therapy.started < rows.lift(lung.first(therapy.local_started)))


def systemic_before_lung(cases: Cases) -> Term:
    """Systemic therapy before the lung surgery, or while that is to come."""
    return cases.therapy.before_operations.any(before_lung(cases))


def after_lung(cases: Cases) -> Term:
    """Postoperative therapy after the last lung surgery."""
    return cases.therapy.postoperative.any(_after_last_lung(cases))


def lung_treated(cases: Cases) -> Term:
    """Radical local treatment of the lung."""
    return cases.therapy.complete.any(cases.therapy.target("lung"))


def primary_treated(cases: Cases) -> Term:
    """The primary resected, or not in situ when the metastases were found."""
    return ~cases.facts.primary_in_situ | primary_resected(cases)


def others_treated(cases: Cases) -> Term:
    """Radical local treatment of every active site outside the lung."""
    therapy, sites = cases.therapy, cases.sites
    return all_of(~sites.has(site) | therapy.complete.any(therapy.target(site)) for site in SITES)


def others_locally_treated_after_systemic(cases: Cases) -> Term:
    """Radical local treatment outside the lung after the start of systemic therapy."""
    therapy = cases.therapy
    rows = therapy.complete.only(therapy.target(*SITES))
    return rows.any(rows.lift(therapy.first_systemic) < therapy.local_started)


def all_locally_treated_after_systemic(cases: Cases) -> Term:
    """The same, and of the lung."""
    return lung_treated(cases) & others_locally_treated_after_systemic(cases)


def any_local(cases: Cases) -> Term:
    """Any radical local treatment."""
    return cases.therapy.radical.any()


def all_curable(cases: Cases) -> Term:
    """Two or more other sites, all metastases curable."""
    curable = cases.sites.every(cases.sites.active.flag("curable"))
    return cases.route("R-MUL") & cases.episode.flag("curable") & curable


def not_all_curable(cases: Cases) -> Term:
    """Two or more other sites, some metastases incurable."""
    curable = cases.sites.every(cases.sites.active.flag("curable"))
    return cases.route("R-MUL") & ~(cases.episode.flag("curable") & curable)


def neoadjuvant(cases: Cases) -> Term:
    """Systemic therapy and radiotherapy before the primary is resected."""
    return systemic_before_primary(cases) & radiotherapy_before_primary(cases)


def perioperative(cases: Cases) -> Term:
    """Perioperative systemic therapy."""
    return cases.therapy.perioperative.any()


def rectum_kept(cases: Cases) -> Term:
    """Organ preservation wanted, on a route on which the primary would be resected."""
    return surely(cases.organ_preservation) & cases.route("R-SYN", "R-LIV")
