"""The medical knowledge: what the consensus says, over frames; no database and no files."""
