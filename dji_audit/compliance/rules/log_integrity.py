"""Each log was read completely.

The rule lists the bytes that could not be decoded, and remarks about bytes that were.  Cards
fill up, apps crash and links break: a gap is an observation, not an accusation.  Nobody can say
what was in it.
"""

from collections.abc import Iterator, Sequence

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._log_tracks import (
    JUDGED_WITH_FIRST_FLIGHT,
    FlightLog,
    logs_judged_with_flight,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import Issue

#: Issues of a log listed one by one; the rest is counted.
_MAX_LISTED = 20


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List the bytes of each log that were not decoded."""
    logs = logs_judged_with_flight(flight)
    if not logs:
        return JUDGED_WITH_FIRST_FLIGHT
    findings = [finding for flight_log in logs for finding in _issue_findings(flight_log, inputs)]
    lost = sum(issue.size for flight_log in logs for issue in flight_log.log.issues)
    cut_short = any(flight_log.log.cut_short for flight_log in logs)
    if encrypted := [each.log.source.name for each in logs if each.log.encrypted]:
        which = "The log" if len(logs) == 1 else encrypted[0]
        why = (
            f"{which} is encrypted and no key for it was given; only the unencrypted part was read."
        )
        return CheckResult.not_assessable(why, findings)
    if not lost and not cut_short:
        # Remarks about bytes that were read break nothing, but stay listed.
        return CheckResult(Outcome.PASS, "Every byte is accounted for.", tuple(findings))
    size = sum(flight_log.log.source.size for flight_log in logs)
    what = "every byte is accounted for, but the file is cut short"
    if lost:
        what = f"{lost:,} of {size:,} bytes not decoded"
    return CheckResult.of(
        findings, "", f"{len(findings)} observation{'s' * (len(findings) > 1)}; {what}."
    )


def _issue_findings(flight_log: FlightLog, inputs: RuleInputs) -> Iterator[Finding]:
    issues = flight_log.log.issues
    for issue in issues[:_MAX_LISTED]:
        lost = f"{issue.size} bytes at {issue.offset} not decoded: " if issue.size else ""
        yield _finding(flight_log, f"{lost}{issue.reason}", [issue], inputs)
    if rest := issues[_MAX_LISTED:]:
        size = sum(issue.size for issue in rest)
        summary = f"{len(rest)} further issues, {size} bytes not decoded in all"
        yield _finding(flight_log, summary, rest, inputs)


def _finding(
    flight_log: FlightLog, summary: str, issues: Sequence[Issue], inputs: RuleInputs
) -> Finding:
    size = sum(issue.size for issue in issues)
    is_loss = size > 0 or any(issue.cut_short for issue in issues)
    return inputs.finding(
        summary,
        # Otherwise it is a remark about bytes that were read.
        severity=None if is_loss else Severity.INFO,
        grade="measured",
        evidence=[
            flight_log.evidence(
                offset=issues[0].offset, record="bytes", field="size", value=str(size)
            )
        ],
    )


RULE = Rule(
    id="log_integrity",
    title="The log was read completely",
    looks_at="Issues of the reader.",
    not_assessable="The log is encrypted and no key for it was given.",
    parameters=Parameters,
    check=check,
    examples=(
        Example(Outcome.PASS, "a log that was read completely", hover_track(1.0, 2.0)),
        Example(
            Outcome.FAIL,
            "a log with 40 damaged bytes",
            hover_track(1.0, 2.0),
            log_fields={"issues": (Issue(900, 40, "zeros"),)},
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted log", log_fields={"encrypted": True}),
    ),
)
