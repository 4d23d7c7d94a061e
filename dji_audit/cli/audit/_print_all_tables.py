"""All of a run on the terminal (``--all``): files not read, flights, rules, findings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from dji_audit.cli._terminal import print_to_stderr, skipped_symlinks_message
from dji_audit.cli._text_table import (
    TextTableColumn,
    fitted_table_text_and_omitted_heads,
    output_width,
    wrap_text,
)
from dji_audit.common.plain_english import as_sentence, pluralised_count, sentence_case
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.outcomes import REMARK, Outcome
from dji_audit.fleet.run import FinishedRun
from dji_audit.ingest.input_files import LINK_NOT_FOLLOWED
from dji_audit.report.file_status import FileStatus
from dji_audit.report.network_contact_rows import NetworkCoverageOfFlightRow
from dji_audit.report.rows import (
    UNDECLARED_TRACK,
    ZONE_FILE,
    FileRow,
    FindingRow,
    FlightRow,
    PolicyRuleRow,
    RuleResultRow,
)
from dji_audit.report.run_verdict import NOT_READ, most_frequent_file_kinds_text
from dji_audit.report.triage import remedies_for_unchecked

#: Lines of one thing that was not checked.
_MOST_LINES = 20
#: How many files are named of which nothing is lost, since others hold the same bytes.
_MOST_COPIES_NAMED = 30
#: Statuses of files that are named, though nothing that is known is lost with them.
_NAMED_STATUSES = (FileStatus.LEFT_OUT, FileStatus.UNKNOWN, FileStatus.COPY)
#: Kinds of files without evidence that are named.
_MOST_KINDS = 12


def print_files_not_read_whole(finished: FinishedRun) -> None:
    """Print a line for each file that was not read, or read in part, before anything else."""
    for status in (*NOT_READ, FileStatus.ENCRYPTED, FileStatus.PARTIAL, *_NAMED_STATUSES):
        rows = [row for row in finished.contents.files if row.status == status]
        named = rows[:_MOST_COPIES_NAMED] if status in _NAMED_STATUSES else rows
        for row in named:
            print_to_stderr(
                f"{status:8} {terminal_safe_text(row.name)}: "
                + terminal_safe_text(_file_status_and_reason_text(row))
            )
        if len(rows) > len(named):
            print_to_stderr(
                f"{status:8} … and {len(rows) - len(named)} more, each named in report.json"
            )
    for supplied in finished.basis.context_files:
        if supplied.note:
            note = terminal_safe_text(f"{supplied.name}: {supplied.note}")
            # Zone files say what they lack, a base map what it is, a track whose.
            head = {"base map": "map", "supplied track": "track"}.get(supplied.kind, "zones")
            print_to_stderr(f"{head:8} {note}")
    harmless = [row for row in finished.contents.files if row.status == FileStatus.NO_EVIDENCE]
    links = sum(row.reason == LINK_NOT_FOLLOWED for row in finished.contents.files)
    zones = sum(row.reason.startswith(ZONE_FILE) for row in finished.contents.files)
    if zones:
        print_to_stderr(
            f"other    {pluralised_count(zones, 'zone file')} among the logs; flights are checked "
            "only against those named with --zones"
        )
    tracks = sum(row.reason.startswith(UNDECLARED_TRACK) for row in finished.contents.files)
    if tracks:
        print_to_stderr(
            f"other    {pluralised_count(tracks, 'track')} among the logs; only those count whose "
            "owner is declared with --track FILE=pilot"
        )
    if harmless:
        are = "is not evidence by its" if len(harmless) == 1 else "are not evidence by their"
        print_to_stderr(
            f"no log   {pluralised_count(len(harmless), 'file')} {are} content: "
            + terminal_safe_text(
                most_frequent_file_kinds_text((row.kind for row in harmless), _MOST_KINDS)
            )
        )
    if links:
        print_to_stderr(skipped_symlinks_message(links))
    for folder in finished.contents.app_folders[:_MOST_LINES]:
        note = terminal_safe_text(f"{folder.folder} ({folder.app}): {folder.text}")
        print_to_stderr(f"folder   {note}")
    if network_line := _network_coverage_line(finished.contents.network):
        print_to_stderr(f"network  {network_line}")
    opened = sum(row.keychain is not None for row in finished.contents.files)
    if opened:
        print_to_stderr(
            f"keys     {pluralised_count(opened, 'encrypted log')} each opened with a keychain"
        )


def _file_status_and_reason_text(row: FileRow) -> str:
    """Return what a file is, why it was not read, what to do, and its hash, as far as known."""
    kind = f"{row.kind}; " if row.kind and row.advice else ""
    advice = f"; {row.advice}" if row.advice not in ("", row.reason) else ""
    sha256 = f"; SHA-256 {row.sha256}" if row.sha256 and row.status != FileStatus.COPY else ""
    return f"{kind}{row.reason}{advice}{sha256}"


def _network_coverage_line(network_rows: Sequence[NetworkCoverageOfFlightRow]) -> str:
    """Return in a line how much of each flight the network logs cover; empty: no network log."""
    logs = {log.sha256 for row in network_rows for log in row.logs}
    if not logs:
        return ""
    # Never rounded up: incomplete coverage must not look complete.
    shares = sorted(int((row.covered_fraction or 0.0) * 1000) / 10 for row in network_rows)
    span = f"{shares[0]:g} %" + (f" to {shares[-1]:g} %" if shares[0] < shares[-1] else "")
    conclusive = sum(not row.insufficient_reason for row in network_rows)
    return (
        f"{pluralised_count(len(logs), 'network log')} recorded {span} of each flight; "
        f"the absence "
        f"of a contact is conclusive for {conclusive} of {len(network_rows)}"
    )


def print_all_tables(finished: FinishedRun) -> None:
    """Print the flights of a run, the rules that failed or were not assessable, and findings."""
    width = output_width()
    contents = finished.contents
    if contents.flights:
        typer.echo(flight_table(contents.flights, width))
        typer.echo(f"\n{failed_or_unassessed_rule_table(contents.results, contents.rules, width)}")
    if findings := [finding for finding in contents.findings if finding.outcome != REMARK]:
        typer.echo(f"\n{finding_table(findings, width)}")
    for remedy in remedies_for_unchecked(contents):
        text = terminal_safe_text(
            sentence_case(f"{remedy.uncut_reason_with_file_names}: {remedy.action}")
        )
        typer.echo("\n".join(wrap_text(f"CHECK   {text}", width, _MOST_LINES)))
    for remark in finished.verdict.remarks:
        if not remark.flights:
            # What is about the run as a whole stands among what to check.
            continue
        typer.echo(f"REMARK  {terminal_safe_text(remark.text)}")
    remarks = sum(
        finding.outcome == REMARK and not finding.run_remark for finding in contents.findings
    )
    if remarks:
        typer.echo(f"{pluralised_count(remarks, 'remark')}: on the pages and in report.json.")


def finding_table(findings: Sequence[FindingRow], width: int) -> str:
    """Return one line for each finding, with the fingerprint that an acknowledgement names."""
    head = (
        TextTableColumn("FINGERPRINT"),
        TextTableColumn("FLIGHT", drop_order=1),
        TextTableColumn("LOCAL TIME", drop_order=2),
        TextTableColumn("SEVERITY"),
        TextTableColumn("OUTCOME", drop_order=3),
        TextTableColumn("FINDING", min_width=20),
    )
    rows = [
        (
            finding.fingerprint,
            finding.flight,
            finding.local_time_text,
            finding.severity.value,
            finding.outcome,
            terminal_safe_text(
                as_sentence(finding.summary)
                if finding.acknowledgement is None
                else as_sentence(f"{finding.summary.rstrip('.')}; {finding.acknowledgement.text}")
            ),
        )
        for finding in sorted(findings, key=_finding_sort_key)
    ]
    return fitted_table_text_and_omitted_heads(head, rows, width)[0]


def _finding_sort_key(finding: FindingRow) -> tuple[bool, int]:
    return finding.outcome != Outcome.FAIL, -finding.severity.rank


#: The columns of the table of flights; the times, heights and counts also stand in the index.
_FLIGHT = (
    TextTableColumn("FLIGHT"),
    TextTableColumn("START ({zone})", drop_order=2),
    TextTableColumn("PLACE", min_width=24, drop_order=8),
    TextTableColumn("AIRCRAFT", min_width=9),
    TextTableColumn("TIME", right_aligned=True),
    TextTableColumn("HEIGHT", right_aligned=True),
    TextTableColumn("AWAY", right_aligned=True, drop_order=4),
    TextTableColumn("VIDEO", right_aligned=True, drop_order=6),
    TextTableColumn("PHOTOS", right_aligned=True, drop_order=7),
    TextTableColumn("FINDINGS"),
    TextTableColumn("NOT CHECKED", right_aligned=True, drop_order=3),
    TextTableColumn("SOURCES", min_width=20, drop_order=5),
)


def flight_table(flights: Sequence[FlightRow], width: int) -> str:
    """Return one line for each flight, no wider than a width, and name the omitted columns."""
    zones = {flight.timezone for flight in flights}
    shown_zone = zones.pop() if len(zones) == 1 else "local time"
    rows = []
    for flight in flights:
        worst = flight.worst
        findings = f"{flight.findings} ({worst})" if worst else "-"
        rows.append(
            (
                flight.id,
                _format_local_time(flight.start, ZoneInfo(flight.timezone)),
                terminal_safe_text(flight.place or "not known"),
                terminal_safe_text(flight.aircraft or "?"),
                _format_minutes(flight.duration_s),
                _format_metres(flight.max_height_ato_m),
                _format_metres(flight.max_home_distance_m),
                "?" if flight.video_s is None else _format_minutes(flight.video_s or None),
                "?" if flight.photos is None else str(flight.photos),
                f"{findings}, encrypted" if flight.encrypted else findings,
                _unassessed_rule_count_text(flight),
                _track_file_name_and_source_count_text(flight),
            )
        )
    head = [replace(column, head=column.head.format(zone=shown_zone)) for column in _FLIGHT]
    text, omitted = fitted_table_text_and_omitted_heads(head, rows, width)
    if omitted:
        text += f"\nNo room for {', '.join(omitted)}: use --format csv to see them."
    return text


#: Outcomes that the table of rules counts, and their heads.
_COUNTED = {
    "fail": "FAIL",
    "fail_acknowledged": "ACKNOWLEDGED",
    "fail_authorised": "AUTHORISED",
    "not_assessable": "NOT ASSESSABLE",
    "pass": "PASS",
}


#: The mark for "unverified" where there is no room for the word.
_UNVERIFIED, _MARK = " (unverified)", " *"


def failed_or_unassessed_rule_table(
    results: Sequence[RuleResultRow], rules: Sequence[PolicyRuleRow], width: int
) -> str:
    """Return one line for each rule that failed or could not be assessed, with its status.

    The status says whether it is law or guidance, so that guidance never reads as an offence.
    """
    statuses = {rule.rule: rule.status for rule in rules}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in results:
        counts.setdefault((row.rule, statuses[row.rule]), Counter())[row.outcome.value] += 1
    shown = {
        rule: by_outcome
        for rule, by_outcome in counts.items()
        if any(by_outcome[outcome] for outcome in _COUNTED if outcome != "pass")
    }
    acknowledged = any(by_outcome["fail_acknowledged"] for by_outcome in shown.values())
    counted = {it: _COUNTED[it] for it in _COUNTED if it != "fail_acknowledged" or acknowledged}
    rows = [
        (
            terminal_safe_text(rule),
            status.replace("_", " "),
            *(str(by_outcome[outcome] or "-") for outcome in counted),
        )
        for (rule, status), by_outcome in sorted(
            shown.items(), key=lambda item: (-item[1]["fail"], -item[1]["fail_authorised"])
        )
    ]
    head = (
        TextTableColumn("RULE"),
        TextTableColumn("STATUS"),
        *(
            TextTableColumn(name, right_aligned=True, drop_order=outcome == "pass")
            for outcome, name in counted.items()
        ),
    )
    text, omitted = fitted_table_text_and_omitted_heads(head, rows, width)
    if omitted and any(row[1].endswith(_UNVERIFIED) for row in rows):
        marked = [(row[0], row[1].replace(_UNVERIFIED, _MARK), *row[2:]) for row in rows]
        text = (
            fitted_table_text_and_omitted_heads(head, marked, width)[0]
            + "\n* unverified: not checked against the legal instrument."
        )
    other_rules = len(counts) - len(shown)
    rest = f"{pluralised_count(other_rules, 'further rule')} passed or did not apply."
    return text + (f"\n{rest}" if other_rules else "")


def _unassessed_rule_count_text(flight: FlightRow) -> str:
    """Return how many of the rules that apply to a flight could not be assessed."""
    applicable = sum(flight.outcomes.get(Outcome(outcome), 0) for outcome in _COUNTED)
    return f"{flight.outcomes.get(Outcome.NOT_ASSESSABLE, 0)} of {applicable}"


def _track_file_name_and_source_count_text(flight: FlightRow) -> str:
    """Return the file that gives a flight's track, and the number of its further sources."""
    more = f"  +{flight.files - 1}" if flight.files > 1 else ""
    return terminal_safe_text(flight.file) + more


def _format_local_time(start: pd.Timestamp | None, zone: ZoneInfo) -> str:
    if start is None:
        return "?"
    time = start.tz_convert(zone)
    return f"{time:%Y-%m-%d %H:%M} {time.tzname()}"


def _format_minutes(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _format_metres(metres: float | None) -> str:
    # A little below zero is zero: "-0" means nothing to a reader.
    return "-" if metres is None else f"{round(metres)} m"
