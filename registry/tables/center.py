"""The centers that enter records."""

from registry.tables.columns import Record, text


class Center(Record):
    """A cancer center whose data managers enter records."""

    __tablename__ = "center"

    center_id = text("Short code of the center that enters the record", key=True)
    name = text("Full name", required=True)
    country = text("ISO 3166-1 alpha-2 code")
