"""A center's own spreadsheet, read by a declared mapping of its columns and codes (docs/mapping.md)."""

from registry.exchange.mapping.draft import draft
from registry.exchange.mapping.source import MappedSource

__all__ = ["MappedSource", "draft"]
