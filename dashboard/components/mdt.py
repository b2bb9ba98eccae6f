"""The MDT view: of each episode the route with its strategies, what is due, what is missing, and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.decision import EpisodeDecision, PatientDecision, SituationState, StrategyState
from analytics.decision_due import Due
from analytics.decision_rules import Group, Missing, RuleState
from analytics.decision_words import behind, classified, merge, outcome_words, rule_ids, time_of
from dashboard.components.html import Html, join, tag
from dashboard.words import FORMS, column_title, counted
from registry.tables import TABLES

_MARKS = {True: ("✓", "done"), False: ("○", "not done"), None: ("?", "not known")}
_REASONS = (Group.TO_DO, Group.NOT_FOLLOWED, Group.OPEN, Group.EXCEPTION)
_BRIEF = (Group.UNDETERMINED, Group.FOLLOWED, Group.OPTION, Group.SHOWN)
_SOURCE = "Strategies and rules are those of J Hematol Oncol 2019;12:16. They support a decision and make none."


def view(decision: PatientDecision) -> Html:
    """All episodes, the newest first; earlier ones are folded."""
    parts = [_episode(episode) if episode.current else _folded(episode) for episode in decision.episodes]
    return tag("div", join((*parts, tag("p", _SOURCE, class_="quiet"))), class_="mdt")


def _folded(episode: EpisodeDecision) -> Html:
    summary = tag("summary", _headline(episode))
    return Html(f'<details class="form earlier">{summary.text}{_episode(episode, head=False).text}</details>')


def _headline(episode: EpisodeDecision) -> Html:
    age = "" if episode.age is None else f" at {episode.age} years"
    when = f"Episode {episode.episode_no}, found {episode.detected_on or 'on an unknown day'}{age}"
    return join((tag("span", when), " ", tag("span", episode.route, class_="route"), f" {episode.route_words}"))


def _episode(episode: EpisodeDecision, *, head: bool = True) -> Html:
    title = tag("h2", _headline(episode)) if head else ""
    left = [_section("Due", _due(episode.due))] if episode.due else []
    left += [_section("What would decide the undetermined", _missing(episode.missing))] if episode.missing else []
    right = [_situation(situation) for situation in episode.situations]
    columns = tag("div", join((tag("div", join(right)), tag("div", join(left)))), class_="pair")
    rules = [_reasoned(group, episode.in_group(group)) for group in _REASONS]
    brief = [_brief(group, episode.in_group(group)) for group in _BRIEF]
    rest = len({state.rule_id for state in episode.in_group(Group.NOT_APPLICABLE)})
    foot = tag("p", f"{counted(rest, 'rule')} do not apply.", class_="quiet") if rest else ""
    return join((title, tag("p", classified(episode), class_="quiet"), columns, *rules, *brief, foot))


def _section(title: str, body: Html) -> Html:
    return tag("section", join((tag("h3", title), body)))


def _due(items: Sequence[Due]) -> Html:
    return tag("ul", join(_due_item(item) for item in items), class_="due")


def _due_item(item: Due) -> Html:
    when = tag("span", str(item.when), class_=f"when {item.when.name.lower()}")
    rules = tag("span", rule_ids(item), class_="ids")
    return tag("li", join((when, tag("div", join((item.text, " ", rules, tag("div", time_of(item), class_="time")))))))


def _missing(items: Sequence[Missing]) -> Html:
    by_table: dict[str, list[Missing]] = {}
    for item in items:
        by_table.setdefault(item.table, []).append(item)
    rows = [
        tag("li", join((tag("b", FORMS.get(name, name)), _commas(_column(item) for item in columns))))
        for name, columns in by_table.items()
    ]
    return tag("ul", join(rows), class_="missing")


def _commas(parts: Iterable[Html]) -> Html:
    return join(join((": " if at == 0 else "; ", part)) for at, part in enumerate(parts))


def _column(item: Missing) -> Html:
    field = TABLES[item.table].fields.get(item.column) if item.table in TABLES else None
    title = column_title(field, unit=False) if field else "a row"
    name = " ".join(part for part in (title, item.what) if part)
    ids = " ".join((*item.decides, *(f"({rule})" for rule in item.helps)))
    return join((tag("span", name, title=field.sentence if field else ""), " ", tag("span", ids, class_="ids")))


def _situation(situation: SituationState) -> Html:
    unsure = "" if situation.applies else "May apply: "
    head = tag("h3", join((situation.source, tag("span", f" {unsure}{situation.words}", class_="quiet"))))
    strategies = tag("ol", join(_strategy(strategy) for strategy in situation.strategies), class_="strategies")
    notes = tag("p", " ".join(situation.notes), class_="quiet") if situation.notes else ""
    return tag("section", join((head, strategies, notes)), title=f"lines {situation.lines} of the text")


def _strategy(strategy: StrategyState) -> Html:
    steps = join(
        tag(
            "span",
            join((tag("i", _MARKS[step.done][0], title=_MARKS[step.done][1]), f" {step.words}")),
            class_="step done" if step.done else "step",
        )
        for step in strategy.steps
    )
    kind = strategy.course.replace(" ", "-")
    return tag("li", join((tag("div", strategy.course, class_="course"), tag("div", steps))), class_=kind)


def _reasoned(group: Group, states: Sequence[RuleState]) -> Html:
    """The rules of a group, each with its strength, its source and what is behind its state."""
    if not states:
        return Html("")
    merged = merge(states)
    rows = join(_reasoned_rule(title, of_rule) for title, of_rule in merged)
    return _section(
        f"{str(group).capitalize()} ({len(merged)})", tag("div", rows, class_=f"rules {group.name.lower()}")
    )


def _reasoned_rule(title: str, states: Sequence[RuleState]) -> Html:
    first = states[0]
    said = tag("div", f"{first.strength_word} · {first.source}", class_="ids")
    told = join(tag("div", reason, class_="reason") for reason in behind(states))
    named = title if first.group in _BRIEF else title + outcome_words(first)
    parts = (tag("b", first.rule_id), tag("div", join((named, said)), title=first.statement), tag("div", told))
    return tag("div", join(parts), class_="rule")


def _brief(group: Group, states: Sequence[RuleState]) -> Html:
    """The rules of a group in a line; what is behind each is folded."""
    if not states:
        return Html("")
    merged = merge(states)
    names = join(
        tag("span", join((tag("b", of_rule[0].rule_id), f" {title}{outcome_words(of_rule[0])}")), class_="brief")
        for title, of_rule in merged
    )
    rows = join(_reasoned_rule(title, of_rule) for title, of_rule in merged)
    more = Html(f"<details><summary>Sources and data</summary>{tag('div', rows, class_='rules').text}</details>")
    return _section(f"{str(group).capitalize()} ({len(merged)})", join((tag("p", names), more)))
