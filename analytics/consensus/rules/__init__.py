"""The recommendations of the consensus, a file a chapter, in its order."""

from analytics.consensus.rule import Rule
from analytics.consensus.rules import (
    ablation,
    extrapulmonary,
    follow_up,
    general,
    imaging,
    lymphangitic,
    metachronous,
    multiorgan,
    non_initial,
    pathology,
    rectal,
    synchronous,
    unresectable,
)

CHAPTERS: dict[str, tuple[Rule, ...]] = {
    "General, MDT and registry": general.RULES,
    "Imaging and assessment": imaging.RULES,
    "Pathology and molecular tests": pathology.RULES,
    "Lymphangitic carcinomatosis and emergencies": lymphangitic.RULES,
    "Isolated and resectable": synchronous.RULES,
    "Non-surgical local treatment": ablation.RULES,
    "Potentially resectable and unresectable": unresectable.RULES,
    "Lung and one other site": extrapulmonary.RULES,
    "Lung and two or more other sites": multiorgan.RULES,
    "Rectal cancer, special situations": rectal.RULES,
    "Metachronous": metachronous.RULES,
    "Non-initial": non_initial.RULES,
    "Follow-up": follow_up.RULES,
}
"""The rules by chapter."""

RULES: dict[str, Rule] = {rule.id: rule for rules in CHAPTERS.values() for rule in rules}
"""The rules by id, in the order of the text."""

__all__ = ["CHAPTERS", "RULES"]
