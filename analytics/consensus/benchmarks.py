"""The figures that the consensus prints about outcomes and frequencies, each with whom it is about and its caution.

They describe other patients at other times. None of them is a target: the consensus prints no rate of adherence at all.
Section numbers and lines are those of J Hematol Oncol 2019;12:16.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """A printed figure.

    Attributes:
        id: of the figure.
        title: what it is.
        printed: the figure as it stands in the text.
        low, high: its ends as fractions, or in months; None where the text is no number.
        unit: "share" or "months".
        about: what is printed of the patients it is about.
        denominator: as read.
        lines: of the stored text.
        caution: what to think of before the registry's figure is laid beside it.
        refused: why the registry gives no figure; None where it does.
    """

    id: str
    title: str
    printed: str
    low: float | None
    high: float | None
    unit: str
    about: str
    denominator: str
    lines: str
    caution: str
    refused: str | None = None


_NO_DENOMINATOR = (
    "A registry of patients with lung metastases cannot compute it: it needs all patients with metastatic colorectal "
    "cancer as the denominator"
)
_SERIES = (
    "Series from before 2019 of selected patients; the day from which they count is not stated, here it is the first "
    "radical lung resection"
)

BENCHMARKS: dict[str, Benchmark] = {
    one.id: one
    for one in (
        Benchmark(
            "B01",
            "Lung metastases among metastatic colorectal cancers",
            "32.9 %",
            0.329,
            0.329,
            "share",
            "one hospital, 1996 to 2017",
            "all patients with metastatic colorectal cancer",
            "21-24",
            "The figure of one hospital over two decades.",
            _NO_DENOMINATOR,
        ),
        Benchmark(
            "B02",
            "First metastasis in the lungs",
            "24.5 %",
            0.245,
            0.245,
            "share",
            "one hospital, 1996 to 2017",
            "all patients with metastatic colorectal cancer",
            "21-24",
            "24.5 of 32.9 % is 74.5 %, which agrees with B03.",
            _NO_DENOMINATOR,
        ),
        Benchmark(
            "B03",
            "Initial lung metastases",
            "74.4 %",
            0.744,
            0.744,
            "share",
            "all lung metastases",
            "patients with lung metastases, first episode",
            "68",
            "A registry of oligometastatic disease selects its patients.",
        ),
        Benchmark(
            "B04",
            "Isolated among initial lung metastases",
            "37.7 to 44.5 %",
            0.377,
            0.445,
            "share",
            "initial lung metastases",
            "patients with initial lung metastases",
            "79-81",
            "A registry of oligometastatic disease selects its patients.",
        ),
        Benchmark(
            "B05",
            "Radical surgery of isolated lung metastases",
            "21.1 to 32.5 %",
            0.211,
            0.325,
            "share",
            "initial and isolated lung metastases",
            "patients with initial and isolated lung metastases",
            "81-83",
            "A registry of oligometastatic disease selects its patients.",
        ),
        Benchmark(
            "B06",
            "Suitable for radical local treatment",
            "9.4 to 12.2 %",
            0.094,
            0.122,
            "share",
            "patients with lung metastases",
            "two readings, see the figures",
            "253",
            "44.5 % of 21.1 % is 9.4 %, and 37.7 % of 32.5 % is 12.25 %: so the printed range seems to be radical "
            "surgery among initial lung metastases, not radical local treatment among all. Both readings are shown.",
        ),
        Benchmark(
            "B07",
            "Liver metastases beside",
            "38.6 to 55.5 %",
            0.386,
            0.555,
            "share",
            "non-isolated lung metastases",
            "patients with initial and non-isolated lung metastases",
            "88-90",
            "A registry of oligometastatic disease selects its patients.",
        ),
        Benchmark(
            "B08",
            "5-year survival after resection",
            "35 to 70 %",
            0.35,
            0.70,
            "share",
            "after resection of lung metastases",
            "patients with a radical lung resection",
            "261-263",
            f"{_SERIES}.",
        ),
        Benchmark(
            "B09",
            "10-year survival after resection",
            "20 to 30 %",
            0.20,
            0.30,
            "share",
            "after resection of lung metastases",
            "patients with a radical lung resection",
            "261-263",
            f"{_SERIES}.",
        ),
        Benchmark(
            "B10",
            "5-year survival with chemotherapy alone",
            "about 20 %",
            0.20,
            0.20,
            "share",
            "after chemotherapy alone",
            "patients with systemic therapy and without any radical local treatment",
            "263-265",
            "Never to be compared with B08: who is operated on is chosen, and has to live until the operation "
            "(immortal time). The registry's figure is shown for completeness and tested against nothing.",
        ),
        Benchmark(
            "B11",
            "Conversion to resection",
            "5.7 to 7.1 %",
            0.057,
            0.071,
            "share",
            "lung metastases, a study with a small sample",
            "patients whose lung metastases were potentially resectable or unresectable at first",
            "398-399",
            "A small sample; the denominator is hardly described.",
        ),
        Benchmark(
            "B12",
            "Pathological complete response of the primary",
            "25 to 30 %",
            0.25,
            0.30,
            "share",
            "locally advanced middle or low rectal cancer after neoadjuvant therapy, particularly total",
            "patients with such a primary that was resected after neoadjuvant therapy",
            "512-517",
            "The printed figure is of patients without metastases.",
        ),
        Benchmark(
            "B13",
            "Rectal primaries",
            "about 50 % in China, about 30 % in the West",
            0.30,
            0.50,
            "share",
            "all colorectal cancers",
            "patients with lung metastases",
            "5, 29-30",
            "It describes the case-mix; rectal cancer spreads to the lungs more often.",
        ),
        Benchmark(
            "B14",
            "Duration of systemic therapy around operations",
            "6 months perioperative, 2 to 3 months neoadjuvant, at most 6 months",
            2.0,
            6.0,
            "months",
            "Tables 2 to 4 and their notes",
            "first episodes with such therapy that has ended",
            "322-329, 569-570, 626-628",
            "Days on treatment, as the rules count them; gaps for surgery are left out.",
        ),
        Benchmark(
            "B15",
            "Prognostic factors after resection",
            "poorer survival with each factor",
            None,
            None,
            "share",
            "after resection of lung metastases",
            "patients with a radical lung resection, by each factor of Table 1 and note 1 of Table 6",
            "371-397, 687-689",
            "Descriptive and unadjusted: factors go together. They are no targets.",
        ),
    )
}
"""The benchmarks by id."""
