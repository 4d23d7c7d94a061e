"""The verdict of a run in one line: findings, and how much was not checked."""

from collections import Counter
from dataclasses import dataclass

from pydantic import JsonValue

from dji_audit.compliance.findings import Outcome, Severity
from dji_audit.report.json_values import as_json
from dji_audit.report.rows import RunContents

#: Exit codes, as documented in ``--help``.
DONE, FINDINGS, UNOPENED, NOTHING, PARTIAL = 0, 1, 2, 3, 4

#: Statuses of files of which nothing was read.
NOT_READ = ("unread", "unopened")
#: Statuses of files that could not be audited whole.
INCOMPLETE = ("partial", "encrypted", *NOT_READ)


#: Status of a file -> what was not checked of it.
_UNCHECKED = {
    "encrypted": "encrypted without a key",
    "partial": "read in part",
    "unread": "not read",
    "unopened": "that could not be opened",
}


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """Counts of a run, the line that sums them up, and the exit code."""

    severities: dict[str, int]
    outcomes: dict[str, int]
    files: dict[str, int]
    flights: int
    flights_read_whole: int
    line: str
    exit_code: int
    #: Authorised findings; they are counted nowhere else.
    authorised: int = 0


def verdict_json(verdict: RunVerdict) -> JsonValue:
    """Return the verdict for the report."""
    return {
        "line": verdict.line,
        "exit_code": verdict.exit_code,
        "findings_by_severity": as_json(verdict.severities),
        "findings_authorised": verdict.authorised,
        "rule_outcomes": as_json(verdict.outcomes),
        "files_by_status": as_json(verdict.files),
        "flights": verdict.flights,
        "flights_read_whole": verdict.flights_read_whole,
    }


def judge_run(contents: RunContents, fail_on: Severity, allow_partial: bool) -> RunVerdict:
    """Return the verdict of a run.

    Args:
        contents: What the run holds.
        fail_on: The least severity that makes the exit code 1.
        allow_partial: Whether an incomplete run may exit with 0 or 1.
    """
    status = Counter(file.status for file in contents.files)
    authorised = sum(finding.is_authorised for finding in contents.findings)
    severities = Counter(
        finding.severity for finding in contents.findings if not finding.is_authorised
    )
    outcome = Counter(result.outcome for result in contents.results)
    incomplete = {file.name for file in contents.files if file.status in INCOMPLETE}
    whole = sum(
        not any(source.file in incomplete for source in flight.sources)
        for flight in contents.flights
    )
    failing = sum(severities[level] for level in Severity if level.rank >= fail_on.rank)
    code = FINDINGS if failing else DONE
    if not contents.flights and not contents.captures:
        code = UNOPENED if status["unopened"] else NOTHING
    elif not allow_partial and any(status[name] for name in INCOMPLETE):
        code = PARTIAL
    return RunVerdict(
        {level.value: severities[level] for level in reversed(Severity)},
        {name.value: outcome[name] for name in Outcome},
        {name: status[name] for name in ("read", *INCOMPLETE, "copy", "other")},
        len(contents.flights),
        whole,
        _verdict_line(contents, severities, authorised, status, outcome, whole),
        code,
        authorised,
    )


def _verdict_line(
    contents: RunContents,
    severities: Counter[Severity],
    authorised: int,
    status: Counter[str],
    outcome: Counter[Outcome],
    whole: int,
) -> str:
    flights, captures = len(contents.flights), len(contents.captures)
    if not flights and not captures:
        lost = sum(status[name] for name in NOT_READ)
        why = f"{pluralised_count(lost, 'file')} could not be read" if lost else "no log was found"
        return f"nothing was audited: {why}"
    counted = [
        f"{severities[level]} {level.value}"
        for level in reversed(Severity)
        if severities[level] and level is not Severity.INFO
    ]
    marked = {
        finding.flight
        for finding in contents.findings
        if finding.severity is not Severity.INFO and not finding.is_authorised
    }
    what = f"{', '.join(counted)} in {len(marked)} of " if counted else "no finding above info in "
    parts = [f"{what}{pluralised_count(flights, 'flight')}, {whole} of {flights:,} read whole"]
    if not flights:
        parts = ["no flight to audit"]
    if authorised:
        parts.append(f"{pluralised_count(authorised, 'finding')} authorised")
    if captures:
        parts.append(f"{pluralised_count(captures, 'capture')} in media files")
    unchecked = [
        f"{pluralised_count(status[name], 'file')} {text}"
        for name, text in _UNCHECKED.items()
        if status[name]
    ]
    if not flights:
        unchecked.append("no rule looks at captures without a flight")
    open_results = outcome[Outcome.NOT_ASSESSABLE]
    if open_results:
        total = sum(outcome.values())
        unchecked.append(f"{open_results} of {total} rule results not assessable")
    parts.append("not checked: " + ("; ".join(unchecked) if unchecked else "nothing"))
    return ". ".join(part[0].upper() + part[1:] for part in parts)


def pluralised_count(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``2 zones``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
