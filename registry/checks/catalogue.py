"""All edit checks, in the order in which they are listed."""

from registry.checks import (
    branches,
    completeness,
    contradictions,
    death,
    episodes,
    follow_up,
    local_treatments,
    meetings,
    plausibility,
    screening,
    specimens,
    staging,
    studies,
    systemic_therapies,
    time_order,
    vital_status,
)
from registry.checks.check import Check

CHECKS: tuple[Check, ...] = (
    *time_order.CHECKS,
    *death.CHECKS,
    *vital_status.CHECKS,
    *staging.CHECKS,
    *episodes.CHECKS,
    *contradictions.CHECKS,
    *studies.CHECKS,
    *specimens.CHECKS,
    *meetings.CHECKS,
    *systemic_therapies.CHECKS,
    *local_treatments.CHECKS,
    *follow_up.CHECKS,
    *screening.CHECKS,
    *plausibility.CHECKS,
    *completeness.CHECKS,
    *branches.CHECKS,
)
