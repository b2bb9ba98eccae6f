"""The figures that the consensus prints beside the registry's own: to be asked about, never to be reached."""

from __future__ import annotations

import streamlit as st

from analytics.report.small import Small
from dashboard import data, outcome
from dashboard.components.benchmarks import benchmark
from dashboard.components.carried import keep
from dashboard.components.html import join, show, tag
from dashboard.disclosure import SMALLEST

INTRO = (
    "The consensus prints figures of other patients at other times. The registry's own stand beside them so that a "
    "difference can be asked about; none of the printed ones is a target, and nothing is tested. Per patient, in the "
    "first episode with lung metastases."
)

st.title("Benchmarks", anchor=False)
documents, seen = outcome.benchmarks(data.shown())
keep()
small = Small(SMALLEST if seen.protected else 1)
show(tag("p", INTRO))
show(join(benchmark(document, small) for document in documents))
