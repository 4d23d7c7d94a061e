"""Each log was read whole.

What was not decoded is listed with its bytes, and a remark about bytes that were
is listed as one.  Cards fill, apps crash and links break: a hole is an observation,
not an accusation, and what lay in it nobody can say was not there.
"""

from collections.abc import Iterator

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._log_tracks import SAID_BEFORE, whole_logs
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Issue

#: Issues of a log listed one by one; the rest are counted.
_LISTED = 20


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List the bytes of each log that were not decoded."""
    logs = [(told_by, telling.log) for told_by, telling in whole_logs(flight)]
    if not logs:
        return SAID_BEFORE
    found = [
        finding
        for told_by, log in logs
        for finding in _issues(flight, told_by, log.issues, inputs.severity)
    ]
    lost = sum(issue.size for _, log in logs for issue in log.issues)
    cut_short = any(log.cut_short for _, log in logs)
    if sealed := [log.source.name for _, log in logs if log.encrypted]:
        which = "The log" if len(logs) == 1 else sealed[0]
        why = f"{which} is encrypted and no key for it was given; what is in clear was read."
        return unknowable(why, found)
    if not lost and not cut_short:
        # Remarks about bytes that were read break nothing; they stay listed.
        return Verdict(Outcome.PASS, "Every byte is accounted for.", tuple(found))
    size = sum(log.source.size for _, log in logs)
    what = "every byte is accounted for, but the file is cut short"
    if lost:
        what = f"{lost:,} of {size:,} bytes not decoded"
    return judged(found, "", f"{len(found)} observation{'s' * (len(found) > 1)}; {what}.")


def _issues(
    flight: Flight, told_by: int, issues: tuple[Issue, ...], severity: Severity
) -> Iterator[Finding]:
    for issue in issues[:_LISTED]:
        lost = f"{issue.size} bytes at {issue.offset} not decoded: " if issue.size else ""
        yield Finding(
            RULE.id,
            # Else it is a remark about bytes that were read.
            severity if issue.size or issue.cut_short else Severity.INFO,
            f"{lost}{issue.reason}",
            "measured",
            (evidence(flight, issue.offset, "bytes", "size", str(issue.size), told_by),),
        )
    if len(issues) > _LISTED:
        rest = issues[_LISTED:]
        size = sum(issue.size for issue in rest)
        yield Finding(
            RULE.id,
            severity if size or any(issue.cut_short for issue in rest) else Severity.INFO,
            f"{len(rest)} further issues, {size} bytes not decoded in all",
            "measured",
            (evidence(flight, rest[0].offset, "bytes", "size", str(size), told_by),),
        )


RULE = Rule(
    "log_integrity",
    "The log was read whole",
    "Issues of the reader.",
    "The log is encrypted and no key for it was given.",
    Parameters,
    check,
    examples=(
        Example(Outcome.PASS, "a log that was read whole", hover(1.0, 2.0)),
        Example(
            Outcome.FAIL,
            "a log of which 40 bytes are damaged",
            hover(1.0, 2.0),
            log={"issues": (Issue(900, 40, "zeros"),)},
        ),
        Example(Outcome.NOT_ASSESSABLE, "an encrypted log", log={"encrypted": True}),
    ),
)
