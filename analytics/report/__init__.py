"""The report: outcomes and audit of a cohort as one self-contained HTML file, a section a file."""
