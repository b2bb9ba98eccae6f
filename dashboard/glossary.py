"""The words of the pages in plain words: those that a declaration explains from there, the others here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from analytics.audit.trend import RULES as SIGNALS
from analytics.audit.trend import XMR_FROM
from analytics.consensus.rule import STRENGTH_WORDS
from analytics.consensus.strategies import ROUTES
from analytics.consensus.verdicts import OUTCOMES, Outcome
from analytics.endpoints import ENDPOINTS
from analytics.grouping import GROUPINGS
from analytics.origins import ORIGINS
from dashboard.components.rates import outcome_title
from dashboard.disclosure import SMALLEST
from dashboard.words import factor_title
from registry.fields import Absent


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means here, in a sentence or two."""

    word: str
    meaning: str


DISEASE = (
    Term(
        "Oligometastatic",
        "Metastases in few places: here the lung and fewer than two other sites. The consensus sets no limit "
        "to the number of lesions.",
    ),
    Term(
        "Episode",
        "A time at which metastases were found, with all that was done about them. A patient who comes back "
        "with new metastases has another episode.",
    ),
    Term("Synchronous", "Found by the time the work-up of the primary tumor was completed."),
    Term("Metachronous", "Found later than that."),
    Term(
        "Initial, non-initial",
        "Non-initial lung metastases come after metastases of another organ that were found more than a month earlier.",
    ),
    Term("Isolated", "In the lung alone, as far as all sites were looked at."),
    Term(
        "Route",
        "The part of the consensus that applies to an episode; it leads to the table whose strategies are listed.",
    ),
    Term("Converted", "Not resectable at first, and resected after systemic therapy."),
    Term("Disease-free interval (DFI)", "From the resection of the primary tumor to the detection of the metastases."),
    Term(
        "NED",
        "No evidence of disease: after treatment nothing of the tumor is found. Surveillance counts from that day.",
    ),
    Term("R0, R1, R2", "What the operation left: nothing, tumor under the microscope, tumor that the eye sees."),
    Term(
        "Radical",
        "With the intent to remove or destroy all of the metastasis; palliative treatment has another goal.",
    ),
    Term("MDT", "Multidisciplinary team: the specialties that decide together on one patient."),
    Term(
        "ESTRO/EORTC class",
        "Another classification of oligometastatic disease (Lancet Oncol 2020;21:e18-28): de novo, repeat or "
        "induced; recurrence, progression or persistence, by systemic therapy at the detection.",
    ),
)

AUDIT = (
    Term(
        "Rule",
        "A sentence of the consensus that can be judged from the record: to whom it applies, and what "
        "following it means.",
    ),
    Term("Score", "The cases that could be decided, followed or not. The rate is the followed share of these."),
    Term(
        "Range",
        "Between what the rate would lie if every undetermined case were decided, all against and all for it.",
    ),
    Term("Complete (of a rule)", "The decided share of the cases that are, or may be, in the score."),
    Term("Limits at 95 %", "What the data leave open about a rate or an estimate: values between the limits fit them."),
    Term("Bundle", "Several rules together: met in a case only where every one that applies is followed."),
    Term(
        "Funnel",
        "Centers by the number of their cases and their rate, with the limits within which chance alone would "
        "keep them. Few cases say little, so the limits are wide on the left.",
    ),
    Term(
        "Beyond 95 %, beyond 99.8 %",
        "Outside control limits: by chance alone this happens to one center of twenty, to one of five "
        "hundred. It is a question, first to the data, and no verdict.",
    ),
    Term(
        "Overdispersion",
        "Centers differ among each other by more than chance: near 0.7 there is none, the more above 1, the more.",
    ),
    Term(
        "Case-mix",
        "Whom a center treats. Expected deaths are those of such patients in this registry; observed over "
        "expected is 1 where a center has as many as that.",
    ),
    Term("Run chart", f"A rate over fewer than {XMR_FROM} periods about its median."),
    Term(
        "XmR chart",
        f"A rate over {XMR_FROM} or more periods about its mean, with natural process limits from how much "
        "neighboring periods differ.",
    ),
    Term("Signal", f"What is more than chance in such a chart: {'; '.join(SIGNALS.values())}."),
)

SURVIVAL = (
    Term("Censored", "Last seen without the event: known to be free of it until then, and not counted after."),
    Term(
        "Kaplan-Meier",
        "The share still free of the event over time, with those censored counted as long as they were seen.",
    ),
    Term(
        "At risk",
        "Patients who are observed and free of the event at that time. Where few are left, a curve says little.",
    ),
    Term("Median", "The time at which half have had the event; none where fewer than half have had it."),
    Term(
        "Late entry",
        "Who was enrolled after the origin of time counts from the enrollment on: nobody could have been "
        "enrolled after dying.",
    ),
    Term(
        "Landmark",
        "Only who is free of the event at a fixed time is compared, by what is known then, from there on.",
    ),
    Term(
        "Competing risk",
        "Death keeps a recurrence from happening. Cumulative incidence counts recurrences among all, which "
        "one minus Kaplan-Meier overstates.",
    ),
    Term("Log-rank test, Gray's test", "Whether groups differ over the whole time; Gray's is for competing risks."),
    Term("p", "How often chance alone would give a difference at least as large if there were none."),
    Term("Hazard ratio", "How many times as often the event happens per time in one group as in another; 1: as often."),
    Term(
        "Proportional hazards",
        "That this ratio is the same at all times, which Cox's model rests on and which is tested.",
    ),
    Term(
        "Concordance",
        "How often of two patients the one with the higher risk by the model has the event first: 0.5 is a "
        "coin, 1 always.",
    ),
    Term("Restricted mean", "The mean time free of the event up to a horizon: the area under the curve."),
)

DATA = (
    Term("Data cut", "The last day that counts: what is dated later does not exist for any figure."),
    Term(
        "Revision",
        "One saved change of the record, or one event, in the audit trail; its number names a state of the data.",
    ),
    Term(
        "Audit trail",
        "Who entered, changed, viewed or took what, when and why. Each entry holds the hash of the one "
        "before, so that none can be edited or removed unseen.",
    ),
    Term(
        "Data query",
        "A question about a value: of an edit check, or of a person. Open, then answered, then closed because "
        "it was corrected or confirmed.",
    ),
    Term(
        "Edit check",
        "A sentence that a record should fulfill. What breaks it is refused where it is impossible, asked "
        "about where it is only implausible.",
    ),
    Term("Answered", "A cell with a value or a missing-data code; a blank says nothing."),
    Term(f"< {SMALLEST}", f"A count from 1 to {SMALLEST - 1}, hidden where it could point to a person."),
    Term("Draft", "What was typed into a form and not saved; its writer alone sees it."),
)

_OUTCOMES = {
    Outcome.NOT_APPLICABLE: "The rule is not about such a case.",
    Outcome.EXCLUDED: "What is recorded takes the case out.",
    Outcome.ADHERENT: "The rule was followed.",
    Outcome.NON_ADHERENT: "It was not followed, and no accepted reason is recorded.",
    Outcome.EXCEPTION: "It was not followed, for a recorded reason that the text accepts.",
    Outcome.UNDETERMINED_DENOMINATOR: "The record does not say whether the rule applies.",
    Outcome.UNDETERMINED_NUMERATOR: "The rule applies; the record does not say whether it was followed.",
    Outcome.PENDING: "It can still be followed.",
    Outcome.TAKEN: "An option was used.",
    Outcome.NOT_TAKEN: "An option was not used, which is no failure.",
}


@cache
def glossary() -> dict[str, tuple[Term, ...]]:
    """Heading -> its terms."""
    return {
        "The disease and its treatment": DISEASE,
        "Routes of the consensus": tuple(Term(name, _sentence(route.words)) for name, route in ROUTES.items()),
        "How strongly a rule is said": tuple(Term(str(s), _sentence(words)) for s, words in STRENGTH_WORDS.items()),
        "What can come of a rule": tuple(Term(outcome_title(one.label), _OUTCOMES[one]) for one in OUTCOMES),
        "Adherence, centers, time": AUDIT,
        "Endpoints": tuple(Term(one.title, f"Event: {one.words}.") for one in ENDPOINTS.values()),
        "Origins of time": tuple(
            Term(_sentence(one.words).rstrip("."), f"Time is counted from the {one.words}.") for one in ORIGINS.values()
        ),
        "Survival and prognosis": SURVIVAL,
        "Factors": tuple(Term(factor_title(name), _sentence(one.sentence)) for name, one in GROUPINGS.items()),
        "Data": DATA,
        "Missing-data codes": tuple(Term(code.value, _sentence(code.sentence)) for code in Absent),
    }


def found(text: str) -> dict[str, tuple[Term, ...]]:
    """The terms that hold a text in their word or meaning, under their headings."""
    wanted = text.casefold()
    kept = {
        head: tuple(term for term in terms if wanted in term.word.casefold() or wanted in term.meaning.casefold())
        for head, terms in glossary().items()
    }
    return {head: terms for head, terms in kept.items() if terms}


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
