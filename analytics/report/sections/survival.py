"""tbd"""

from analytics.report.html import Html
from analytics.report.material import Material


def survival(material: Material) -> Html:
    """The section."""
    return Html("")
