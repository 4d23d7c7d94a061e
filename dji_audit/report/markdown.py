"""A run as Markdown: the verdict, what needs a look, the flights, what was not checked, the files.

For notes and tickets. Every text from evidence is escaped, so that it is no link, picture, heading
or HTML; ``report.json`` holds everything.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from dji_audit.common.case_details import CaseDetails
from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.common.safe_text import markdown_text
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.outcomes import REMARK
from dji_audit.report.about_run import labelled_texts_about_run
from dji_audit.report.json_values import iso_utc_text
from dji_audit.report.rows import FlightRow, RunContents
from dji_audit.report.triage import remedies_for_unchecked

#: Rows of a table; further ones are counted.
_MOST_ROWS = 1000
_VERDICTS = {
    "needs_look": "needs a look",
    "note": "note",
    "not_checked": "not checked",
    "clean_in_part": "clean in part",
    "clean": "clean",
    "simulated": "simulated",
}


def run_markdown(
    contents: RunContents,
    *,
    basis: AuditInputProvenance,
    generated: dt.datetime | None,
    verdict_line: str,
    case: CaseDetails,
) -> str:
    """Return a run as Markdown with tables.

    Args:
        contents: What the run holds.
        basis: What it was made with.
        generated: Time of the run, if the user gave one.
        verdict_line: The verdict in a line.
        case: What the user states of the case.
    """
    lines = ["# Audit of flights", "", f"**{markdown_text(verdict_line)}**", ""]
    lines += [
        f"- {markdown_text(label)}: {markdown_text(text)}"
        for label, text in labelled_texts_about_run(basis, generated, case)
    ]
    lines += _flights_markdown_lines(contents.flights)
    lines += _findings_markdown(contents)
    lines += ["", "## What was not checked", ""]
    checks = [
        f"- {markdown_text(remedy.uncut_reason_with_file_names)}: {markdown_text(remedy.action)}"
        for remedy in remedies_for_unchecked(contents)
    ]
    lines += checks or ["Nothing that the unit can change."]
    lines += _files_markdown(contents)
    return "\n".join(lines) + "\n"


def _iterate_markdown_table_lines(
    head: Sequence[str], rows: Sequence[Sequence[object]]
) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows[:_MOST_ROWS]:
        yield f"| {' | '.join('' if cell is None else markdown_text(cell) for cell in row)} |"
    if len(rows) > _MOST_ROWS:
        yield ""
        yield f"{pluralised_count(len(rows) - _MOST_ROWS, 'more row')}, in report.json."


def _flights_markdown_lines(flights: Sequence[FlightRow]) -> list[str]:
    if not flights:
        return ["", "## Flights", "", "No flight was found."]
    rows = [
        (
            flight.id,
            iso_utc_text(flight.takeoff or flight.start)
            or (f"{flight.local_start} (clock of its log)" if flight.local_start else None),
            flight.aircraft_name or flight.aircraft,
            flight.serial,
            None if flight.duration_s is None else f"{flight.duration_s:g}",
            None if flight.max_height_ato_m is None else f"{flight.max_height_ato_m:g}",
            _VERDICTS.get(str(flight.verdict), str(flight.verdict)),
            flight.findings,
            flight.file,
        )
        for flight in flights
    ]
    head = (
        "Flight", "Start (UTC)", "Aircraft", "Serial", "Duration, s",
        "Highest above take-off, m", "Verdict", "Findings", "Log",
    )  # fmt: skip
    return ["", "## Flights", "", *_iterate_markdown_table_lines(head, rows)]


def _findings_markdown(contents: RunContents) -> list[str]:
    rows = [
        (
            finding.flight,
            iso_utc_text(finding.start),
            str(finding.severity),
            str(finding.outcome),
            finding.rule,
            sentence_case(finding.summary),
            finding.fingerprint,
        )
        for finding in contents.findings
        if finding.outcome != REMARK
    ]
    if not rows:
        return ["", "## Findings", "", "No rule failed where it could be checked."]
    head = ("Flight", "Time (UTC)", "Severity", "Outcome", "Rule", "Finding", "Fingerprint")
    return ["", "## Findings", "", *_iterate_markdown_table_lines(head, rows)]


def _files_markdown(contents: RunContents) -> list[str]:
    rows = [
        (row.name, row.status, row.size, row.sha256, row.reason or row.kind)
        for row in contents.files
    ]
    head = ("File", "Status", "Bytes", "SHA-256", "Remark")
    return ["", "## Files", "", *_iterate_markdown_table_lines(head, rows)]
