"""Certification criteria, one file each, named as the fact that must hold."""

from pipelines.checks import (
    balance_edits,
    expected_rows,
    feedback_contact,
    file_structure,
    open_licence,
    present_measures,
    reconciled_totals,
    row_account,
    row_validity,
    territorial_coverage,
    unchanged_bytes,
    unique_keys,
)
from pipelines.checks.criterion import CheckedTable, Criterion, Finding, Outcome, Subject

CRITERIA: tuple[Criterion, ...] = (
    open_licence.CRITERION,
    feedback_contact.CRITERION,
    file_structure.CRITERION,
    row_validity.CRITERION,
    unique_keys.CRITERION,
    expected_rows.CRITERION,
    territorial_coverage.CRITERION,
    present_measures.CRITERION,
    balance_edits.CRITERION,
    reconciled_totals.CRITERION,
    unchanged_bytes.CRITERION,
    row_account.CRITERION,
)
"""In the order in which a certificate lists them."""

__all__ = ["CRITERIA", "CheckedTable", "Criterion", "Finding", "Outcome", "Subject"]
