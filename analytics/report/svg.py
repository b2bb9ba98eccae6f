"""A figure as inline SVG in the colors of the page: small, with text that is text, the same bytes each time."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

from analytics.figures.style import THEMES
from analytics.report.html import Html

_LIGHT = THEMES["light"]
_NAMES = {_LIGHT.background: "bg", _LIGHT.ink: "ink", _LIGHT.muted: "muted", _LIGHT.grid: "grid"}
_NAMES |= {color: f"g{at}" for at, color in enumerate(_LIGHT.groups)}
_COLOR = re.compile(r"#[0-9a-f]{6}")
_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"#([\w.-]+)")
_FONT = re.compile(r"font-family: [^;]*;? ?")
_DROPPED = ("metadata", "style", "title")
_MEASURES = ("d", "x", "y", "width", "height", "transform", "points")
_HREF = "{http://www.w3.org/1999/xlink}href"


class _Renderer(RendererSVG):  # type: ignore[misc]
    """Writes texts as texts whatever the house style says of saved files: figures are saved in several threads."""

    def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, *more: Any, **named: Any) -> None:
        mtext = named.get("mtext", more[1] if len(more) > 1 else None)
        self._draw_text_as_text(gc, x, y, s, prop, angle, False, mtext)


def inline(figure: Figure, *, key: str, alt: str) -> Html:
    """A figure as an element of the page.

    Its colors become variables of the page, so that it is light and dark as the page is; it must be drawn in the light
    theme. Ids begin with a key, so that those of several figures do not meet.

    Args:
        figure: drawn in the light theme.
        key: a name of its own in the page.
        alt: what it shows, for those who cannot see it.
    """
    root = ElementTree.fromstring(_drawn(figure))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    _drop(root)
    used = {name for element in root.iter() for value in element.attrib.values() for name in _REFERENCE.findall(value)}
    for element in root.iter():
        _rewrite(element, key, used)
    _unwrap(root)
    width, height = (float(root.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    root.attrib = {
        "class": "drawing",
        "role": "img",
        "aria-label": alt,
        "viewBox": f"0 0 {width:.1f} {height:.1f}",
        "width": f"{width:.1f}pt",
    }
    return Html(ElementTree.tostring(root, encoding="unicode"))


def _drawn(figure: Figure) -> str:
    text, dpi = io.StringIO(), figure.dpi
    figure.dpi = 72
    width, height = figure.get_size_inches() * 72
    renderer = _Renderer(width, height, text, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    figure.draw(renderer)
    renderer.finalize()
    figure.dpi = dpi
    return text.getvalue()


def _drop(element: ElementTree.Element) -> None:
    """Without what a page has no use for; a style sheet in a drawing would be one of the whole page."""
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
        else:
            _drop(child)
            if child.tag == "defs" and not len(child):
                element.remove(child)


def _rewrite(element: ElementTree.Element, key: str, used: set[str]) -> None:
    attributes = {}
    for name, value in element.attrib.items():
        if name == "id":
            if value in used:
                attributes["id"] = f"{key}-{value}"
            continue
        if name in _MEASURES:
            value = " ".join(_NUMBER.sub(_rounded, value).split())
        if name in ("fill", "stroke") and "style" not in element.attrib:
            # A variable is understood in a style everywhere, in an attribute not.
            name, value = "style", f"{name}: {value}"
        if name == "style":
            value = _COLOR.sub(_variable, _FONT.sub("", value)).replace(": ", ":").replace("; ", ";")
        if name == "transform" and value.startswith("rotate(-0 "):
            continue
        if name in (_HREF, "clip-path") or "url(#" in value:
            value = _REFERENCE.sub(rf"#{key}-\1", value)
        attributes["href" if name == _HREF else name] = value
    element.attrib = attributes
    if element.tag != "text" and element.tag != "tspan":
        element.text = None
    element.tail = None


def _unwrap(element: ElementTree.Element) -> None:
    """Without groups that say nothing."""
    for child in list(element):
        _unwrap(child)
    children: list[ElementTree.Element] = []
    for child in element:
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    if len(children) != len(element) or any(child.tag == "g" for child in element):
        for child in list(element):
            element.remove(child)
        element.extend(children)


def _rounded(number: re.Match[str]) -> str:
    """A hundredth of a point is finer than any screen and any print."""
    return f"{round(float(number[0]), 2) + 0.0:g}" if abs(float(number[0])) < 1e4 else number[0]


def _variable(color: re.Match[str]) -> str:
    name = _NAMES.get(color[0])
    return color[0] if name is None else f"var(--{name})"
