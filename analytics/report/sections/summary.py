"""tbd"""

from analytics.report.html import Html
from analytics.report.material import Material


def summary(material: Material) -> Html:
    """The section."""
    return Html("")
