"""tbd"""

from analytics.report.html import Html
from analytics.report.material import Material


def consensus(material: Material) -> Html:
    """The section."""
    return Html("")
