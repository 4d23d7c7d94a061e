"""Each log was read completely.

The rule lists the bytes that could not be decoded, and remarks about bytes that were.  Cards
fill up, apps crash and links break: a gap is an observation, not an accusation.  Nobody can say
what was in it.
"""

from collections.abc import Iterator

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._log_tracks import JUDGED_WITH_FIRST_FLIGHT, whole_logs
from dji_audit.compliance.rules._rule import (
    CheckResult,
    Parameters,
    Rule,
    RuleInputs,
    log_evidence,
    not_assessable,
    pass_or_fail,
)
from dji_audit.flights import Flight
from parsers import Issue

#: Issues of a log listed one by one; the rest is counted.
_LISTED = 20


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List the bytes of each log that were not decoded."""
    logs = [(source_index, source.log) for source_index, source in whole_logs(flight)]
    if not logs:
        return JUDGED_WITH_FIRST_FLIGHT
    findings = [
        finding
        for source_index, log in logs
        for finding in _issues(flight, source_index, log.issues, inputs.severity)
    ]
    lost = sum(issue.size for _, log in logs for issue in log.issues)
    cut_short = any(log.cut_short for _, log in logs)
    if sealed := [log.source.name for _, log in logs if log.encrypted]:
        which = "The log" if len(logs) == 1 else sealed[0]
        why = (
            f"{which} is encrypted and no key for it was given; only the unencrypted part was read."
        )
        return not_assessable(why, findings)
    if not lost and not cut_short:
        # Remarks about bytes that were read break nothing, but stay listed.
        return CheckResult(Outcome.PASS, "Every byte is accounted for.", tuple(findings))
    size = sum(log.source.size for _, log in logs)
    what = "every byte is accounted for, but the file is cut short"
    if lost:
        what = f"{lost:,} of {size:,} bytes not decoded"
    return pass_or_fail(
        findings, "", f"{len(findings)} observation{'s' * (len(findings) > 1)}; {what}."
    )


def _issues(
    flight: Flight, source_index: int, issues: tuple[Issue, ...], severity: Severity
) -> Iterator[Finding]:
    for issue in issues[:_LISTED]:
        lost = f"{issue.size} bytes at {issue.offset} not decoded: " if issue.size else ""
        yield Finding(
            RULE.id,
            # Otherwise it is a remark about bytes that were read.
            severity if issue.size or issue.cut_short else Severity.INFO,
            f"{lost}{issue.reason}",
            "measured",
            (log_evidence(flight, issue.offset, "bytes", "size", str(issue.size), source_index),),
        )
    if len(issues) > _LISTED:
        rest = issues[_LISTED:]
        size = sum(issue.size for issue in rest)
        yield Finding(
            RULE.id,
            severity if size or any(issue.cut_short for issue in rest) else Severity.INFO,
            f"{len(rest)} further issues, {size} bytes not decoded in all",
            "measured",
            (log_evidence(flight, rest[0].offset, "bytes", "size", str(size), source_index),),
        )


RULE = Rule(
    "log_integrity",
    "The log was read completely",
    "Issues of the reader.",
    "The log is encrypted and no key for it was given.",
    Parameters,
    check,
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
