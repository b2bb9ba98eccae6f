"""The record: what is stored, who may change it, how it gets in and out."""
