"""The acknowledgements file of a unit: a row is added for each finding that somebody settled.

Whoever takes an acknowledgement back adds a row too: none is ever removed.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import SuppliedFileError, parse_supplied_table
from dji_audit.compliance.acknowledgements import (
    AcknowledgedFinding,
    load_acknowledgements,
    refuse_withdrawal_without_acknowledgement,
)

_COLUMNS = ("fingerprint", "outcome", "severity", "peak", "by", "day", "reason", "taken_back")
_KIND = "acknowledgement"
#: Columns that in TOML are no text.
_BARE = ("peak", "taken_back")
#: Longest name and reason, in characters.
MAX_NAME_LENGTH, MAX_REASON_LENGTH = 120, 2_000
#: How a cell begins that a spreadsheet computes.
_FORMULA_STARTS = ("=", "+", "-", "@")


class AcknowledgementError(Exception):
    """The file cannot take the rows; the message says why."""


@dataclass(frozen=True, slots=True)
class FindingAsAcknowledged:
    """A finding as the person saw it who acknowledged it, or took that back."""

    #: Of one that is taken back, as the file states it.
    fingerprint: str
    severity: str
    #: ``None``: it has no value.
    peak: float | None


def add_acknowledgements(
    path: Path,
    findings: Sequence[FindingAsAcknowledged],
    by: str,
    reason: str,
    day: dt.date,
    *,
    taken_back: bool = False,
) -> None:
    """Add a row for each finding to a CSV or TOML file, which is made if it is not there.

    What stood in the file stays, byte by byte, but for a column that the line of column names
    lacks and that taking back needs; it becomes longer whole, or not at all.

    Args:
        path: The file, in the format that ``--acknowledged`` reads.
        findings: Findings with the outcome ``fail``, or ``fail_acknowledged`` to take that back.
        by: Who looked at them.
        reason: Why they are settled, or count again.
        day: When the person decided.
        taken_back: Whether the rows take an acknowledgement back.

    Raises:
        AcknowledgementError: If the name or the reason cannot stand in a table, or the file cannot
            be read or written, has no column for something that is to be stated, or acknowledges
            nothing that could be taken back.
    """
    by, reason = _checked_one_line_text(by, "name", MAX_NAME_LENGTH), _checked_one_line_text(
        reason, "reason", MAX_REASON_LENGTH
    )  # fmt: skip
    rows = [
        {
            "fingerprint": finding.fingerprint,
            "outcome": "fail",
            "severity": finding.severity,
            "peak": "" if finding.peak is None else repr(float(finding.peak)),
            "by": by,
            "day": day.isoformat(),
            "reason": reason,
            "taken_back": "true" if taken_back else "",
        }
        for finding in findings
    ]
    is_toml = path.suffix.lower() == ".toml"
    try:
        if path.exists():
            load_acknowledgements(path)
            before = path.read_bytes()
        else:
            before = b"" if is_toml else (",".join(_COLUMNS) + "\n").encode()
        if is_toml:
            added = _acknowledgements_toml(rows)
        else:
            before = _csv_with_taken_back_column(before) if taken_back else before
            added = _rows_as_csv_text_without_header(rows, before.decode("utf-8-sig"), path)
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        after = before + gap + added.encode("utf-8")
        table = parse_supplied_table(after, path.name, _KIND, AcknowledgedFinding, toml=is_toml)
        refuse_withdrawal_without_acknowledgement(table)
        write_atomically(path, (after,))
    except SuppliedFileError as error:
        raise AcknowledgementError(str(error)) from error
    except OSError as error:
        raise AcknowledgementError(f"{path}: {os_error_reason(error)}") from error


def _checked_one_line_text(text: str, what: str, longest: int) -> str:
    """Return what a person typed, in one line."""
    words = " ".join(text.split())
    if not words:
        raise AcknowledgementError(f"give a {what}")
    if len(words) > longest:
        raise AcknowledgementError(f"the {what} has {len(words)} characters; at most {longest} fit")
    if not words.isprintable():
        raise AcknowledgementError(f"the {what} holds a character that cannot be printed")
    if words.startswith(_FORMULA_STARTS):
        raise AcknowledgementError(
            f"the {what} begins with {words[0]}, and a spreadsheet would compute it"
        )
    return words


def _rows_as_csv_text_without_header(rows: Sequence[dict[str, str]], text: str, path: Path) -> str:
    """Return the rows as the lines of a file that begins with a header, with its separator."""
    head = _find_header_line_in_csv_text(text)
    delimiter = _csv_delimiter(head)
    columns = _csv_column_names(head)
    stated = {name for row in rows for name, value in row.items() if value} - {"outcome"}
    if missing := sorted(stated - set(columns)):
        raise AcknowledgementError(f"{path} has no column {', '.join(missing)}")
    out = io.StringIO()
    writer = csv.DictWriter(
        out, columns, delimiter=delimiter, lineterminator="\n", extrasaction="ignore"
    )
    writer.writerows(rows)
    return out.getvalue()


def _csv_with_taken_back_column(before: bytes) -> bytes:
    """Return a CSV whose line of column names has the column ``taken_back`` as its last."""
    head = _find_header_line_in_csv_text(before.decode("utf-8-sig"))
    if "taken_back" in _csv_column_names(head):
        return before
    # Rows may have fewer cells than there are columns: no other line is touched.
    widened = f"{head}{_csv_delimiter(head)}taken_back"
    return before.replace(head.encode(), widened.encode(), 1)


def _find_header_line_in_csv_text(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip(' \t,;"')), "")


def _csv_column_names(head: str) -> list[str]:
    cells = next(csv.reader([head], delimiter=_csv_delimiter(head)), [])
    return [cell.strip().lower().replace(" ", "_") for cell in cells]


def _csv_delimiter(head: str) -> str:
    return ";" if ";" in head and "," not in head else ","


def _acknowledgements_toml(rows: Sequence[dict[str, str]]) -> str:
    return "".join(
        f"\n[[{_KIND}]]\n"
        + "".join(
            # These stand bare; every other value as a basic string, which JSON writes alike.
            f"{name} = {value if name in _BARE else json.dumps(value, ensure_ascii=False)}\n"
            for name, value in row.items()
            if value
        )
        for row in rows
    )
