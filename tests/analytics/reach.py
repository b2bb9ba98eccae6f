"""Which outcomes each rule can give."""

from __future__ import annotations

EVERY = {"not_applicable", "adherent", "non_adherent", "undetermined_denominator", "undetermined_numerator"}
OPTION = {"not_applicable", "taken", "not_taken", "undetermined_denominator", "undetermined_numerator"}
OPTIONS = (
    *("MOL4", "MOL5", "SUR2", "SUR5", "SUR6", "ABL4", "UNR2", "UNR3", "UNR4"),
    *("LIV10", "REC3", "MET2", "MET4", "MET6"),
)
ALSO = {
    "excluded": ("GEN1", "GEN2", "GEN3", "TB2A", "REC1"),
    "exception": (
        *("GEN4", "IMG3", "ASM1", "ASM4", "ASM5", "ASM8", "ASM9", "PAT1", "MOL1", "MOL2", "MOL3", "LYM1", "LYM2"),
        *("SUR1", "SUR3", "TB2A", "TB2B", "PER1", "ABL3", "ABL5", "ABL6", "POT3", "UNR1", "LIV1", "LIV2", "LIV6"),
        *("LIV7", "MUL1", "MET1", "MET3"),
    ),
    "pending": (
        *("LYM2", "SUR1", "TB2A", "TB2B", "PER1", "PER2", "POT2", "POT3", "UNR1", "UNR5", "LIV1", "LIV2", "LIV3"),
        *("LIV4", "MUL1", "REC1", "REC4", "MET1", "MET2", "MET4", "MET5", "FUP2", "FUP3"),
    ),
}
IMPOSSIBLE = {
    ("every episode is in the denominator", "GEN1 GEN2 GEN3 GEN8 IMG1 MOL1 MOL2"): "not_applicable",
    ("and nothing that decides it can be missing", "GEN1 GEN2 GEN3 GEN8 IMG1 MOL1 MOL2"): "undetermined_denominator",
    ("no finding study is unknown, never no", "IMG2"): "not_applicable",
    ("all that are in the denominator take it", "ABL4 UNR3 LIV10 MET6"): "not_taken",
    ("and it cannot be unknown then", "ABL4 UNR3 LIV10 MET6"): "undetermined_numerator",
}


def expected(rule_id: str) -> set[str]:
    """The outcomes that a rule can give."""
    found = set(OPTION if rule_id in OPTIONS else EVERY) | {word for word, rules in ALSO.items() if rule_id in rules}
    return found - {outcome for (_, rules), outcome in IMPOSSIBLE.items() if rule_id in rules.split()}
