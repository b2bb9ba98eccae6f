"""The analysis set for analysts: a de-identified table with its codebook and a script that analyzes it."""
