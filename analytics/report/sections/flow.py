"""tbd"""

from analytics.report.html import Html
from analytics.report.material import Material


def flow(material: Material) -> Html:
    """The section."""
    return Html("")
