"""The rows of a run without names of files and of the unit."""

from collections.abc import Iterable

from dji_audit.compliance.context import AuditContext
from dji_audit.redaction._method import Redaction
from dji_audit.redaction._redacted_values import redact_value
from dji_audit.redaction._sensitive_texts import (
    SensitiveTexts,
    names_of_context,
    names_of_file,
    sensitive_texts,
)
from dji_audit.report.rows import RunContents


def texts_of_run(
    redaction: Redaction, file_names: Iterable[str], context: AuditContext
) -> SensitiveTexts:
    """Return the names of the files of a run and of what a unit supplied."""
    names = [pair for name in file_names for pair in names_of_file(name)]
    return sensitive_texts(redaction, (*names, *names_of_context(context)))


def redact_run(contents: RunContents, texts: SensitiveTexts) -> RunContents:
    """Return the rows of a run with every text redacted; flights are redacted before."""
    return redact_value(contents, texts)
