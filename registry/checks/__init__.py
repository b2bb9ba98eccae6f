"""Edit checks over columns, rows and tables, as data: id, sentence, severity, test, remedy."""

from registry.checks.catalogue import CHECKS
from registry.checks.check import Check, Severity
from registry.checks.data import Data
from registry.checks.run import run

__all__ = ["CHECKS", "Check", "Data", "Severity", "run"]
