"""Chapter 3.5: synchronous, isolated, resectable lung metastases."""

from __future__ import annotations

from tests.analytics import naive_classification
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    code,
    combined,
    every,
    lung_sbrt_or_ablation,
    lung_surgery,
    narrowed,
    not3,
    not_after,
    option,
    outcome,
    primary_radiotherapy,
    primary_resection,
    radical,
    some,
    text,
    there_is,
)
from tests.analytics.naive_rules.episode import Episode, not_palliative, perioperative, postoperative

Part = tuple[Fact, Fact]
TABLE_2_REASONS = ("refusal", "toxicity", "performance_status", "contraindication")


def _nodes(e: Episode, *words: str) -> Fact:
    return all3(there_is(e.lung_operations), code(e.row, "thoracic_nodes", *words))


def sur1(e: Episode) -> Verdict:
    """Radical surgery of the lung."""
    resectable = code(e.row, "resectability", "resectable")
    applies = all3(e.on("R-SYN"), resectable, text(e.primary, "curable") != "no")
    # Reading: the reasons of SUR1 are columns; a rule_exception row does not except it.
    progressed = any(
        s.own
        and text(s.row, "intent") in ("preoperative", "conversion")
        and (text(s.row, "best_response") == "PD" or text(s.row, "stop_reason") == "progression")
        for s in e.systemic
    )
    excepted = progressed or text(e.row, "surgery_unsuitable_reason") is not None
    return outcome(applies, some(e.lung_operations, radical), excepted=excepted, pending=e.open)


def unsuitable(e: Episode, column: str, *reasons: str) -> Fact:
    """Whether a reason is recorded (one of some); blank is none."""
    # Reading: a blank reason is no reason; a missing code leaves it unknown.
    if e.row.get(column, "") == "":
        return False
    return code(e.row, column, *reasons)


def sur2(e: Episode) -> Verdict:
    """Resectable, surgery unsuitable: SBRT or ablation of the lung."""
    reason = unsuitable(e, "surgery_unsuitable_reason", "site", "lung_function", "tolerance", "refusal")
    applies = all3(code(e.row, "resectability", "resectable"), reason)
    return option(applies, some(e.local, lung_sbrt_or_ablation))


def sur3(e: Episode) -> Verdict:
    """Every lung operation is a wedge or a segmentectomy."""

    def sublobar(o: Treatment) -> Fact:
        return code(o.row, "procedure", "wedge", "segmentectomy")

    # Reading: every larger operation needs its own accepted reason.
    larger = [o for o in e.lung_operations if o.own and sublobar(o) is False]
    accepted = all(text(o.row, "lobectomy_reason") in ("deep", "bleeding") for o in larger)
    excepted = (bool(larger) and accepted) or e.excepted("SUR3", "mdt_decision")
    return outcome(there_is(e.lung_operations), every(e.lung_operations, sublobar), excepted=excepted)


def sur4(e: Episode) -> Verdict:
    """Every lobectomy has an accepted reason."""

    def lobectomy(o: Treatment) -> Fact:
        return code(o.row, "procedure", "lobectomy")

    met = every(
        e.lung_operations, lambda o: any3(not3(lobectomy(o)), code(o.row, "lobectomy_reason", "deep", "bleeding"))
    )
    return outcome(some(e.lung_operations, lobectomy), met)


def _nodes_taken(item: Treatment, *words: str) -> Fact:
    return False if item.row.get("node_assessment") == "ND" else code(item.row, "node_assessment", *words)


def sur5(e: Episode) -> Verdict:
    """Nodes not suspected: dissection all the same."""
    return option(_nodes(e, "none"), some(e.lung_operations, lambda o: _nodes_taken(o, "dissection")))


def sur6(e: Episode) -> Verdict:
    """Nodes suspected: sampling or dissection."""
    taken = some(e.lung_operations, lambda o: _nodes_taken(o, "sampling", "dissection"))
    return option(_nodes(e, "suspected", "confirmed"), taken)


def sur7(e: Episode) -> Verdict:
    """Every radical lung operation is R0."""

    def complete(o: Treatment) -> Fact:
        r0 = None if text(o.row, "residual_tumor") == "RX" else code(o.row, "residual_tumor", "R0")
        return any3(not3(radical(o)), r0)

    return outcome(some(e.lung_operations, radical), every(e.lung_operations, complete))


# Table 2.


def both_resected(e: Episode) -> Part:
    """The primary and the lung were operated on."""
    done = all3(there_is(e.primary_resections), there_is(e.lung_operations))
    return done, e.open


def lung_after_primary(e: Episode) -> Part:
    """The lung was operated on, on or after the day of the primary."""
    operated = there_is(e.lung_operations)
    # Reading: one operation of the lung in this order is enough; the first one in the other order loses it.
    in_order = some(e.lung_operations, lambda o: some(e.primary_resections, lambda p: not_after(p.on, o.on)))
    return in_order, all3(e.open, not3(operated))


def adjuvant(e: Episode) -> Part:
    """Postoperative systemic therapy after both operations."""
    operations = [*e.primary_resections, *e.lung_operations]
    # Reading: "after both" is after the last operation of the primary and of the lung.
    given = some(e.systemic, lambda s: all3(postoperative(s), every(operations, lambda o: before(o.on, s.on))))
    return all3(both_resected(e)[0], given), any3(e.open, e.postoperative_open)


def before_primary(e: Episode) -> tuple[Part, Part]:
    """Preoperative systemic therapy, and radiotherapy of the primary, both before its resection."""
    # Reading: while the primary is not resected, what has begun has begun before its resection.
    resected = there_is(e.primary_resections)
    still = all3(e.open, not3(resected))

    def first(item: Treatment) -> Fact:
        return every(e.primary_resections, lambda p: before(item.on, p.on))

    systemic = some(e.systemic, lambda s: all3(not_palliative(s), first(s)))
    radiotherapy = some(e.local, lambda item: all3(primary_radiotherapy(item), first(item)))
    return (systemic, still), (radiotherapy, still)


def tb2a_applies(e: Episode) -> Fact:
    """R-SYN resectable, locally advanced middle or low rectum."""
    resectable = code(e.row, "resectability", "resectable")
    return all3(e.on("R-SYN"), resectable, e.facts["mid_low_rectum"], e.locally_advanced)


def tb2a(e: Episode) -> Verdict:
    """Systemic therapy and radiotherapy, primary, lung, systemic therapy, in this order; five parts."""
    excluded = text(e.primary, "organ_preservation") == "yes"
    excepted = e.excepted("TB2A", *TABLE_2_REASONS)
    components = (*before_primary(e), both_resected(e), adjuvant(e), lung_after_primary(e))

    def verdict(part: Part) -> str:
        return outcome(tb2a_applies(e), part[0], excluded=excluded, excepted=excepted, pending=part[1])

    parts: dict[str | None, str] = {
        f"TB2A{letter}": verdict(part) for letter, part in zip("abcde", components, strict=True)
    }
    return parts | {None: verdict(combined(*components))}


def tb2b_applies(e: Episode) -> Fact:
    """R-SYN resectable, any other primary."""
    resectable = code(e.row, "resectability", "resectable")
    upper = None if e.height is None else e.height > naive_classification.MID_LOW_CM
    row_2 = any3(not3(e.rectum), all3(e.rectum, upper), all3(e.rectum, not3(e.locally_advanced)))
    return all3(e.on("R-SYN"), resectable, row_2)


def tb2b(e: Episode) -> Verdict:
    """Primary, lung, systemic therapy; with or without systemic therapy before or between."""
    met, pending = combined(both_resected(e), lung_after_primary(e), adjuvant(e))
    return outcome(tb2b_applies(e), met, excepted=e.excepted("TB2B", *TABLE_2_REASONS), pending=pending)


def without_preoperative(e: Episode) -> Fact:
    """TB2B in its options 2 and 3: both resected in order, no systemic therapy before the primary."""
    # Reading: the option is the one followed, whether or not the postoperative therapy has come.
    (systemic, _), _ = before_primary(e)
    return all3(tb2b_applies(e), both_resected(e)[0], lung_after_primary(e)[0], not3(systemic))


# Perioperative therapy of rectal cancer.


def per1_applies(e: Episode) -> Fact:
    """R-SYN, rectum, operated on without systemic therapy or radiotherapy before."""
    # Reading: the operations of PER1 are those of the episode.
    operations = narrowed(e.local, lambda item: any3(primary_resection(item), lung_surgery(item)))

    def first(item: Treatment) -> Fact:
        return every(operations, lambda o: before(item.on, o.on))

    radiated = some(e.local, lambda item: all3(primary_radiotherapy(item), first(item)))
    upfront = not3(any3(some(e.systemic, first), radiated))
    return all3(e.on("R-SYN"), e.rectum, there_is(operations), upfront)


def per1(e: Episode) -> Verdict:
    """Postoperative oxaliplatin for at most six months."""
    # Reading: oxaliplatin with irinotecan is another backbone; one postoperative row with oxaliplatin is enough.
    oxaliplatin = some(e.systemic, lambda s: all3(postoperative(s), code(s.row, "backbone", "oxaliplatin")))
    still = all3(e.postoperative_open, not3(some(e.systemic, postoperative)))
    met, pending = combined((oxaliplatin, still), e.within_six_months())
    excepted = e.excepted("PER1", "performance_status", "refusal", "complication")
    return outcome(per1_applies(e), met, excepted=excepted, pending=pending)


def per2(e: Episode) -> Verdict:
    """Perioperative systemic therapy of at most six months."""
    met, pending = e.within_six_months()
    return outcome(all3(e.on("R-SYN"), e.rectum, some(e.systemic, perioperative)), met, pending=pending)


def per3(e: Episode) -> Verdict:
    """A meeting on or before the first perioperative treatment."""
    # Reading: perioperative treatment is such systemic therapy and radiotherapy of the primary; before any, a meeting
    # at any time is in time.
    around = narrowed(e.systemic, perioperative) + narrowed(e.local, primary_radiotherapy)
    return outcome(any3(per1_applies(e), tb2a_applies(e)), e.discussed_by(around))


RULES = {
    "SUR1": sur1,
    "SUR2": sur2,
    "SUR3": sur3,
    "SUR4": sur4,
    "SUR5": sur5,
    "SUR6": sur6,
    "SUR7": sur7,
    "TB2A": tb2a,
    "TB2B": tb2b,
    "PER1": per1,
    "PER2": per2,
    "PER3": per3,
}
