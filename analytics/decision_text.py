"""Decision support on a terminal: what is due and what is not followed first, then the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analytics.decision import EpisodeDecision, PatientDecision, SituationState, StrategyState
from analytics.decision_due import Due, When
from analytics.decision_rules import Group, Missing, RuleState
from analytics.decision_timeline import Entry
from analytics.decision_words import behind, classified, merge, outcome_words, rule_ids, time_of

WIDEST = 100
_ID = 7
_MARKS = {True: "✓", False: "·", None: "?"}
_STYLES = {When.OVERDUE: "bold red", When.NOW: "bold", When.TO_COME: "", When.OPEN: "", When.NOTED: "dim"}


def show(decision: PatientDecision, *, everything: bool = False) -> None:
    """Prints it.

    Args:
        everything: also the reasons of what is followed, and what does not apply.
    """
    console = Console(highlight=False)
    console = Console(highlight=False, width=min(console.width, WIDEST) if console.is_terminal else WIDEST)
    console.print(_head(decision))
    for episode in decision.episodes:
        console.print()
        for part in _episode(episode, everything=everything):
            console.print(part)
    console.print(_title("Timeline"))
    console.print(_timeline(decision.timeline))
    console.print(f"[dim]Strategies and rules are those of J Hematol Oncol 2019;12:16, {_readings(decision)}.[/]")


def _head(decision: PatientDecision) -> Text:
    age = "age not known" if decision.age is None else f"{decision.age} years"
    seen = f", last heard of {decision.last_contact_on}" if decision.last_contact_on else ""
    words = [f"{decision.sex or 'sex not known'}, {age}", f"center {decision.center_id}"]
    words += [f"{decision.vital_status or 'vital status not known'}{seen}", f"data cut {decision.data_cut}"]
    return Text.assemble((decision.patient_id, "bold"), " · " + " · ".join(words))


def _readings(decision: PatientDecision) -> str:
    changed = decision.readings["changed"]
    said = f"read as in readings {decision.readings['version']}"
    return said + (f" with {', '.join(changed)} changed" if changed else "")


def _episode(episode: EpisodeDecision, *, everything: bool) -> Iterator[Text | Table | Padding]:
    found = episode.detected_on or "on an unknown day"
    age = "" if episode.age is None else f" at {episode.age} years"
    route = f"{episode.route}, {episode.route_words}" if episode.route_words else f"route {episode.route}"
    yield Text.assemble((f"Episode {episode.episode_no}", "bold"), f", found {found}{age}: ", (route, "bold"))
    yield Padding(Text(classified(episode), style="dim"), (0, 0, 0, 2))
    if episode.due:
        yield _title("Due")
        yield _due(episode.due)
    for group in (Group.TO_DO, Group.NOT_FOLLOWED, Group.OPEN):
        yield from _rules(group, episode.in_group(group), reasons=True)
    for situation in episode.situations:
        yield from _situation(situation)
    if episode.missing:
        yield _title("What would decide the undetermined")
        yield _missing(episode.missing)
    for group in (Group.UNDETERMINED, Group.EXCEPTION, Group.FOLLOWED, Group.OPTION, Group.SHOWN):
        yield from _rules(group, episode.in_group(group), reasons=everything or group is Group.EXCEPTION)
    rest = episode.in_group(Group.NOT_APPLICABLE)
    if everything:
        yield from _rules(Group.NOT_APPLICABLE, rest, reasons=True)
    elif rest:
        yield Text(f"\n{len({state.rule_id for state in rest})} rules do not apply.", style="dim")
    if everything:
        yield _title("Why it is classified so")
        for item in episode.classification:
            yield Padding(Text(f"{item.name} {item.value}: {item.because}"), (0, 0, 0, 2))


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold cyan")


def _grid(*widths: int | None) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in widths:
        table.add_column(width=width, overflow="fold", ratio=None if width else 1)
    return table


def _indented(table: Table) -> Padding:
    return Padding(table, (0, 0, 0, 2))


def _due(items: Sequence[Due]) -> Padding:
    table = _grid(8, None, 24)
    table.expand = True
    for item in items:
        text = Text.assemble(item.text, (f"  {rule_ids(item)}", "dim"))
        table.add_row(Text(str(item.when), style=_STYLES[item.when]), text, time_of(item))
    return _indented(table)


def _rules(group: Group, states: Sequence[RuleState], *, reasons: bool) -> Iterator[Text | Padding]:
    if not states:
        return
    merged = merge(states)
    yield _title(f"{str(group).capitalize()} ({len(merged)})")
    if not reasons:
        yield Padding(_listed(merged), (0, 0, 0, 2))
        return
    table = _grid(_ID, None)
    table.expand = True
    for title, of_rule in merged:
        first = of_rule[0]
        head = Text.assemble(title, outcome_words(first), (f"  {first.strength_word}; {first.source}", "dim"))
        table.add_row(Text(first.rule_id, style="bold"), head)
        for reason in behind(of_rule):
            table.add_row("", Text(reason, style="dim"))
    yield _indented(table)


def _listed(merged: Sequence[tuple[str, list[RuleState]]]) -> Text:
    text = Text()
    for at, (title, states) in enumerate(merged):
        text.append("; " if at else "")
        text.append(states[0].rule_id, style="bold")
        text.append(f" {title}{outcome_words(states[0])}")
    return text


def _situation(situation: SituationState) -> Iterator[Text | Padding]:
    unsure = "" if situation.applies else "may apply: "
    yield Text.assemble(_title(f"{situation.source}  "), (f"{unsure}{situation.words}", ""))
    table = _grid(1, 15, None)
    table.expand = True
    for strategy in situation.strategies:
        style = "bold green" if strategy.course in ("followed", "followed so far") else "dim"
        table.add_row(str(strategy.number), Text(strategy.course, style=style), _steps(strategy))
    yield _indented(table)
    if situation.notes:
        yield Padding(Text(" ".join(situation.notes), style="dim"), (0, 0, 0, 2))


def _steps(strategy: StrategyState) -> Text:
    text = Text()
    for at, step in enumerate(strategy.steps):
        text.append(" → " if at else "", style="dim")
        text.append(f"{_MARKS[step.done]} ", style="green" if step.done else "dim")
        text.append(step.words)
    return text


def _missing(items: Sequence[Missing]) -> Padding:
    table = _grid(18, None)
    table.expand = True
    by_table: dict[str, list[Missing]] = {}
    for item in items:
        by_table.setdefault(item.table, []).append(item)
    for name, columns in by_table.items():
        table.add_row(Text(name, style="bold"), "; ".join(_column(item) for item in columns))
    return _indented(table)


def _column(item: Missing) -> str:
    name = " ".join(part for part in (item.column or "a row", item.what) if part)
    decides = f"decides {' '.join(item.decides)}" if item.decides else ""
    helps = f"helps {' '.join(item.helps)}" if item.helps else ""
    return f"{name} ({', '.join(part for part in (decides, helps) if part)})"


def _timeline(items: Sequence[Entry]) -> Padding:
    table = _grid(24, None)
    by_day: dict[tuple[dt.date, str], list[str]] = {}
    for item in items:
        by_day.setdefault((item.on, _span(item)), []).append(item.text)
    for (_, span), texts in by_day.items():
        table.add_row(Text(span, style="dim"), "; ".join(texts))
    return _indented(table)


def _span(item: Entry) -> str:
    if item.until is not None:
        return f"{item.on} to {item.until}"
    return f"{item.on}, under way" if item.under_way else str(item.on)
