"""The readings: every parameter that makes the text of the consensus executable, with its source and alternatives.

The text leaves limits and terms open; the registry chooses a reading of each, says so, and lets an administrator choose
another in a TOML file. Section and table numbers are those of J Hematol Oncol 2019;12:16.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from registry.errors import UsageError

VERSION, VERSION_DATE = "1.1", "2026-11-29"
"""Of the readings and definitions. A changed default or definition is a new version."""

Setting = str | bool | int | float | tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """What is said of one parameter.

    Attributes:
        id: of the parameter or of the ambiguity that it settles.
        meaning: one sentence.
        source: where the consensus speaks of it.
        alternatives: other settings that have been proposed, each with what it means. Of a word, only the default and
            these can be chosen; of a number, any that is not negative.
    """

    id: str
    meaning: str
    source: str
    alternatives: Mapping[Setting, str] = dataclasses.field(default_factory=dict)


def _reading(default: Any, id: str, meaning: str, source: str, **alternatives: str) -> Any:
    return _numbered(default, id, meaning, source, dict(alternatives))


def _numbered(default: Any, id: str, meaning: str, source: str, alternatives: Mapping[Any, str] | None = None) -> Any:
    metadata = {"reading": Reading(id, meaning, source, alternatives or {})}
    return dataclasses.field(default=default, metadata=metadata)


_DEFINITION = "Overview and epidemiology"
_METACHRONOUS = "Management of initial metachronous lung metastases"


@dataclass(frozen=True)
class Readings:
    """The chosen readings; :data:`READINGS` says what each means."""

    # What the classification needs.
    months: str = _reading("calendar", "P-MONTH", "Months are calendar months.", "-")
    synchronous_limit: str = _reading(
        "workup",
        "AMB-01",
        "Synchronous: found on or before the last staging study ordered before the first treatment of the primary.",
        _DEFINITION,
        six_months="found within 6 calendar months of the histological diagnosis of the primary",
        ninety_days="found within 90 days of the histological diagnosis of the primary",
    )
    gap_timing: str = _reading(
        "metachronous",
        "AMB-02",
        "Found after the work-up, with the primary in situ and untreated: metachronous, of the subtype gap.",
        f"{_DEFINITION}; {_METACHRONOUS}",
        synchronous="synchronous",
    )
    same_episode_days: int = _numbered(
        31,
        "P-EPISODE, AMB-03",
        "Sites found within this many days of each other were found in one staging episode.",
        _DEFINITION,
        {0: "strict order of the dates"},
    )
    pleura_is_site: bool = _numbered(
        False,
        "AMB-04",
        "Whether pleural metastases count as an extrapulmonary site.",
        _DEFINITION,
        {True: "they count as one"},
    )
    peritoneum_and_pelvis: str = _reading(
        "two_sites",
        "AMB-05",
        "How many sites peritoneal and pelvic implants are together.",
        "Table 5, note 2",
        one_site="one, which changes who is oligometastatic",
    )
    dfi_start: str = _reading(
        "primary_resection",
        "P-DFI0, AMB-06",
        "Day from which the disease-free interval runs.",
        "Table 1",
        adjuvant_end="the end of postoperative systemic therapy, where there was any before the metastases",
    )
    dfi_of_synchronous: str = _reading(
        "none",
        "AMB-06",
        "The disease-free interval of synchronous metastases.",
        "Table 1",
        zero="0 days",
    )
    stage_of_primary: str = _reading(
        "clinical",
        "P-STAGE, AMB-08",
        "Which T and N decide whether the primary is locally advanced.",
        "Management of special situations in rectal cancer with synchronous lung metastases",
        pathological="the pathological ones where it was resected without preoperative treatment",
    )
    mid_low_height_cm: float = _numbered(
        10.0,
        "P-MIDLOW",
        "Highest distance from the anal margin, in cm, of a middle or low rectal cancer.",
        "Management of special situations in rectal cancer with synchronous lung metastases",
    )
    omd_synchronous_months: int = _numbered(
        6,
        "P-OMD",
        "ESTRO/EORTC class: synchronous until so many months after the diagnosis of the primary, that day included.",
        "Lancet Oncol 2020;21:e18-28",
    )

    # What the rules need.
    perioperative_days: int = _numbered(
        183,
        "P-PERIOP, AMB-11",
        "Most on-treatment days of perioperative systemic therapy that are still within six months.",
        "Tables 2 to 4; Management of initial metachronous lung metastases",
        {182: "literal: fewer than 183", 197: "with two weeks of grace"},
    )
    perioperative_literal_days: int = _numbered(
        182, "P-PERIOP, AMB-11", "The literal limit that is reported beside: fewer than 183 days.", "as P-PERIOP"
    )
    perioperative_grace_days: int = _numbered(
        197, "P-PERIOP, AMB-11", "The limit with grace that is reported beside.", "as P-PERIOP"
    )
    surveillance_half_yearly_months: tuple[int, ...] = _numbered(
        (6, 12, 18, 24, 30, 36), "P-FUP", "Months after NED at which a chest CT is due, half-yearly part.", "Follow-up"
    )
    surveillance_yearly_months: tuple[int, ...] = _numbered(
        (48, 60), "P-FUP", "Months after NED at which a chest CT is due, yearly part.", "Follow-up"
    )
    surveillance_half_yearly_tolerance: int = _numbered(
        2, "P-FUP, AMB-14", "Months by which a half-yearly CT may be early or late.", "Follow-up", {1: "strict"}
    )
    surveillance_yearly_tolerance: int = _numbered(
        3, "P-FUP, AMB-14", "Months by which a yearly CT may be early or late.", "Follow-up", {1: "strict"}
    )
    mdt_on_day_of_treatment: str = _reading(
        "in_time",
        "P-MDT",
        "Whether an MDT meeting on the day of the first treatment was before it.",
        "General guidelines for multidisciplinary therapy",
        too_late="only meetings of an earlier day were",
    )
    staging_days_before: int = _numbered(
        90, "P-HRCT, AMB-17", "Days before the detection from which on staging studies count.", "Imaging diagnosis"
    )
    molecular_time: str = _reading(
        "any",
        "P-MOL",
        "When a molecular test must have been reported.",
        "Pathological diagnosis",
        before_systemic="before the first systemic therapy of the episode",
    )
    small_lesion_mm: float = _numbered(
        10.0,
        "P-SMALL",
        "Lesions below this diameter, in mm, are small.",
        "Management of isolated and unresectable lung metastases",
    )
    open_days: int = _numbered(
        183, "P-OPEN", "Days after the detection for which a treatment that is missing may still come.", "-"
    )
    open_after_preoperative_days: int = _numbered(
        92, "P-OPEN", "Days after preoperative or conversion therapy for which the next treatment may still come.", "-"
    )
    postoperative_days: int = _numbered(
        92, "P-POSTOP", "Days after the last radical operation for which postoperative therapy may still come.", "-"
    )
    neoadjuvant_liver_days: int = _numbered(
        92, "P-LIVER", "Most days of systemic therapy before liver surgery: three months.", "Table 4, note 2"
    )
    early_phase_months: int = _numbered(
        3,
        "P-EARLY",
        "Length of the early phase of treatment, from the first treatment.",
        "General guidelines for multidisciplinary therapy",
    )
    perioperative_count: str = _reading(
        "on_treatment",
        "P-PERIOP, AMB-11",
        "Which days of perioperative systemic therapy count.",
        "Tables 2 to 4; Management of initial metachronous lung metastases",
        calendar_span="all from the first day to the last, gaps included",
    )
    surveillance_strict_tolerance: int = _numbered(
        1, "P-FUP, AMB-14", "Months by which a CT may be early or late in the strict figure beside.", "Follow-up"
    )
    surveillance_from_months: int = _numbered(
        8, "P-FUP", "Months of follow-up after NED below which nobody is judged.", "Follow-up"
    )
    monitored_from_months: int = _numbered(
        3,
        "AMB-30",
        "Months of systemic therapy from which on a response has to be assessed.",
        "General guidelines for multidisciplinary therapy",
    )
    monitored_every_months: int = _numbered(
        6,
        "AMB-30",
        "Months in each of which a primary that was kept is looked at.",
        "Management of special situations in rectal cancer with synchronous lung metastases",
    )
    high_resolution_ct: str = _reading(
        "labelled",
        "AMB-17",
        "Which chest CT is of high resolution: one that radiology calls so.",
        "Imaging diagnosis; Table 6",
        any_chest_ct="every chest CT",
    )
    table_6_for: str = _reading(
        "multi_organ",
        "AMB-16",
        "Whose assessment Table 6 lists: of lung metastases with another site.",
        "Table 6",
        everyone="of all lung metastases",
    )
    table_2_slash: str = _reading(
        "both",
        "AMB-15",
        "What the slash between systemic therapy and radiotherapy in Table 2 means.",
        "Table 2",
        either="either of them is enough",
    )
    rectal_neoadjuvant_for: str = _reading(
        "locally_advanced",
        "AMB-10",
        "Which middle or low rectal primaries get neoadjuvant treatment where the goal is NED.",
        "Management of special situations in rectal cancer with synchronous lung metastases",
        all_mid_low="all, whatever T and N",
    )
    score_systemic_first: bool = _numbered(
        False,
        "AMB-09",
        "Whether systemic therapy before radical local treatment (GEN4) is scored.",
        "General guidelines for multidisciplinary therapy",
        {True: "it is"},
    )
    effective_response: str = _reading(
        "response",
        "AMB-12",
        "When preoperative irinotecan was effective: complete or partial response.",
        _METACHRONOUS,
        with_stable="stable disease too",
    )
    surgery_ruled_out: str = _reading(
        "not_technical",
        "AMB-13",
        "Which reasons against lung surgery ask for SBRT or ablation: lung function, tolerance, refusal.",
        "Table 4, note 1",
        technical="technical ones: extent, number, location, size, near the hilum or a vessel",
    )
    unsuitable_for_surgery: str = _reading(
        "exception",
        "AMB-22",
        "What a recorded reason against surgery of resectable metastases makes of its absence.",
        "Management of isolated and resectable lung metastases",
        failure="it is not followed all the same",
    )
    documented_preoperative: str = _reading(
        "exception",
        "AMB-23",
        "What preoperative therapy that the MDT discussed makes of surgery that is not first.",
        _METACHRONOUS,
        not_applicable="the rule does not apply",
    )
    outer_zone_ablation: str = _reading(
        "any_thermal",
        "AMB-20",
        "Which ablation is considered first in the outer zone.",
        "Perioperative treatment",
        radiofrequency="radiofrequency ablation alone",
    )
    lymphangitic_local_treatment: str = _reading(
        "any_radical",
        "AMB-25",
        "Which local treatment is advised against: of the lung, and other radical treatment too.",
        "General guidelines for multidisciplinary therapy",
        lung_only="of the lung only",
    )
    age_of_factor: str = _reading(
        "completed_years",
        "AMB-29",
        "Older than 70: in completed years at the first lung operation, else at the detection.",
        "Table 1",
        exact="to the day, at the same time",
        at_detection="in completed years at the detection, whatever was operated",
    )

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """The defaults with what a TOML text sets otherwise, such as ``same_episode_days = 0``.

        Raises UsageError for what is not TOML, an unknown reading, and a setting that it cannot have.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError("The readings are not TOML", got=str(error), remedy="Write name = value lines") from None
        return cls.of(given)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The defaults with some set otherwise; raises UsageError as ``from_toml``."""
        settings: dict[str, Any] = {name: _setting(name, value) for name, value in given.items()}
        return cls(**settings)

    def to_toml(self) -> str:
        """What ``from_toml`` makes these readings of: a line for each that is not the default."""
        return "".join(f"{name} = {setting_text(value)}\n" for name, value in self.changed().items())

    def changed(self) -> dict[str, Setting]:
        """The readings that are not the defaults."""
        return {name: value for name, value in self.settings().items() if value != getattr(DEFAULT, name)}

    def settings(self) -> dict[str, Setting]:
        """All readings by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def stated(self) -> dict[str, Any]:
        """What stands with each figure: the version of the readings, and those that are not the defaults."""
        changed = {n: list(v) if isinstance(v, tuple) else v for n, v in self.changed().items()}
        return {"version": VERSION, "changed": changed}

    def to_dict(self) -> dict[str, Any]:
        """What is stored with a result: version, date, every setting, and the names of those that were changed."""
        return {
            "version": VERSION,
            "date": VERSION_DATE,
            "settings": {n: list(v) if isinstance(v, tuple) else v for n, v in self.settings().items()},
            "changed": list(self.changed()),
        }


def setting_text(value: Setting) -> str:
    """A setting as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def setting_of(name: str, text: str) -> Setting:
    """The setting of a text: a word as it is, a number, yes or no, or months with commas between them.

    Raises UsageError where the reading cannot be set to this.
    """
    default = getattr(DEFAULT, name)
    given: Any = text.strip()
    try:
        if isinstance(default, bool):
            given = {"yes": True, "no": False, "true": True, "false": False}.get(given.lower(), given)
        elif isinstance(default, tuple):
            given = tuple(int(part) for part in given.strip("[]").split(","))
        elif isinstance(default, int):
            given = int(given)
        elif isinstance(default, float):
            given = float(given)
    except ValueError:
        given = text
    return _setting(name, given)


READINGS: dict[str, Reading] = {field.name: field.metadata["reading"] for field in dataclasses.fields(Readings)}
"""What is said of each reading, by its name."""

DEFAULT = Readings()
"""The readings that the registry proposes."""


def _setting(name: str, value: Any) -> Setting:
    if name not in READINGS:
        raise UsageError("There is no such reading", got=name, remedy=f"Take one of {', '.join(READINGS)}")
    default = getattr(DEFAULT, name)
    expected = _expected(default, name)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if type(value) is not type(default) or not _fits(value, name):
        raise UsageError(f"{name} cannot be set to this", got=value, remedy=f"Set it to {expected}")
    checked: Setting = value
    return checked


def _fits(value: Any, name: str) -> bool:
    match value:
        case str():
            return value in (getattr(DEFAULT, name), *READINGS[name].alternatives)
        case tuple():
            whole = all(type(month) is int and month > 0 for month in value)
            return bool(value) and whole and list(value) == sorted(set(value))
        case _:
            return bool(0 <= value < float("inf"))


def _expected(default: Setting, name: str) -> str:
    if isinstance(default, str):
        return " or ".join(f'"{word}"' for word in (default, *READINGS[name].alternatives))
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, tuple):
        return "a list of ascending whole months, such as [6, 12]"
    return "a whole number, 0 or more" if isinstance(default, int) else "a number, 0 or more"
