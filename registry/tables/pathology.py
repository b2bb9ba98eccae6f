"""Immunohistochemistry of a specimen."""

from registry.tables.columns import Record, code, date, episode_number, number_of_record, owner


class Pathology(Record):
    """The immunohistochemical stains of one specimen."""

    __tablename__ = "pathology"
    dated_by = "sampled_on"

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    specimen = code("Where the specimen came from", "primary", "lung", "liver", "other", required=True)
    sampled_on = date("Date of the biopsy or operation")
    ck20 = code("CK20 immunohistochemistry", "positive", "negative", "not_done")
    cdx2 = code("CDX-2 immunohistochemistry", "positive", "negative", "not_done")
    satb2 = code("SATB2 immunohistochemistry", "positive", "negative", "not_done")
    ck7 = code("CK7 immunohistochemistry", "positive", "negative", "not_done")
    ttf1 = code("TTF-1 immunohistochemistry", "positive", "negative", "not_done")
    napsin_a = code("Napsin A immunohistochemistry", "positive", "negative", "not_done")
