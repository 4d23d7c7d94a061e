"""The acknowledgements file of a unit: a row is added for each finding that somebody settled."""

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.acknowledgements import AcknowledgedFinding, load_acknowledgements
from dji_audit.supplied_tables import SuppliedFileError, parse_supplied_table

_COLUMNS = ("fingerprint", "outcome", "severity", "peak", "by", "day", "reason")
_KIND = "acknowledgement"
#: Longest name and reason, in characters.
MAX_NAME_LENGTH, MAX_REASON_LENGTH = 120, 2_000
#: How a cell begins that a spreadsheet computes.
_FORMULA_STARTS = ("=", "+", "-", "@")


class AcknowledgementError(Exception):
    """Findings cannot be acknowledged; the message says why."""


@dataclass(frozen=True, slots=True)
class FindingToAcknowledge:
    """A finding as the person saw it."""

    fingerprint: str
    severity: str
    #: ``None``: it has no value.
    peak: float | None


def add_acknowledgements(
    path: Path, findings: Sequence[FindingToAcknowledge], by: str, reason: str, day: dt.date
) -> None:
    """Add a row for each finding to a CSV or TOML file, which is made if it is not there.

    What stood in the file stays, byte by byte; it becomes longer whole, or not at all.

    Args:
        path: The file, in the format that ``--acknowledged`` reads.
        findings: Findings with the outcome ``fail``.
        by: Who looked at them.
        reason: Why they are settled.
        day: When the person decided.

    Raises:
        AcknowledgementError: If the name or the reason cannot stand in a table, or the file cannot
            be read or written, or has no column for something that is to be stated.
    """
    by, reason = _checked_words(by, "name", MAX_NAME_LENGTH), _checked_words(
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
        text = before.decode("utf-8-sig")
        added = _toml_tables(rows) if is_toml else _csv_lines(rows, text, path)
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        after = before + gap + added.encode("utf-8")
        parse_supplied_table(after, path.name, _KIND, AcknowledgedFinding, toml=is_toml)
        write_atomically(path, (after,))
    except SuppliedFileError as error:
        raise AcknowledgementError(str(error)) from error
    except OSError as error:
        raise AcknowledgementError(f"{path}: {os_error_reason(error)}") from error


def _checked_words(text: str, what: str, longest: int) -> str:
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


def _csv_lines(rows: Sequence[dict[str, str]], text: str, path: Path) -> str:
    """Return the rows as the lines of a file that begins with a header, with its separator."""
    head = next((line for line in text.splitlines() if line.strip(' \t,;"')), "")
    delimiter = ";" if ";" in head and "," not in head else ","
    columns = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
    stated = {name for row in rows for name, value in row.items() if value} - {"outcome"}
    if missing := sorted(stated - set(columns)):
        raise AcknowledgementError(f"{path} has no column {', '.join(missing)}")
    out = io.StringIO()
    writer = csv.DictWriter(
        out, columns, delimiter=delimiter, lineterminator="\n", extrasaction="ignore"
    )
    writer.writerows(rows)
    return out.getvalue()


def _toml_tables(rows: Sequence[dict[str, str]]) -> str:
    return "".join(
        f"\n[[{_KIND}]]\n"
        + "".join(
            # A number stands bare; every other value as a basic string, which JSON writes alike.
            f"{name} = {value if name == 'peak' else json.dumps(value, ensure_ascii=False)}\n"
            for name, value in row.items()
            if value
        )
        for row in rows
    )
