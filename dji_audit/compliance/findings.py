"""Results and findings of rules, and the evidence: the bytes that show a finding."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd
from pydantic import JsonValue

from dji_audit.common.supplied_tables import RowModel, SuppliedRow, SuppliedTable
from dji_audit.compliance.outcomes import FAILURES, REMARK, Outcome, Severity

R = TypeVar("R", bound=RowModel)


#: Why a rule that needs the date was not checked.
DATE_NOT_KNOWN = "The date of the flight is not known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The bytes that show a finding, precise enough for a hex editor."""

    file: str
    sha256: str
    #: Byte in the file; ``None``: the file as a whole.
    offset: int | None
    record: str
    field: str
    value: str
    #: SHA-256 of the file on the disk that a member of a container lies in; ``None``: no member.
    container_sha256: str | None = None


def evidence_of_user_supplied_row(
    table: SuppliedTable[R], row: SuppliedRow[R], field: str, value: object
) -> Evidence:
    """Return the bytes of a row that the unit supplied as evidence."""
    record = f"{table.kind} {row.number}"
    return Evidence(
        file=table.name,
        sha256=table.sha256,
        offset=row.offset,
        record=record,
        field=field,
        value=str(value),
    )


@dataclass(frozen=True, slots=True)
class AuthorisationCoverage:
    """How far the authorisations of a unit cover a finding."""

    #: Whether they cover all of it: time, position and extent.
    is_complete: bool
    references: tuple[str, ...]
    #: Who authorised it and why, or the part that is not covered.
    text: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who looked at a finding, when and why it is settled; or why that holds no longer."""

    #: Whether it still holds: nobody took it back, and the finding has not grown worse since.
    holds: bool
    by: str
    day: dt.date
    reason: str
    #: All of it in one sentence, for people, with what was acknowledged and taken back before.
    text: str
    #: The fingerprint of the finding, as the file of acknowledgements states it.
    fingerprint: str
    #: Number of its line (CSV) or of its table (TOML) in the file of acknowledgements, from 1.
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding of a rule."""

    rule: str
    severity: Severity
    summary: str
    #: How the claim is known: one of ``parsers.GRADES``; of a network finding one of ``CLAIMS``.
    grade: str
    #: The one it concerns among several, such as the id of a zone.
    subject: str | None = None
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: Position of the aircraft at ``start``, WGS 84 degrees; ``None``: not known.
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    #: Greatest value that was compared with a limit, in the unit of the limit.
    peak: float | None = None
    evidence: tuple[Evidence, ...]
    #: Its authorisation, complete or partial; ``None``: there is none.
    authorisation: AuthorisationCoverage | None = None
    #: Its acknowledgement; ``None``: nobody acknowledged it.
    acknowledgement: Acknowledgement | None = None
    #: What tells it from all others, in every run and version; empty: not set yet.
    fingerprint: str = ""
    #: Whether it states that something could not be decided.
    inconclusive: bool = False
    #: Whether it is listed for information and breaks nothing: a weak sign, or accepted.
    informational: bool = False
    #: Of a remark that many flights of a run share: the sentence that the run says once, with
    #: ``{count}`` for the number of flights; empty: it belongs to its flight.
    run_remark: str = ""

    @property
    def is_authorised(self) -> bool:
        """Whether all of it is authorised."""
        return self.authorisation is not None and self.authorisation.is_complete

    @property
    def is_acknowledged(self) -> bool:
        """Whether a named person looked at it and it is no worse since."""
        return self.acknowledgement is not None and self.acknowledgement.holds

    @property
    def breaks_rule(self) -> bool:
        """Whether it shows that a rule was broken: it is decided, and no remark."""
        return not (self.inconclusive or self.informational or self.severity is Severity.REMARK)


def share_suffices(share: float, min_share: float) -> bool:
    """Return whether a share that was observed suffices for a pass; none at all never does."""
    return share > 0 and share >= min_share


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNeedObservation:
    """How much of what a rule needs was observed, and by what."""

    #: What had to be observed, in words: "warnings about zones".
    subject: str
    #: Share of the stretch that was observed, 0 to 1.
    share: float
    #: When, on the flight's clock; empty where it is not a matter of time.
    intervals: tuple[tuple[pd.Timestamp, pd.Timestamp], ...] = ()
    #: Names of the files that show it.
    sources: tuple[str, ...] = ()
    #: Why it was not observed in full, a sentence; empty: it was.
    reason: str = ""
    #: What the unit can do about it; empty: nothing.
    remedy: str = ""
    #: Name of the need of the rule: facts of ``parsers.FACTS``, or what the unit supplies.
    need: str = ""
    #: Share that a pass needs, 0 to 1.
    min_share: float = 0.0

    @property
    def is_met(self) -> bool:
        """Whether it suffices for a pass."""
        return share_suffices(self.share, self.min_share)

    @classmethod
    def for_subject_seen_in_full(cls, subject: str, *sources: str) -> "DataNeedObservation":
        """Return the observation of something that was seen in full."""
        return cls(subject=subject, share=1.0, sources=sources)

    @classmethod
    def for_subject_not_seen(
        cls, subject: str, reason: str, remedy: str = ""
    ) -> "DataNeedObservation":
        """Return the observation of something that was not seen at all."""
        return cls(subject=subject, share=0.0, reason=reason, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """Result of one policy entry on one flight."""

    #: The entry's id.
    rule: str
    title: str
    outcome: Outcome
    #: Why, in one sentence; for ``not_assessable`` and ``not_applicable`` never empty.
    reason: str
    #: Legal status of the entry, so that guidance never reads as an offence.
    status: str
    citation: str
    #: The texts that the entry rests on and that were in force on the date of the flight.
    legal_basis: tuple[str, ...] = ()
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    #: Parameter -> source of its value.
    parameter_sources: Mapping[str, str] = field(default_factory=dict)
    #: The rule that the entry applies.
    applied_rule: str = ""
    #: Smallest share of what the rule needs that was observed, 0 to 1; ``None``: no need.
    coverage: float | None = None
    #: What the result rests on, one for each need of the rule.
    observations: tuple[DataNeedObservation, ...] = ()

    @property
    def status_text(self) -> str:
        """The status as people read it."""
        return self.status.replace("_", " ")

    def outcome_of_finding(self, finding: Finding) -> str:
        """Return the outcome of one finding: an ``Outcome``, or ``REMARK``.

        The findings of one failure differ: one may be authorised, one acknowledged, one a
        remark, one inconclusive. A finding of a rule that does not fail is a remark.
        """
        if finding.inconclusive:
            return Outcome.NOT_ASSESSABLE
        if self.outcome not in FAILURES or not finding.breaks_rule:
            return REMARK
        if finding.is_authorised:
            return Outcome.FAIL_AUTHORISED
        return Outcome.FAIL_ACKNOWLEDGED if finding.is_acknowledged else Outcome.FAIL
