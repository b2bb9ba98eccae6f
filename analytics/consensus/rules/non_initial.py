"""Non-initial lung metastases (Fig. 1, note 3)."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import Fact, Term, all_of
from analytics.consensus.rule import Beside, Rule, Strength


@once
def _treated(cases: Cases) -> Term:
    return Fact("found after another distant site", cases.definitions.non_initial) & cases.therapy.treated


@once
def _recorded(cases: Cases) -> Term:
    episode = cases.episode
    return all_of(
        (
            Fact("performance status recorded", episode.recorded("ecog")),
            Fact("earlier treatment reviewed", episode.recorded("prior_treatment_review")),
            Fact("time without drugs recorded", episode.recorded("drug_free_months")),
            Fact("biological behavior examined", episode.recorded("biology_note")),
        )
    )


@once
def _examined(cases: Cases) -> Term:
    discussed = Fact("an MDT meeting on or before the first treatment", cases.meetings.before(cases.first))
    return discussed & _recorded(cases)


RULES = (
    Rule(
        id="NIN1",
        title="Non-initial: comprehensive examination by an MDT",
        statement="The MDT decides after examining physical status, earlier treatment, time without drugs and biology.",
        source="Fig. 1, note 3",
        lines="288-291",
        strength=Strength.STRONG,
        why="These patients differ widely, and further drugs work less.",
        applies=_treated,
        met=_examined,
        readings=("mdt_on_day_of_treatment", "same_episode_days"),
        beside=(Beside("recorded", "the four items recorded, whatever the MDT", met=_recorded),),
    ),
)
