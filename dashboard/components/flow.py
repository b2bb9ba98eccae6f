"""The way to those who were analyzed: everybody who was left out, with the reason."""

from __future__ import annotations

from analytics.endpoints import (
    DEATH_DATE_UNKNOWN,
    ENDS_BEFORE_ENTRY,
    ENDS_BEFORE_LANDMARK,
    ENDS_BEFORE_ORIGIN,
    FACTOR_FIXED_LATER,
    FACTOR_MISSING,
    FACTOR_NOT_APPLICABLE,
    FAILURE_UNKNOWN,
    LAST_CONTACT_UNKNOWN,
    NOT_DISEASE_FREE,
    VITAL_STATUS_UNKNOWN,
    WITHDRAWN,
    Chosen,
)
from analytics.narrowing import OTHERWISE, UNKNOWN
from analytics.origins import DATE_UNKNOWN, NOT_REACHED, UNDETERMINED
from dashboard.components.filtered import title
from dashboard.components.html import Column, Content, Html, table
from dashboard.words import number


def flow(chosen: Chosen, analyzed: int) -> Html:
    """Everybody who was left out, with the reason; each counts for the first that holds.

    Where treatments are the units, those of the table are treatments, and the registry's patients are not in it.
    """
    of_treatments = chosen.endpoint.of_treatments
    rows: list[tuple[Content, ...]] = [] if of_treatments else [("In the registry", number(chosen.patients))]
    rows += [(f"– {_why(chosen, reason)}", number(count)) for reason, count in chosen.excluded.items()]
    columns = (Column(f"{chosen.endpoint.unit.capitalize()}s", kind="head"), Column("Number", kind="num"))
    return table(columns, rows, foot=("Analyzed", number(analyzed)), narrow=True)


def _why(chosen: Chosen, reason: str) -> str:
    """A reason in words."""
    origin = chosen.origin.words
    words = {
        WITHDRAWN: "consent withdrawn",
        NOT_REACHED: f"without {origin}",
        DATE_UNKNOWN: f"{origin} on an unknown day",
        UNDETERMINED: f"{origin} cannot be told",
        NOT_DISEASE_FREE: "operation at the origin was R1 or R2",
        FACTOR_MISSING: "factor not recorded",
        FACTOR_FIXED_LATER: "factor known only later",
        FACTOR_NOT_APPLICABLE: "factor does not apply",
        ENDS_BEFORE_ENTRY: "follow-up ends before enrollment",
        ENDS_BEFORE_ORIGIN: "follow-up ends before the origin",
        ENDS_BEFORE_LANDMARK: "event or end of follow-up before the landmark",
        VITAL_STATUS_UNKNOWN: "vital status unknown",
        LAST_CONTACT_UNKNOWN: "last contact unknown",
        DEATH_DATE_UNKNOWN: "died on an unknown day",
        FAILURE_UNKNOWN: "failure on an unknown day, or at an unknown site",
    }
    for start, said in ((OTHERWISE, "other than chosen"), (UNKNOWN, "not known, or does not apply")):
        if reason.startswith(start):
            return f"{title(reason.removeprefix(start))} {said}"
    return words.get(reason, reason.replace("_", " "))
