"""Imports all that the pages need, and what those import only when they are asked, so that no viewer waits for it."""

import scipy.stats  # noqa: F401  the log-rank test's
from matplotlib.backends import backend_agg, backend_pdf, backend_svg  # noqa: F401

from dashboard import app, data, frozen, lists  # noqa: F401
from dashboard.components import (  # noqa: F401
    account,
    accounts,
    analysis,
    banner,
    blind,
    center_table,
    centers,
    chosen,
    cohort,
    compared,
    completeness,
    double_entry,
    downloads,
    enrollment,
    entry,
    exporting,
    figure,
    filters,
    history,
    identity,
    importing,
    mdt,
    paging,
    question,
    readings,
    record,
    screening,
    search,
    sign_off,
    snapshot,
    survival,
    system,
    worklist,
)
