"""The page around the sections: head, title, contents, style; one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files

from analytics.figures.style import THEMES, ThemeName
from analytics.fingerprint import SHOWN
from analytics.report.html import Html, bullets, html, join, missing, paragraph, tag
from analytics.report.material import Material
from analytics.report.sections import SECTIONS
from analytics.report.sections.methods import readings_text
from registry.errors import AnalysisRefused

Progress = Callable[[float, str], None]


def page(material: Material, progress: Progress = lambda share, step: None) -> str:
    """The report.

    The same material gives the same text: nothing in it depends on the clock or on chance.

    Args:
        material: what it is made from.
        progress: told the share that is done and the section that comes next.
    """
    made: list[Html] = []
    for at, (anchor, (title, section)) in enumerate(SECTIONS.items()):
        progress(at / len(SECTIONS), title.lower())
        made.append(_section(at + 1, anchor, title, section, material))
    body = join([_header(material), _contents(), tag("main", join(made), id="report"), _footer(material)])
    settings = material.settings
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="en" data-theme="{settings.theme}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{html(settings.title)}, data cut {material.data['data_cut']}</title>",
            f"<style>\n{_style()}</style>",
            "</head>",
            f"<body>\n{body.text}\n</body>",
            "</html>\n",
        )
    )


def _section(number: int, anchor: str, title: str, section: Callable[[Material], Html], material: Material) -> Html:
    try:
        content = section(material)
    except AnalysisRefused as refused:
        content = missing(str(refused))
    name = tag("h2", tag("span", f"{number}", class_="number"), f" {title}", id=f"{anchor}-title")
    return tag("section", Html("\n"), name, Html("\n"), content, id=anchor, aria_labelledby=f"{anchor}-title")


def _header(material: Material) -> Html:
    settings, data = material.settings, material.data
    shown = [
        ("Data cut", data["data_cut"]),
        ("Patients", material.small.count(material.patients)),
        ("Center", settings.center or "all centers"),
        ("Snapshot", settings.snapshot or "none: the registry as it stands"),
        ("Program", f"oligomet {version('oligomet')}"),
        ("Readings", readings_text(material.cohort.readings)),
        ("Fingerprint of the data", data["fingerprint"][:SHOWN]),
        (
            "Small numbers",
            f"counts from 1 to {settings.min_cell - 1} are not shown in tables"
            if settings.min_cell > 1
            else "all are shown",
        ),
    ]
    facts = tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in shown))
    return tag(
        "header",
        paragraph("Registry of oligometastatic colorectal cancer", kind="kicker"),
        tag("h1", settings.title),
        paragraph(
            "Outcomes of the patients, and how their care follows the 2019 consensus on colorectal cancer with lung "
            "metastases (J Hematol Oncol 2019;12:16).",
            kind="lead",
        ),
        facts,
    )


def _contents() -> Html:
    links = (tag("a", title, href=f"#{anchor}") for anchor, (title, _) in SECTIONS.items())
    return tag("nav", tag("h2", "Contents", id="contents"), bullets(links, ordered=True), aria_labelledby="contents")


def _footer(material: Material) -> Html:
    data = material.data
    return tag(
        "footer",
        paragraph(
            f"Data cut {data['data_cut']}, fingerprint of the data {data['fingerprint']}, oligomet "
            f"{version('oligomet')}. The same data, settings and version give the same file."
        ),
    )


def _style() -> str:
    """The style sheet, with the colors of the figures as variables of the page."""
    text = files("analytics.report").joinpath("style.css").read_text(encoding="utf-8")
    return text.replace("/* light */", _variables("light")).replace("/* dark */", _variables("dark"))


def _variables(name: ThemeName) -> str:
    theme = THEMES[name]
    named = {"bg": theme.background, "ink": theme.ink, "muted": theme.muted, "grid": theme.grid}
    named |= {f"g{at}": color for at, color in enumerate(theme.groups)}
    return " ".join(f"--{key}: {color};" for key, color in named.items())
