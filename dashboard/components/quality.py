"""Data quality in tables: how far each form is filled at each center, how soon, and what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.glance import FormCounts
from dashboard.lookup import QueryLine
from dashboard.quality import STATES, Quality
from dashboard.words import FORMS, NOTHING, column_title, in_words, number, percent
from registry.fields import Absent
from registry.quality import OVERDUE_DAYS, Completeness, Timeliness
from registry.queries import MANUAL
from registry.tables import TABLES

_KEY = (("var(--om-accent)", "value"), ("var(--om-second)", "missing-data code"), ("var(--om-soft)", "blank"))


def completeness_matrix(quality: Quality) -> Html:
    """A form a row, a center a column: the share answered, and a bar of value, missing-data code and blank."""
    columns = [Column("Form", kind="head"), *(Column(center) for center in quality.centers)]
    rows = [
        [FORMS[form], *(_cell(quality.cells.get((form, center))) for center in quality.centers)]
        for form in quality.forms
    ]
    return join((tag("div", table(columns, rows), class_="matrix"), _key()))


def _key() -> Html:
    key = join(tag("span", join((Html(f'<i style="background: {color}"></i>'), text))) for color, text in _KEY)
    return tag("div", key, class_="key")


def _cell(form: FormCounts | None) -> Content:
    if form is None or not form.cells:
        return NOTHING
    parts = join(
        tag("div", "", class_=kind, style=f"width: {100 * count / form.cells:.2f}%")
        for kind, count in (("filled", form.filled), ("coded", form.coded))
    )
    shares = ((form.filled, "values"), (form.coded, "missing-data codes"), (form.blank, "blank"))
    words = ", ".join(f"{number(count)} {what}" for count, what in shares)
    bar = tag("div", parts, class_="stack", role="img", aria_label=words, title=words)
    return join((percent(form.answered), bar))


def timeliness_table(lines: Iterable[Timeliness]) -> Html:
    """How soon each center enters and follows its patients."""
    columns = (
        Column("Center", kind="head"),
        Column("Patients", kind="num"),
        Column("Days to entry", "median from enrollment to the first entry", "num"),
        Column("Alive", kind="num"),
        Column("Days since contact", "median of those alive", "num"),
        Column("Overdue", f"alive, and not heard of for more than {OVERDUE_DAYS} days", "num"),
    )
    rows = [
        (
            one.center_id,
            number(one.patients),
            _days(one.entry_delay_days),
            number(one.alive),
            _days(one.contact_age_days),
            tag("span", number(one.overdue), class_="warn") if one.overdue else "0",
        )
        for one in lines
    ]
    return table(columns, rows)


def _days(days: float | None) -> str:
    return NOTHING if days is None else number(round(days))


def query_table(quality: Quality, address: Mapping[str, str]) -> Html:
    """The data queries of each center by state; a number leads to their list."""
    counts = quality.queries
    columns = [Column("Center", kind="head"), *(Column(state.capitalize(), kind="num") for state in STATES)]
    rows = [
        [center or "unknown", *(_leads(counts.get((center, state), 0), address, center, state) for state in STATES)]
        for center in sorted({center for center, _ in counts})
    ]
    sums = [sum(count for (_, of), count in counts.items() if of == state) for state in STATES]
    foot = ("All", *(_leads(total, address, "", state) for total, state in zip(sums, STATES, strict=True)))
    return table(columns, rows, foot=foot, narrow=True)


def _leads(count: int, address: Mapping[str, str], center: str, state: str) -> Content:
    if not count:
        return "0"
    asked = {**address, "state": state} | ({"center": center} if center else {})
    return tag("a", number(count), href=f"?{urlencode(asked)}", target="_self")


def query_list(lines: Sequence[QueryLine]) -> Html:
    """Data queries, each with the way to its place in the record."""
    columns = (
        Column("Patient", "leads to the record", "head"),
        Column("About"),
        Column("Question", kind="free"),
        Column("Check"),
        Column("Since"),
    )
    return table(columns, (_query(line) for line in lines))


def _query(line: QueryLine) -> tuple[Content, ...]:
    place = {"patient": line.owner, "form": line.table} | ({"row": line.record_key} if line.record_key else {})
    link = tag("a", line.owner, href=f"patient?{urlencode(place)}", target="_self")
    field = TABLES[line.table].fields.get(line.column)
    form = f"{FORMS[line.table]} {line.record_key}".strip()
    about = f"{form}, {column_title(field, unit=False)}" if field and not field.key else form
    question = line.question if line.check_id == MANUAL else in_words(line.question)
    asked = "a person" if line.check_id == MANUAL else line.check_id
    return link, about, question, tag("span", asked, class_="quiet"), tag("span", line.opened_at[:10], class_="place")


def field_matrix(quality: Quality, form: str) -> Html:
    """The fields of a form: how many cells are blank or hold which missing-data code, and each center."""
    columns = [Column("Field", kind="head"), Column("Cells", "that have a meaning", "num"), Column("Blank", kind="num")]
    columns += [Column(code.value, code.sentence, "num") for code in Absent]
    columns += [Column(center) for center in quality.centers]
    rows = [_field(form, name, of, quality.centers) for name, of in quality.fields(form).items()]
    return join((tag("div", table(columns, rows), class_="matrix"), _key()))


def _field(form: str, name: str, of: Mapping[str, Completeness], centers: Sequence[str]) -> list[Content]:
    field = TABLES[form].fields[name]
    title = tag("span", column_title(field, unit=False) + (" *" if field.required else ""), title=field.sentence)
    cells = sum(one.rows for one in of.values())
    blank = sum(one.blank for one in of.values())
    coded = [sum(one.missing[code.value] for one in of.values()) for code in Absent]
    head = [title, number(cells), *(_share(count, cells) for count in (blank, *coded))]
    counts = (of.get(center) for center in centers)
    return [*head, *(_cell(None if one is None else _counts(form, one)) for one in counts)]


def _share(count: int, cells: int) -> Content:
    return tag("span", percent(count / cells), title=number(count)) if count else NOTHING


def _counts(form: str, one: Completeness) -> FormCounts:
    return FormCounts(form, one.filled, sum(one.missing.values()), one.blank)


def check_table(quality: Quality) -> Html:
    """What the edit checks question, by check."""
    found: dict[str, list[int]] = {}
    sentences = {}
    for one in quality.found.questioned:
        counts = found.setdefault(one.check_id, [0, 0])
        counts[0] += 1
        counts[1] += one.state != "closed"
        # A question is the words of a person and may name a patient; a check has a sentence of its own.
        sentences[one.check_id] = one.sentence if one.severity != "question" else "A question that somebody asked."
    columns = (Column("Check", kind="head"), Column("Expected", kind="free"), Column("Findings", kind="num"))
    order = sorted(found, key=lambda id: (-found[id][1], id))
    rows = [(id, sentences[id], number(found[id][0]), number(found[id][1])) for id in order]
    return table((*columns, Column("Open", kind="num")), rows)
