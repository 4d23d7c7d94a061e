"""What the sheets of a run show: its verdict, its flights, and every file with its hash."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.plain_english import duration_text, pluralised_count, sentence_case
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.outcomes import Outcome
from dji_audit.mapper.flight_page._method_notes import (
    audit_basis_labels_and_values,
    generation_time_words,
)
from dji_audit.mapper.html._times import (
    date_text,
    time_of_day_text,
    time_zone_offsets_between,
    unix_ms,
)
from dji_audit.mapper.index_page._flight_table import SHORT_OUTCOMES, VERDICT_WORDS
from dji_audit.mapper.index_page._rule_and_file_sections import STATUS_WORDS
from dji_audit.mapper.pdf_sheets._typeset_with_typst import SheetHeaderAndFooter, typeset_sheets
from dji_audit.report.flight_location import local_time_zone_names_text
from dji_audit.report.rows import FileRow, FindingRow, FlightRow, RunContents
from dji_audit.report.run_verdict import INCOMPLETE_STATUSES

#: What is printed at most: the index page and the report list everything.
MAX_FLIGHTS, MAX_FINDINGS, MAX_FILES = 500, 300, 2000


def typeset_run_sheets(
    contents: RunContents,
    *,
    basis: AuditInputProvenance,
    generated: datetime | None,
    verdict_line: str,
    report_sha256: str,
    case: CaseDetails = NO_CASE_DETAILS,
    positions_moved: bool = False,
) -> bytes:
    """Return the sheets of a run as a tagged PDF; the same arguments give the same bytes.

    Args:
        contents: The rows of the run.
        basis: Tool, policy and catalogue that the flights were audited with.
        generated: When the sheets are made, aware; ``None``: not stated.
        verdict_line: The line that sums up the run.
        report_sha256: Hash of ``report.json``, which stands on every sheet.
        case: What a person states of the case.
        positions_moved: Whether a redaction moved the flights and replaced names.

    Raises:
        SheetsError: If they cannot be set.
    """
    head = SheetHeaderAndFooter(
        title=f"Audit of {pluralised_count(len(contents.flights), 'flight')}",
        case=case,
        tool_version=basis.tool_version,
        subject="report.json",
        subject_sha256=report_sha256,
        generated=generated,
    )
    content = _run_sheet_content(
        contents, head, basis, verdict_line, positions_moved=positions_moved
    )
    return typeset_sheets("run", head, content)


def _run_sheet_content(
    contents: RunContents,
    head: SheetHeaderAndFooter,
    basis: AuditInputProvenance,
    verdict_line: str,
    *,
    positions_moved: bool,
) -> dict[str, object]:
    broken = [row for row in contents.findings if row.outcome == Outcome.FAIL]
    broken.sort(key=lambda row: -row.severity.rank)
    titles = {rule.rule: rule.title for rule in contents.rules}
    incomplete = [
        file
        for file in contents.files
        if file.status in INCOMPLETE_STATUSES or file.is_left_out_evidence
    ]
    facts = [
        *head.case.labelled_values(),
        ("Files", pluralised_count(len(contents.files), "file")),
        ("Flights", str(len(contents.flights))),
        ("Report SHA-256", head.subject_sha256),
        ("Tool", f"dji-audit {basis.tool_version}"),
        ("Made", generation_time_words(head.generated)),
    ]
    warnings = []
    if positions_moved:
        warnings.append(
            "Redacted: positions, names and serial numbers are not those of the flights."
        )
    if incomplete:
        count = pluralised_count(len(incomplete), "file")
        warnings.append(f"{count} could not be read in full: see “Not read, so not audited”.")
    return {
        "verdict": verdict_line,
        "warnings": warnings,
        "facts": facts,
        "flights": [_flight_for_template(row) for row in contents.flights[:MAX_FLIGHTS]],
        "flights_left": max(0, len(contents.flights) - MAX_FLIGHTS),
        "findings": [_finding_for_template(row, titles) for row in broken[:MAX_FINDINGS]],
        "findings_left": max(0, len(broken) - MAX_FINDINGS),
        "unread": [_unread_file_for_template(file) for file in incomplete[:MAX_FILES]],
        "files": [_file_for_template(file) for file in contents.files[:MAX_FILES]],
        "files_left": max(0, len(contents.files) - MAX_FILES),
        "notes": [*_method_notes(contents.flights)],
        "basis": [pair for pair in audit_basis_labels_and_values(basis, head.generated) if pair[1]],
    }


def _flight_for_template(row: FlightRow) -> Mapping[str, str]:
    start = unix_ms(row.takeoff if row.takeoff is not None else row.start)
    takeoff, local = row.local_takeoff or row.local_start or "not given", ""
    if start is not None:
        lead = "" if row.takeoff is not None else "log begins "
        takeoff = f"{lead}{date_text(start)} {time_of_day_text(start)} UTC"
        local = time_zone_offsets_between(row.timezone, start, start).local_time_text(start)
    height = row.max_height_ato_m
    counts = [
        f"{row.outcomes[outcome]} {words}"
        for outcome, words in SHORT_OUTCOMES.items()
        if row.outcomes.get(outcome)
    ]
    return {
        "id": row.id,
        "file": row.file,
        "aircraft": ", ".join(filter(None, [row.aircraft, row.aircraft_name, row.serial])),
        "takeoff": takeoff,
        "local": local,
        "duration": duration_text(row.duration_s),
        "height": "height not known" if height is None else f"{height:.0f} m above take-off",
        "verdict": VERDICT_WORDS[row.verdict],
        "rules": ", ".join(counts),
    }


def _finding_for_template(row: FindingRow, titles: Mapping[str, str]) -> Mapping[str, str]:
    where = f"flight {row.flight}"
    return {
        "summary": sentence_case(row.summary),
        "flight": f"{where}, fingerprint {row.fingerprint}" if row.fingerprint else where,
        "rule": titles.get(row.rule, row.rule),
        "severity": str(row.severity),
    }


def _unread_file_for_template(file: FileRow) -> Mapping[str, str]:
    return {
        "name": file.name,
        "kind": file.kind or file.format or "kind not known",
        "reason": sentence_case(file.reason) or STATUS_WORDS.get(file.status, file.status),
        "advice": "" if file.advice == file.reason else sentence_case(file.advice),
    }


def _file_for_template(file: FileRow) -> Mapping[str, object]:
    hashes = [file.sha256] if file.sha256 else ["not hashed"]
    if file.container_sha256:
        hashes.append(f"in the container {file.container_sha256}")
    return {
        "name": file.name,
        "size": "" if file.size is None else f"{file.size:,}",
        "hashes": hashes,
        "status": STATUS_WORDS.get(file.status, file.status),
        "format": file.format or file.kind or "",
    }


def _method_notes(flights: Sequence[FlightRow]) -> Iterator[str]:
    local = local_time_zone_names_text(row.timezone for row in flights)
    yield (
        f"Times are UTC; local time is that of {local}, from the time zone database, not "
        "from this computer."
    )
    yield (
        "A rule that is guidance is not a law: to fail one is not an offence. A rule that could "
        "not be checked says nothing about the flight."
    )
    yield (
        "A character that these sheets cannot print is shown by its number, as in ⟨U+4E2D⟩; the "
        "pages and report.json show it."
    )
