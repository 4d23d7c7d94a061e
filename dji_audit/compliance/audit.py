"""Apply every rule to flights, and say what the whole comes to."""

from dataclasses import dataclass

import dji_audit
from dji_audit.compliance.findings import Finding, RuleResult
from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True, eq=False)
class FlightAudit:
    """One flight and what came of every rule."""

    flight: Flight
    results: tuple[RuleResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in order of their rule and time."""
        return tuple(finding for result in self.results for finding in result.findings)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What flights were measured against: names, versions and hashes, for the report."""

    tool_version: str
    policy_name: str
    policy_version: str
    policy_sha256: str
    catalogue_edition: str
    catalogue_sha256: str
