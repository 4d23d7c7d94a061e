"""Acknowledgements: findings that a named person looked at, and why they are settled.

An acknowledgement names a finding by its fingerprint, and states the facts of the finding as the
person saw them.  The finding stays listed and no longer counts.  It counts again when it has
grown worse since: a graver outcome or severity, or a greater value.  A later row takes an
acknowledgement back; no row is removed for it, so that the file tells who did what, when and why.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator, Field

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import (
    Day,
    RowModel,
    SuppliedFileError,
    SuppliedRow,
    SuppliedTable,
    read_supplied_table,
)
from dji_audit.compliance.findings import Acknowledgement, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.flights import Flight

#: Seconds to which the time of a finding is rounded, so that a reader that finds its start a
#: fix earlier or later gives the same fingerprint.
_ROUNDED_TO_S = 60
#: Part by which a value may exceed the acknowledged one: both are rounded where people read them.
_PEAK_TOLERANCE = 0.01
#: Rows that match no finding and are named one by one.
_MOST_NAMED = 5
#: Earlier rows about a finding that its text tells.
_MOST_EARLIER = 10
_SEPARATOR = "\x1f"
_DIGITS = 12
#: Digits of the hash, and the number of one of several findings that agree in it.
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{_DIGITS}}}(-\d+)?")


def _validated_fingerprint(text: str) -> str:
    digits = text.strip().lower()
    if not _FINGERPRINT.fullmatch(digits):
        raise ValueError(
            f"{text!r} is not a fingerprint: {_DIGITS} digits and letters a to f, as the page of "
            "the flight and --all print it"
        )
    return digits


class AcknowledgedFinding(RowModel):
    """One acknowledgement: the finding as the person saw it."""

    fingerprint: Annotated[str, AfterValidator(_validated_fingerprint)] = Field(
        description="Fingerprint of the finding, as page and report print it."
    )
    outcome: Outcome = Field(
        Outcome.FAIL, description="Outcome of the finding when it was looked at; empty: `fail`."
    )
    severity: Severity = Field(description="Severity of the finding when it was looked at.")
    peak: float | None = Field(
        None,
        description="Its greatest value (`peak`) when it was looked at; empty where it has none.",
    )
    by: str = Field(min_length=1, description="Who looked at it.")
    day: Day = Field(description="Day on which the person decided.")
    reason: str = Field(min_length=1, description="Why it is settled.")
    taken_back: bool = Field(
        False,
        description="`true`: the row takes back the acknowledgement above it that has its "
        "fingerprint; `by`, `day` and `reason` say who did, when and why.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Acknowledgements:
    """The acknowledgements that a unit supplied."""

    table: SuppliedTable[AcknowledgedFinding]

    def mark_acknowledged_findings(
        self, findings: Sequence[Finding], outcome: Outcome, flight: Flight
    ) -> tuple[Finding, ...]:
        """Return the findings of one rule on one flight, each with its acknowledgement.

        A row also finds the finding whose rounded time is the next one, if no finding has its
        fingerprint: a time near the boundary of two minutes may fall on either side.

        Args:
            findings: The findings, with their fingerprints.
            outcome: The outcome of the rule.
            flight: The flight.
        """
        rows: dict[str, list[SuppliedRow[AcknowledgedFinding]]] = {}
        for row in self.table.rows:
            rows.setdefault(row.record.fingerprint, []).append(row)
        own = {finding.fingerprint for finding in findings}
        acknowledged = []
        for finding in findings:
            keys = [finding.fingerprint]
            keys += [
                key
                for key in _fingerprint_at_neighbouring_minute_if_any(finding, flight)
                if key not in own
            ]
            of_finding = next((rows[key] for key in keys if key in rows), None)
            acknowledged.append(
                finding
                if of_finding is None or not finding.breaks_rule
                else replace(
                    finding,
                    acknowledgement=_acknowledgement_from_rows(of_finding, finding, outcome),
                )
            )
        return tuple(acknowledged)

    def unmatched_rows_text(self, numbers: Collection[int]) -> str:
        """Return which rows settle nothing, a sentence; empty: each settles a finding.

        A finding may be gone, count no longer, or never have had this fingerprint.

        Args:
            numbers: The numbers of the rows that some finding of the run was matched with.
        """
        used = {row.record.fingerprint for row in self.table.rows if row.number in numbers}
        unmatched = [row for row in self.table.rows if row.record.fingerprint not in used]
        if not unmatched:
            return ""
        unit = _toml_table_or_csv_line_word(self.table.name)
        shown = ", ".join(
            f"{unit} {row.number} ({row.record.fingerprint})" for row in unmatched[:_MOST_NAMED]
        )
        rest = len(unmatched) - _MOST_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        verb = "matches" if len(unmatched) == 1 else "match"
        return (
            f"{pluralised_count(len(unmatched), 'acknowledgement')} {verb} no finding that "
            f"counts: {self.table.name}, {shown}{more}."
        )


def load_acknowledgements(path: Path) -> Acknowledgements:
    """Return the acknowledgements in a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared, or a row takes back what no row
            above it acknowledges.
    """
    table = read_supplied_table(path, "acknowledgement", AcknowledgedFinding)
    refuse_withdrawal_without_acknowledgement(table)
    return Acknowledgements(table)


def refuse_withdrawal_without_acknowledgement(table: SuppliedTable[AcknowledgedFinding]) -> None:
    """Refuse a row that takes back what no row above it acknowledges.

    Most often its fingerprint is mistyped: a finding that somebody wants to count again would stay
    settled, and nothing would say so.

    Raises:
        SuppliedFileError: If there is one.
    """
    settled: set[str] = set()
    for row in table.rows:
        fingerprint = row.record.fingerprint
        if not row.record.taken_back:
            settled.add(fingerprint)
        elif fingerprint in settled:
            settled.remove(fingerprint)
        else:
            raise SuppliedFileError(
                f"{table.name}: {_toml_table_or_csv_line_word(table.name)} {row.number}: "
                f"taken_back: no row above it acknowledges {fingerprint}"
            )


def _toml_table_or_csv_line_word(name: str) -> str:
    return "table" if name.lower().endswith(".toml") else "line"


def findings_with_fingerprints_filled_in(
    findings: Sequence[Finding], flight: Flight
) -> tuple[Finding, ...]:
    """Return the findings of one rule on one flight with their fingerprints.

    The fingerprint is a hash of rule, aircraft, subject and time to the minute; of a finding
    without a time, of rule, subject, and the bytes of the log that shows it.  It depends neither
    on the other files of a run, nor on the order of findings, nor on words.  Findings that agree
    in all of this are numbered in the order of their times.
    """
    prints = [finding_fingerprint(finding, flight) for finding in findings]
    order = sorted(range(len(findings)), key=lambda index: _start_time_sort_key(findings[index]))
    seen: dict[str, int] = {}
    numbered = list(prints)
    for index in order:
        count = seen[prints[index]] = seen.get(prints[index], 0) + 1
        if count > 1:
            numbered[index] = f"{prints[index]}-{count}"
    return tuple(
        replace(finding, fingerprint=text) for finding, text in zip(findings, numbered, strict=True)
    )


def finding_fingerprint(finding: Finding, flight: Flight, minutes: int = 0) -> str:
    """Return the fingerprint of a finding on a flight, 12 hexadecimal digits.

    Args:
        finding: The finding.
        flight: The flight.
        minutes: Added to its rounded time.
    """
    if finding.start is None:
        parts = [finding.rule, *_identifying_texts_of_untimed_finding(finding, flight)]
    else:
        minute = finding.start.value // (_ROUNDED_TO_S * 10**9) + minutes
        aircraft = flight.aircraft.serial or flight.log.source.sha256
        parts = [finding.rule, aircraft, finding.subject or "", str(minute)]
    # The id of a zone may hold half of a surrogate pair, as JSON can.
    identity = _SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(identity).hexdigest()[:_DIGITS]


def _identifying_texts_of_untimed_finding(finding: Finding, flight: Flight) -> tuple[str, ...]:
    """Return what identifies a finding without a time: the log that shows it, and what of it."""
    sources = {source.log.source.sha256: source for source in flight.sources}
    shown_by = next((it for it in finding.evidence if it.sha256 in sources), None)
    source = sources[shown_by.sha256] if shown_by is not None else flight.sources[0]
    subject = finding.subject
    if subject is None and finding.evidence:
        subject = f"{finding.evidence[0].record}.{finding.evidence[0].field}"
    return source.log.source.sha256, str(source.segment_number), subject or ""


def _fingerprint_at_neighbouring_minute_if_any(finding: Finding, flight: Flight) -> tuple[str, ...]:
    """Return the fingerprint that a start on the other side of the nearer minute would have."""
    if finding.start is None:
        return ()
    second = finding.start.value // 10**9 % _ROUNDED_TO_S
    return (finding_fingerprint(finding, flight, 1 if second >= _ROUNDED_TO_S / 2 else -1),)


def _start_time_sort_key(finding: Finding) -> tuple[int, int, str]:
    times = (finding.start, finding.end or finding.start)
    first, last = (pd.Timestamp(0, tz="UTC") if time is None else time for time in times)
    return first.value, last.value, finding.summary


def _acknowledgement_from_rows(
    rows: Sequence[SuppliedRow[AcknowledgedFinding]], finding: Finding, outcome: Outcome
) -> Acknowledgement:
    """Return what the rows about a finding come to, in the order of the file: the last counts."""
    row = rows[-1]
    seen = row.record
    text, earlier = _acknowledgement_row_text(seen), rows[:-1]
    worse = "" if seen.taken_back else _how_finding_worsened_text(seen, finding, outcome)
    if worse:
        text = f"was {text}; counts again because {worse}"
    if earlier:
        told = [_acknowledgement_row_text(it.record) for it in reversed(earlier[-_MOST_EARLIER:])]
        if len(earlier) > _MOST_EARLIER:
            told.append(f"{len(earlier) - _MOST_EARLIER} more")
        text += f" (before: {'; '.join(told)})"
    holds = not worse and not seen.taken_back
    return Acknowledgement(
        holds, seen.by, seen.day, seen.reason, text, seen.fingerprint, row.number
    )


def _acknowledgement_row_text(seen: AcknowledgedFinding) -> str:
    done = "acknowledgement taken back" if seen.taken_back else "acknowledged"
    return f"{done} by {seen.by} on {seen.day}: {seen.reason}"


#: Outcomes of a finding from the lightest to the gravest.
_GRAVITY = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.NOT_ASSESSABLE, Outcome.FAIL_AUTHORISED,
            Outcome.FAIL_ACKNOWLEDGED, Outcome.FAIL)  # fmt: skip


def _how_finding_worsened_text(row: AcknowledgedFinding, finding: Finding, outcome: Outcome) -> str:
    """Return how a finding is worse than the one that was acknowledged; empty: it is not."""
    if _GRAVITY.index(outcome) > _GRAVITY.index(row.outcome):
        return f"its outcome was {row.outcome} and is {outcome}"
    if finding.severity.rank > row.severity.rank:
        return f"its severity was {row.severity} and is {finding.severity}"
    if finding.peak is None:
        return ""
    if row.peak is None:
        return f"the acknowledgement states no value, and it is {finding.peak:.1f}"
    if finding.peak > row.peak + _PEAK_TOLERANCE * abs(row.peak):
        return f"its value was {row.peak:.1f} and is {finding.peak:.1f}"
    return ""
