"""Rows against a Frictionless Table Schema: which are accepted, which not, and why.

Frictionless judges every row; this module is the interface behind which that is done. It imports nothing of the engine
but `specs`.
"""

from pipelines.validation.report import CellError, Report
from pipelines.validation.tabular import validate

__all__ = ["CellError", "Report", "validate"]
