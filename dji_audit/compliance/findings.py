"""What a rule says of a flight: an outcome, its findings, and the bytes that show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd


class Outcome(StrEnum):
    """What came of applying a rule.  There are four, because unknown is not clean."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
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
class Finding:
    """One thing a rule found."""

    rule: str
    severity: Severity
    summary: str
    #: How the claim is known: one of ``parsers.GRADES``, or for the network
    #: ``contact``, ``probable_upload``, ``confirmed_upload``, or ``indicator``.
    grade: str
    evidence: tuple[Evidence, ...]
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    #: WGS 84 degrees where the aircraft was at ``start``; ``None``: not known.
    latitude_deg: float | None = None
    longitude_deg: float | None = None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came of one rule on one flight."""

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
