"""The methods: versions, readings, how numbers come about, sources, and what was not done."""

from __future__ import annotations

from analytics.consensus.readings import Readings
from analytics.report.html import Html
from analytics.report.material import Material


def readings_text(readings: Readings) -> str:
    """Version and date of the readings, and what was changed."""
    said = readings.to_dict()
    changed = f"changed: {', '.join(said['changed'])}" if said["changed"] else "nothing changed"
    return f"{said['version']} of {said['date']}, {changed}"


def methods(material: Material) -> Html:
    """The section."""
    return Html("")
