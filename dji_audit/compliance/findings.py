"""What a rule says of a flight: an outcome, its findings, and the bytes that show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pandas as pd


class Outcome(StrEnum):
    """What came of applying a rule.

    There are four, because unknown is not clean.  A failure that somebody
    allowed is a failure still: it is named apart, and its findings stay listed.
    """

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    FAIL_AUTHORISED = "fail_authorised"
    NOT_ASSESSABLE = "not_assessable"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a finding matters; in rising order."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Severity).index(self)


#: What a finding is that breaks nothing: it is no failure, whatever else its rule found.
REMARK = "remark"

#: What a finding about the network claims, weakest first, and what each means.
CLAIMS: Mapping[str, str] = MappingProxyType(
    {
        "indicator": "a name or a mark in a file; nothing shows that a computer was talked to",
        "attempted": "a contact was tried and blocked, or got no answer; it is no contact",
        "contact": "a name was looked up or connected to; what was sent is not shown",
        "probable_upload": "after the flight had begun, more was sent than asking takes, to a "
        "host that takes uploads; what was sent is not shown",
        "confirmed_upload": "a path that takes uploads was seen in decrypted traffic, or a proof "
        "of the upload lies on the disk",
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes that show a finding: enough to find them with a hex editor."""

    file: str
    sha256: str
    #: Byte in the file; ``None``: the file as a whole.
    offset: int | None
    record: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Cover:
    """How far authorisations cover a finding."""

    #: Whether they cover all of it, in time, place and extent.
    whole: bool
    references: tuple[str, ...]
    #: Who allowed it and why, or what is not covered.
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found."""

    rule: str
    severity: Severity
    summary: str
    #: How the claim is known: one of ``parsers.GRADES``, or for the network of ``CLAIMS``.
    grade: str
    evidence: tuple[Evidence, ...]
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: WGS 84 degrees where the aircraft was at ``start``; ``None``: not known.
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    #: The greatest value of what a limit was held against, in the limit's unit.
    peak: float | None = None
    #: Which of several things it is about, such as the id of a zone.
    subject: str | None = None
    #: What authorises it, wholly or in part; ``None``: nothing does.
    cover: Cover | None = None
    #: Whether it says that something cannot be told, and not that something was so.
    untold: bool = False
    #: Whether it breaks nothing: a sign too weak, or what the unit accepts, listed all the same.
    listed: bool = False

    @property
    def is_authorised(self) -> bool:
        """Whether somebody allowed all of it."""
        return self.cover is not None and self.cover.whole


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came of one entry of a policy on one flight."""

    #: The entry's id.
    rule: str
    title: str
    outcome: Outcome
    #: Why, in one sentence; for ``not_assessable`` and ``not_applicable`` never empty.
    reason: str
    #: What kind of rule it is, so that guidance never reads as an offence.
    status: str
    citation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    #: Parameter -> where its value is from.
    sources: Mapping[str, str] = field(default_factory=dict)
    #: The rule that the entry applies.
    applies: str = ""
    #: Of a rule about the network: part of the flight's window that was watched, 0 to 1.
    coverage: float | None = None

    @property
    def status_words(self) -> str:
        """The status as people read it."""
        return self.status.replace("_", " ")

    def outcome_of(self, finding: Finding) -> str:
        """Return what one finding comes to: an ``Outcome``, or ``REMARK``.

        Among several that fail one may be authorised, one be listed and break nothing, and of
        one it cannot be told. What is found where a rule does not fail is a remark.
        """
        if finding.untold:
            return Outcome.NOT_ASSESSABLE
        if finding.listed or self.outcome not in (Outcome.FAIL, Outcome.FAIL_AUTHORISED):
            return REMARK
        return Outcome.FAIL_AUTHORISED if finding.is_authorised else self.outcome
