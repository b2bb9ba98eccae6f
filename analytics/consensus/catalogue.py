"""The catalogue of rules, facts and readings as a page: ``python -m analytics.consensus.catalogue > docs/rules.md``.

What a rule asks is taken from the rule itself: the named facts of its terms over an empty cohort, and the columns that
they read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from analytics.consensus.cases import Cases
from analytics.consensus.logic import Fact
from analytics.consensus.readings import DEFAULT, READINGS, VERSION, VERSION_DATE
from analytics.consensus.rule import STRENGTH_WORDS, Asked, Rule
from analytics.consensus.rules import CHAPTERS, RULES
from registry import cells

SOURCE = "J Hematol Oncol 2019;12:16, doi 10.1186/s13045-019-0702-0"


def page() -> str:
    """The page in Markdown."""
    catalogue = _Catalogue()
    lines = [
        "# The rules of the consensus",
        "",
        "Generated from the rules themselves (`make docs`). The text is the 2019 expert consensus on the",
        f"multidisciplinary therapy of colorectal cancer with lung metastases ({SOURCE});",
        "statements are in our words, lines are those of its text in order of reading. How verdicts and rates come",
        "about: [methods](methods.md).",
        "",
        f"Readings and definitions: version {VERSION} of {VERSION_DATE}. A rule that changes gets a new version and",
        "date, and results name it.",
        "",
        "## Strength",
        "",
        "From the word that is printed. S, Q, X and T are scored; X0 and W give a use rate and never a failure.",
        "",
        "| class | words of the text |",
        "|---|---|",
        *(f"| {strength.value} | {words} |" for strength, words in STRENGTH_WORDS.items()),
    ]
    for chapter, rules in CHAPTERS.items():
        lines += ["", f"## {chapter}"]
        for rule in rules:
            lines += ["", *catalogue.rule(rule)]
    return "\n".join([*lines, "", *catalogue.facts(), "", *_readings()]) + "\n"


class _Catalogue:
    def __init__(self) -> None:
        self.cases = Cases(cells.frames({}), dt.date(2000, 1, 1))
        self.found: dict[str, tuple[set[str], set[str]]] = {}

    def rule(self, rule: Rule) -> Iterator[str]:
        """A section on a rule."""
        yield f"### {rule.id}: {rule.title}"
        yield ""
        yield f"{rule.statement} *Why:* {rule.why}"
        yield ""
        scored = "scored" if rule.scored else "not scored"
        yield f"- Source: {rule.source}, lines {rule.lines}. Class {rule.strength.value}, {scored}, {rule.way.value}."
        if rule.unscored:
            yield f"- Why not scored: {rule.unscored}"
        if rule.unauditable:
            yield f"- Cannot be audited: {rule.unauditable}"
        if rule.met is not None:
            yield from self._asked(rule)
        elif not rule.unauditable:
            yield "- Unit: the listed case of screening_log with lung metastases, by center; no line for an episode."
        if rule.readings:
            yield f"- Readings: {', '.join(f'`{name}`' for name in rule.readings)}."
        yield f"- Version {rule.version} of {rule.since}."

    def _asked(self, rule: Rule) -> Iterator[str]:
        if rule.by_window:
            yield "- One verdict for each window: met by a chest CT in it; not applicable where it closes after the"
            yield "  recurrence, the death or the last contact; pending where it closes after the data cut."
        else:
            yield f"- Denominator: {self._facts(rule, rule.applies) or 'every episode with lung metastases'}."
            for name, asked in (("Excluded", rule.excluded), ("Numerator", rule.met), ("Exception", rule.excepted)):
                if asked is not None:
                    yield f"- {name}: {self._facts(rule, asked)}."
        if rule.accepted:
            yield f"- Accepted reasons in rule_exception: {', '.join(rule.accepted)}."
        if rule.pending is not None:
            yield f"- Pending: {self._facts(rule, rule.pending)}."
        for part in rule.parts:
            yield f"- Part {part.id}: {part.title}."
        for beside in rule.beside:
            yield f"- Beside: *{beside.name}*, {beside.meaning}."

    def _facts(self, rule: Rule, asked: Asked | None) -> str:
        if asked is None:
            return ""
        term = asked(self.cases)
        for fact in term.named():
            rules, columns = self.found.setdefault(fact.name, (set(), set()))
            rules.add(rule.id)
            columns.update(_columns(fact))
        return term.formula()

    def facts(self) -> Iterator[str]:
        """The facts that the rules ask for, with what each reads."""
        yield "## Facts"
        yield ""
        yield "A fact is yes, no or unknown. Blank, UNK and NASK leave it unknown; what a blank means otherwise is"
        yield "said in [classification](classification.md) and [methods](methods.md)."
        yield ""
        yield "| fact | read from | asked by |"
        yield "|---|---|---|"
        order = list(RULES)
        for name, (rules, columns) in sorted(self.found.items(), key=lambda item: item[0].casefold()):
            shown = ", ".join(f"`{column}`" for column in sorted(columns))
            yield f"| {name} | {shown} | {', '.join(sorted(rules, key=order.index))} |"


def _columns(fact: Fact) -> set[str]:
    read = set(fact.reads())
    # A table whose columns are named needs no mention of its own.
    named = {column.split(".")[0] for column in read if "." in column}
    return {column for column in read if "." in column or column not in named}


def _readings() -> Iterator[str]:
    yield "## Readings"
    yield ""
    yield "What the text leaves open, with the registry's choice. An administrator, or a file given with `--readings`,"
    yield "can choose otherwise; results name what was changed."
    yield ""
    yield "| reading | default | meaning | where | parameter | alternatives |"
    yield "|---|---|---|---|---|---|"
    for name, reading in READINGS.items():
        default = getattr(DEFAULT, name)
        shown = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
        others = "; ".join(f"{setting}: {meaning}" for setting, meaning in reading.alternatives.items())
        yield f"| `{name}` | {shown} | {reading.meaning} | {reading.source} | {reading.id} | {others} |"


if __name__ == "__main__":
    print(page(), end="")
