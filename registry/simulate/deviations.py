"""The known truth: what each rule's verdict must be, from how the episode was made and what was withheld.

No table is read here. A line exists where the rule applies to the episode as it truly is; where what was withheld
leaves open whether it applies, the line says undetermined_denominator. Where there is no line, the rule does not
apply, or no record could show that it does. `unstated` marks the few cases that the text can be read in two ways.
Verdicts are those of the day of the end (parameters.END) as the data cut.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.simulate.story import Course, Story
from registry.simulate.truth_operations import met1, met5, nin1, per1, per2, sur1, sur3, sur4, tb2a
from registry.simulate.truth_surveillance import surveillance
from registry.simulate.truth_systemic import emg1, liv5, lym1, lym2, mul1, pot1, unr1
from registry.simulate.truth_workup import gen1, gen3, img1, img2, img3, mol1, mol2, pat2
from registry.simulate.verdict import Rule, Verdict


def truth(story: Story) -> Iterator[tuple[Course, str, Verdict]]:
    """Course, rule and verdict of every rule with known truth, for each episode with lung metastases."""
    if story.patient["consent_status"] == "withdrawn":
        return
    for course in story.courses:
        if not course.lung:
            continue
        for rule_id, rule in RULES.items():
            verdict = rule(story, course)
            if verdict is not None:
                yield course, rule_id, verdict
        yield from ((course, rule_id, verdict) for rule_id, verdict in surveillance(story, course))


RULES: dict[str, Rule] = {
    "GEN1": gen1,
    "GEN3": gen3,
    "IMG1": img1,
    "IMG2": img2,
    "IMG3": img3,
    "PAT2": pat2,
    "MOL1": mol1,
    "MOL2": mol2,
    "LYM1": lym1,
    "LYM2": lym2,
    "EMG1": emg1,
    "SUR1": sur1,
    "SUR3": sur3,
    "SUR4": sur4,
    "TB2A": tb2a,
    "PER1": per1,
    "PER2": per2,
    "POT1": pot1,
    "UNR1": unr1,
    "LIV5": liv5,
    "MUL1": mul1,
    "MET1": met1,
    "MET5": met5,
    "NIN1": nin1,
}

TRACKED = (*RULES, "FUP1", "FUP2", "FUP3")
"""Every rule with known truth."""
