"""The figures that the consensus prints, each with the registry's own, their limits and what to think of first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analytics.report.small import SUPPRESSED, Small, with_limits
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import NOTHING

_COLUMNS = (
    Column("The registry's own", kind="free"),
    Column("Share or months (95 % limits)", kind="num"),
    Column("Patients", kind="num"),
    Column("Undetermined", "what decides is not recorded", "num"),
)


def benchmark(document: dict[str, Any], small: Small) -> Html:
    """A printed figure, whom it is about, the registry's figures beneath, and the caution.

    Args:
        small: which counts are not shown.
    """
    head = join((document["title"], tag("span", f" printed: {document['printed']}", class_="printed")))
    said = f"{document['about']} (lines {document['lines']})"
    parts: list[Content] = [tag("h2", head), tag("p", said, class_="quiet")]
    if document["refused"] is not None:
        parts.append(tag("p", f"No figure of the registry. {document['refused']}."))
    elif document["registry"]:
        parts.append(table(_COLUMNS, _rows(document["registry"], small)))
    else:
        parts.append(tag("p", "The registry has nobody to count."))
    parts.append(tag("p", document["caution"], class_="caution"))
    return tag("section", join(parts), class_="benchmark")


def _rows(figures: Iterable[dict[str, Any]], small: Small) -> Iterable[tuple[Content, ...]]:
    for figure in figures:
        group = "" if figure.get("group") is None else f", {figure['group']}"
        yield (f"{figure['reading']}{group}", *_cells(figure, small))


def _cells(figure: dict[str, Any], small: Small) -> tuple[str, str, str]:
    n = figure["denominator"]
    opened = small.count(figure["undetermined"]) if "undetermined" in figure else NOTHING
    if not n or ("median_months" in figure and figure["median_months"] is None):
        return "no cases", "0", opened
    if small.hides(n):
        return SUPPRESSED, small.count(n), NOTHING
    if "median_months" in figure:
        low, high = figure["quartiles_months"]
        return f"median {figure['median_months']:.1f} (quartiles {low:.1f} and {high:.1f})", f"{n:,}", NOTHING
    if "undetermined" not in figure:  # survival, whose numerator is deaths
        if figure["estimate"] is None:
            return "follow-up ends before", f"{n:,}", NOTHING
        return with_limits(figure["estimate"], figure["ci_low"], figure["ci_high"]), f"{n:,}", NOTHING
    met = figure["numerator"]
    return small.share(met, n, figure["ci_low"], figure["ci_high"]), small.of(met, n), opened
