"""Units that a center may use where the registry has its own, and the units of durations."""

from __future__ import annotations

from decimal import Decimal

from registry.fields import Field

MONTH_DAYS = Decimal("30.4375")
"""A month of the registry, in days; a year has twelve."""

_FACTORS: dict[str, dict[str, Decimal]] = {
    "mm": {"mm": Decimal(1), "cm": Decimal(10)},
    "cm": {"cm": Decimal(1), "mm": Decimal("0.1")},
    "ng/ml": {"ng/ml": Decimal(1), "ug/l": Decimal(1), "µg/l": Decimal(1)},
    "Gy": {"Gy": Decimal(1), "cGy": Decimal("0.01")},
    "0-100": {"0-100": Decimal(1)},
}

DURATIONS = ("days", "weeks", "months", "years")


def factors(field: Field, month_days: Decimal) -> dict[str, Decimal]:
    """What a number in each unit is multiplied by to be in the unit of the field; empty for a field without one."""
    if field.unit == "months":
        return {unit: days_in(unit, month_days) / month_days for unit in DURATIONS}
    return _FACTORS.get(field.unit, {})


def days_in(unit: str, month_days: Decimal) -> Decimal:
    """The days of a unit of duration."""
    return {"days": Decimal(1), "weeks": Decimal(7), "months": month_days, "years": 12 * month_days}[unit]
