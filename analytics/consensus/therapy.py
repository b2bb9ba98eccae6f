"""What was done in an episode: its treatments with what neoadjuvant therapy adds, their order, days and responses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analytics.consensus.columns import MISSING, NEVER, Days, earliest
from analytics.consensus.definitions import Definitions
from analytics.consensus.links import Links, Precedes
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Fact, Leaf, Recoded, Seen, Term, perhaps, surely
from analytics.consensus.treatments import ABLATIONS, RADICAL_MODALITIES

_ANY_NUMBER = 10**9
PERIOPERATIVE = ("preoperative", "conversion", "postoperative")
CONTROLLED = ("CR", "PR", "SD")


class Therapy:
    """The treatments of each episode.

    Metastases that were found during neoadjuvant treatment of the primary are managed with it: its earlier systemic
    therapy and radiotherapy belong to the episode too.
    """

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.record, self.facts = definitions.facts.record, definitions.facts
        self.readings = definitions.facts.readings

    # Which rows belong to the episode.

    @cached_property
    def systemic(self) -> Links:
        """Systemic therapies."""
        pairs = self.record.pairs("systemic_therapy")
        started = pairs.day("started_on") <= pairs.lift(self.record.detected_on)
        earlier = started & ~pairs.among("intent", ("palliative",)) & self._names_no_other(pairs)
        return self.record.treatments("systemic_therapy", earlier & pairs.lift(self.definitions.during_neoadjuvant))

    @cached_property
    def local(self) -> Links:
        """Local treatments."""
        pairs = self.record.pairs("local_treatment")
        started = pairs.day("started_on") <= pairs.lift(self.record.detected_on)
        of_primary = pairs.among("target", ("primary",)) & pairs.among("modality", ("radiotherapy",))
        earlier = started & of_primary & self._names_no_other(pairs)
        return self.record.treatments("local_treatment", earlier & pairs.lift(self.definitions.during_neoadjuvant))

    def _names_no_other(self, pairs: Links) -> Term:
        mine = self.record.names_the_episode(pairs) | np.isnan(pairs.number("episode_no"))
        return Leaf(np.where(mine, np.int8(YES), np.int8(NO)), ())

    @cached_property
    def started(self) -> Days:
        """Start of each systemic therapy."""
        return self.systemic.day("started_on")

    @cached_property
    def ended(self) -> Days:
        """End of each systemic therapy; NEVER while it is under way."""
        return self.systemic.end("ended_on")

    @cached_property
    def local_started(self) -> Days:
        """Start of each local treatment."""
        return self.local.day("started_on")

    @cached_property
    def ended_or_cut(self) -> Days:
        """End of each systemic therapy, or the data cut while it is under way."""
        cut, ended = self.systemic.lift(self.record.cut), self.ended
        missing = ended.days == MISSING
        until = np.where(~missing & (ended.days > cut.days), cut.days, ended.days)
        # An end that is not known lies between the start and the data cut.
        low = np.where(missing, np.where(self.started.days == MISSING, 0, self.started.days), until)
        return Days(until, ended.columns, low, np.where(missing, cut.days, until))

    def lasted_months(self, months: int) -> Term:
        """Of each systemic therapy: so many calendar months or more, so far."""
        return self.started.plus_months(months) <= self.ended_or_cut

    # Kinds of local treatment.

    def target(self, *targets: str) -> Term:
        """Of each local treatment: of one of some targets."""
        return self.local.among("target", targets)

    def modality(self, *modalities: str) -> Term:
        """Of each local treatment: by one of some modalities."""
        return self.local.among("modality", modalities)

    def intent(self, *intents: str) -> Term:
        """Of each local treatment: with one of some intents."""
        return self.local.among("intent", intents)

    @cached_property
    def not_emergency(self) -> Links:
        """Local treatments of which it is not recorded that they were emergencies."""
        return self.local.only(~surely(self.intent("emergency")))

    @cached_property
    def radical(self) -> Links:
        """Resection, stereotactic radiotherapy or ablation with radical intent (D-RADICAL)."""
        return self.local.only(self.modality(*RADICAL_MODALITIES) & self.intent("radical"))

    @cached_property
    def complete(self) -> Links:
        """Radical local treatments without a recorded R1 or R2."""
        return self.radical.only(~surely(self.local.among("residual_tumor", ("R1", "R2"))))

    @cached_property
    def lung_operations(self) -> Links:
        """Resections of the lung."""
        return self.local.only(self.target("lung") & self.modality("resection"))

    @cached_property
    def radical_lung_operations(self) -> Links:
        """Resections of the lung with radical intent."""
        return self.lung_operations.only(self.intent("radical"))

    @cached_property
    def primary_operations(self) -> Links:
        """Resections of the primary that are not palliative: any of the patient, whichever episode they belong to."""
        pairs = self.record.pairs("local_treatment")
        resected = pairs.among("target", ("primary",)) & pairs.among("modality", ("resection",))
        return pairs.only(resected & ~surely(pairs.among("intent", ("palliative",))))

    @cached_property
    def primary_operated_on(self) -> Days:
        """First resection of the primary that is not palliative."""
        return self.primary_operations.first(self.primary_operations.day("started_on"))

    @cached_property
    def radiotherapy(self) -> Links:
        """Radiotherapy of the primary."""
        return self.local.only(self.target("primary") & self.modality("radiotherapy"))

    @cached_property
    def lung_non_surgical(self) -> Links:
        """Stereotactic radiotherapy and ablation of the lung that are not palliative."""
        treated = self.target("lung") & self.modality("sbrt", *ABLATIONS)
        return self.local.only(treated & ~surely(self.intent("palliative")))

    @cached_property
    def lung_non_surgical_of_any_intent(self) -> Links:
        """Stereotactic radiotherapy and ablation of the lung."""
        return self.local.only(self.target("lung") & self.modality("sbrt", *ABLATIONS))

    @cached_property
    def lung_non_surgical_radical(self) -> Links:
        """Stereotactic radiotherapy and ablation of the lung with radical intent."""
        return self.local.only(self.target("lung") & self.modality("sbrt", *ABLATIONS) & self.intent("radical"))

    # Kinds of systemic therapy.

    def given_for(self, *intents: str) -> Links:
        """Systemic therapies with one of some intents."""
        return self.systemic.only(self.systemic.among("intent", intents))

    @cached_property
    def perioperative(self) -> Links:
        """Systemic therapies before, between and after operations."""
        return self.given_for(*PERIOPERATIVE)

    @cached_property
    def postoperative(self) -> Links:
        """Systemic therapies with postoperative intent."""
        return self.given_for("postoperative")

    @cached_property
    def before_operations(self) -> Links:
        """Systemic therapies that can be preoperative: of any intent but palliative."""
        return self.systemic.only(~self.systemic.among("intent", ("palliative",)))

    # First treatments.

    @cached_property
    def first_local(self) -> Days:
        """First local treatment other than an emergency's, on or after the detection; those without a day left out."""
        rows = self.not_emergency.only(self.local_started.known)
        return rows.only(self.local_started >= rows.lift(self.record.detected_on)).first(self.local_started)

    @cached_property
    def first_systemic(self) -> Days:
        """First systemic therapy on or after the detection; those without a day left out."""
        rows = self.systemic.only(self.started.known)
        return rows.only(self.started >= rows.lift(self.record.detected_on)).first(self.started)

    @cached_property
    def first(self) -> Days:
        """First treatment of the episode, emergencies left out; MISSING where none is dated."""
        return earliest((self.first_local, self.first_systemic))

    @cached_property
    def treated(self) -> Fact:
        """A treatment other than an emergency's has a date in the episode."""
        return Fact("a treatment other than an emergency's", self.first.known)

    @cached_property
    def first_radical(self) -> Days:
        """First radical local treatment."""
        return self.radical.first(self.local_started)

    @cached_property
    def first_local_of_any_target(self) -> Days:
        """First local treatment other than an emergency's, whenever; those without a day are left out."""
        return self.not_emergency.only(self.local_started.known).first(self.local_started)

    # Facts of order.

    def starts_before(self, rows: Links, days: Days) -> Term:
        """Whether any of some systemic therapies started before a day of the episode."""
        return rows.any(self.started < rows.lift(days))

    def follows(self, rows: Links, operations: Links) -> Term:
        """Whether any of some systemic therapies started after the last of some operations that has a date."""
        last = operations.last(self.local_started)
        return rows.any(self.started > rows.lift(last))

    def precedes(self, rows: Links, operations: Links) -> Term:
        """Whether some systemic therapy started before some operation."""
        return Precedes((rows, self.started), (operations, self.local_started))

    @cached_property
    def systemic_given(self) -> Fact:
        """Systemic therapy was given in the episode."""
        return Fact("systemic therapy", self.systemic.any(self.started.shown))

    @cached_property
    def lung_operated(self) -> Fact:
        """The lung was operated on."""
        return Fact("lung surgery", self.lung_operations.any())

    @cached_property
    def converted(self) -> Term:
        """A radical lung resection after systemic therapy."""
        return self.precedes(self.systemic, self.radical_lung_operations)

    @cached_property
    def progressions(self) -> Links:
        """Progressions on or after the first systemic therapy of the episode, and before a later episode."""
        pairs = self.record.pairs("disease_event")
        on = pairs.day("occurred_on")
        first = self.systemic.first(self.started)
        after = pairs.lift(first.known) & (on >= pairs.lift(first))
        mine = self.record.assigned_by_date(pairs, on)
        return pairs.only(mine & pairs.among("kind", ("progression",)) & after)

    # Response to systemic therapy.

    @cached_property
    def assessed_on(self) -> Days:
        """When the response to each systemic therapy was assessed: else when it ended."""
        assessed, ended = self.systemic.day("response_assessed_on"), self.systemic.day("ended_on")
        return assessed.or_else(ended)

    def last_response(self, days: Days, *responses: str) -> Term:
        """Whether the last response that was assessed on or before a day is one of some; no where none was assessed.

        Unknown where a therapy that started before has no day of assessment and none was assessed.
        """
        rows = self.systemic
        begun, dated = self.started <= rows.lift(days), surely(self.assessed_on.dated)
        assessed = rows.only(dated & (self.assessed_on <= rows.lift(days)))
        is_one = rows.among("best_response", responses, not_done=NO)
        last = assessed.can_be_last(self.assessed_on)
        agreed = last.any(is_one) & Recoded(last.every(is_one), NO, UNKNOWN)
        # What may have been assessed by then leaves it open only where nothing was for sure.
        undated = rows.only(begun & ~dated)
        left_open = perhaps(undated.any(rows.not_recorded_as_done("response_assessed_on")))
        return agreed | (left_open & ~surely(assessed.any()))

    # Days of perioperative therapy (P-PERIOP).

    @cached_property
    def _days(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Codes]:
        """The fewest and the most days so far, and whether a therapy is under way, for each episode."""
        rows = self.perioperative
        spanned = self.readings.perioperative_count == "calendar_span"
        fewest, most = self._spanned(rows) if spanned else self._summed(rows, rows.lift(self.record.cut))
        ended = (self.ended <= rows.lift(self.record.cut)).codes
        return fewest, most, rows.any(Leaf(np.int8(YES) - ended, self.ended.columns)).codes

    def _summed(self, rows: Links, until: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The fewest and the most on-treatment days of some systemic therapies up to a day of each."""
        start, end = self.started.days, self.ended.days
        low, high = until.bounds
        high = np.minimum(high, rows.lift(self.record.cut).days)
        ended = end != MISSING
        fewest = np.where(ended, np.minimum(end, low).astype(np.int64) - start, 0)
        most = np.where(ended, np.minimum(end, high), high).astype(np.int64) - start
        dated = start != MISSING
        fewest = np.where((rows.codes == YES) & dated, np.maximum(fewest, 0), 0)
        most = np.where(rows.codes == NO, 0, np.where(dated, np.maximum(most, 0), _ANY_NUMBER))
        return tuple(  # type: ignore[return-value]
            np.bincount(rows.at, weights=days, minlength=rows.episodes).astype(np.int64) for days in (fewest, most)
        )

    def _spanned(self, rows: Links) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The fewest and the most days from the first start to the last end of some therapies, up to the data cut."""
        start, end = self.started.days, self.ended.days
        cut = rows.lift(self.record.cut).days
        dated, ended = start != MISSING, end != MISSING
        bounds = []
        for counted, last in (
            ((rows.codes == YES) & dated, np.where(ended, np.minimum(end, cut), start)),
            (rows.codes != NO, np.where(ended, np.minimum(end, cut), cut)),
        ):
            first_on = np.full(rows.episodes, NEVER, dtype=np.int64)
            last_on = np.full(rows.episodes, -NEVER, dtype=np.int64)
            np.minimum.at(first_on, rows.at[counted], np.where(dated, start, -NEVER)[counted])
            np.maximum.at(last_on, rows.at[counted], last[counted])
            bounds.append(np.maximum(last_on - first_on, 0))
        return bounds[0], bounds[1]

    def within(self, limit: int) -> Term:
        """Whether perioperative therapy took at most so many days; unknown while it is under way within them."""
        fewest, most, under_way = self._days
        kept = (most <= limit) & (under_way == NO)
        codes = np.where(fewest > limit, np.int8(NO), np.where(kept, np.int8(YES), np.int8(UNKNOWN)))
        return _Summed(codes, self, self.perioperative, fewest)

    def days_before(self, operation: Days, limit: int) -> Term:
        """Whether systemic therapy, palliative left out, took at most so many days before an operation."""
        rows = self.before_operations
        until = rows.lift(operation)
        before = rows.only(self.started < until)
        fewest, most = self._summed(before, until)
        codes = np.where(fewest > limit, np.int8(NO), np.where(most <= limit, np.int8(YES), np.int8(UNKNOWN)))
        return _Summed(codes, self, before, fewest)

    def may_still_exceed(self, limit: int) -> Fact:
        """Perioperative therapy is under way and took at most so many days so far."""
        fewest, most, under_way = self._days
        within = np.where(fewest > limit, np.int8(NO), np.where(most <= limit, np.int8(YES), np.int8(UNKNOWN)))
        return Fact("perioperative therapy under way", Leaf(np.minimum(under_way, within), ()))

    # What can still come (P-OPEN, P-POSTOP).

    @cached_property
    def open(self) -> Fact:
        """A treatment that is missing may still come: nothing was decided yet, or therapy before it is under way.

        Without any treatment or decision until half a year after the detection; while preoperative or conversion
        therapy is under way, or has ended within three months.
        """
        cut, readings = self.record.cut, self.readings
        chosen = self.record.episode.flag_or_blank("observation_chosen")
        untouched = ~self.systemic.any() & ~self.local.any() & ~surely(chosen)
        soon = untouched & (cut <= self.record.detected_on + readings.open_days)
        rows = self.given_for("preoperative", "conversion")
        lately = rows.lift(cut) < self.ended + readings.open_after_preoperative_days
        alive = ~surely(self.record.patient.among("vital_status", ("dead",)))
        return Fact("the treatment may still come", alive & (soon | rows.any(lately)))

    @cached_property
    def open_postoperative(self) -> Fact:
        """Postoperative therapy may still come: within three months of the last radical operation."""
        operations = self.radical.only(self.modality("resection"))
        lately = operations.lift(self.record.cut) <= self.local_started + self.readings.postoperative_days
        return Fact("postoperative therapy may still come", operations.any(lately))


class _Summed(Leaf):
    """Days of systemic therapy, with the rows they were summed over."""

    def __init__(self, codes: Codes, therapy: Therapy, rows: Links, total: npt.NDArray[np.int64]) -> None:
        super().__init__(codes, ())
        self.therapy, self.rows, self.total = therapy, rows, total

    def seen(self, row: int) -> Iterator[Seen]:
        therapy, rows = self.therapy, self.rows
        yield Seen("days so far", str(int(self.total[row])), False)
        for link in rows.of(row):
            if rows.codes[link] == NO:
                continue
            for name, days in (("started_on", therapy.started), ("ended_on", therapy.ended)):
                cell = rows.cell(name)
                missing = bool(days.days[link] == MISSING)
                yield Seen(cell.name, cell.text(int(link)), missing and self.codes[row] == UNKNOWN)
            if rows.codes[link] == UNKNOWN and rows.condition is not None:
                yield from rows.condition.seen(int(link))
