"""What of a configuration an audit did not use, by its report.json."""

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from dji_audit.cli._options import AuditOptions
from dji_audit.cli.doctor._doctor_finding import DoctorFinding
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.inventory import load_inventory
from dji_audit.flights import may_be_serial_of_same_aircraft, normalised_serial
from dji_audit.ingest import keychain_files_named_by_user

_MAX_NAMED = 10


class _SerialInReport(BaseModel):
    model_config = ConfigDict(extra="ignore")
    serial: str | None = None


class _FlightInReport(_SerialInReport):
    sources: list[_SerialInReport] = []


class _InputFileInReport(BaseModel):
    model_config = ConfigDict(extra="ignore")
    status: str
    reason: str = ""
    keychain: str | None = None


class _EarlierReport(BaseModel):
    """What is looked at of a report."""

    model_config = ConfigDict(extra="ignore")
    flights: list[_FlightInReport]
    inputs: list[_InputFileInReport]


def findings_of_options_unused_in_report(
    path: Path, options: AuditOptions
) -> Iterator[DoctorFinding]:
    """Yield what of the options an audit did not use.

    Raises:
        SuppliedFileError: If the file is no report, or a file of the unit cannot be used.
        OSError: If a file cannot be opened.
    """
    try:
        report = _EarlierReport.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise SuppliedFileError(f"{path} is not a report.json of dji-audit") from error
    yield from _unused_keychain_findings(report, options)
    yield from _unused_leave_out_pattern_findings(report, options)
    if options.inventory is not None:
        yield from _inventory_and_flown_serial_findings(report, options.inventory)


def _unused_keychain_findings(
    report: _EarlierReport, options: AuditOptions
) -> Iterator[DoctorFinding]:
    used = {it.keychain for it in report.inputs}
    for file in keychain_files_named_by_user(options.keys or ()):
        if hashlib.sha256(file.read_bytes()).hexdigest() not in used:
            yield DoctorFinding("note", "keys", f"{file} opened nothing in that audit")
    locked = sum(it.status == "encrypted" for it in report.inputs)
    if locked:
        what = "1 file is" if locked == 1 else f"{locked:,} files are"
        yield DoctorFinding("problem", "keys", f"{what} still encrypted in that audit")


def _unused_leave_out_pattern_findings(
    report: _EarlierReport, options: AuditOptions
) -> Iterator[DoctorFinding]:
    reasons = {it.reason for it in report.inputs if it.status == "left_out"}
    for pattern in options.leave_out or ():
        if not any(reason.endswith(f" {pattern}") for reason in reasons):
            yield DoctorFinding("note", "leave_out", f"{pattern} left nothing out in that audit")


def _inventory_and_flown_serial_findings(
    report: _EarlierReport, path: Path
) -> Iterator[DoctorFinding]:
    rows = [row.record.serial for row in load_inventory(path).table.rows]
    listed = {normalised_serial(serial) for serial in rows}
    flown = set[str]()
    for flight in report.flights:
        stated = {it.serial for it in (flight, *flight.sources) if it.serial}
        own = {normalised_serial(serial) for serial in stated}
        is_new = not own <= flown
        flown |= own
        if is_new and not any(_is_one_of_serials(serial, listed) for serial in own):
            text = f"aircraft {min(stated)} flew in that audit and has no row"
            yield DoctorFinding("problem", "inventory", text)
    unmatched = [it for it in rows if not _is_one_of_serials(normalised_serial(it), flown)]
    if unmatched:
        more = f" and {len(unmatched) - _MAX_NAMED:,} more" if len(unmatched) > _MAX_NAMED else ""
        named = ", ".join(unmatched[:_MAX_NAMED])
        yield DoctorFinding("note", "inventory", f"no flight of that audit is by {named}{more}")


def _is_one_of_serials(serial: str, serials: Collection[str]) -> bool:
    """Return whether a serial number may be one of some, in any of its forms."""
    return serial in serials or any(may_be_serial_of_same_aircraft(serial, it) for it in serials)
