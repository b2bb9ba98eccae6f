"""Molecular tests."""

from registry.tables.columns import Record, code, date, number_of_record, owner, text


class MolecularTest(Record):
    """One marker tested in one specimen."""

    __tablename__ = "molecular_test"
    dated_by = "reported_on"

    patient_id = owner()
    record_no = number_of_record()
    marker = code("Gene or status tested", "kras", "nras", "braf", "msi_mmr", "her2", required=True)
    specimen = code("Where the tested specimen came from", "primary", "lung", "other_metastasis", "ctdna")
    reported_on = date("Date of the report")
    method = code("Method of the test", "ihc", "fish", "pcr", "ngs", "other")
    result = code(
        "stable = MSS/pMMR; unstable = MSI-H/dMMR; not_done and unknown are recorded facts",
        "wild_type",
        "mutated",
        "stable",
        "unstable",
        "negative",
        "positive",
        "equivocal",
        "not_done",
        "unknown",
        required=True,
    )
    variant = text("e.g. p.G12C", only_where=("result", ("mutated", "positive", "equivocal")))
