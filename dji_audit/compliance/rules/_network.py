"""What the rules about the network share: their parameters, one finding a host, the outcome."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator, Field

from dji_audit.compliance.findings import CLAIMS, Evidence, Finding, Outcome, Severity
from dji_audit.compliance.network import Contact, Known, Met, Observation, Terms, hosts_met, observe
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Verdict,
    evidence,
    position_at,
    unknowable,
)
from dji_audit.endpoints import CATEGORIES
from dji_audit.flights import Flight

_STRENGTH = list(CLAIMS)
#: What to call a claim at the beginning of a sentence.
_WORDS = {
    "indicator": "not shown to be of this flight:",
    "attempted": "attempted contact with",
    "contact": "contact with",
    "probable_upload": "probable upload to",
    "confirmed_upload": "confirmed upload to",
}


def _known_roles(given: list[str]) -> list[str]:
    if unknown := set(given) - set(CATEGORIES):
        raise ValueError(f"no such category: {', '.join(sorted(unknown))}")
    return given


#: Roles of hosts, as the catalogue names them.
Roles = Annotated[list[str], AfterValidator(_known_roles)]


class NetworkParameters(Parameters):
    """Parameters of every rule about the network: how contacts are joined to a flight."""

    #: The window in which a contact counts as the flight's.
    before_takeoff_s: float = Field(600.0, ge=0)
    after_landing_s: float = Field(86_400.0, ge=0)
    #: Part of the window that must have been watched for silence to mean something.
    min_coverage: float = Field(0.95, ge=0, le=1)
    #: Seconds added to the times of network logs, where their clock was off.
    clock_offset_s: float = 0.0
    #: Bytes sent in one conversation above which it was more than asking.
    upload_bytes: int = Field(100_000, ge=1)
    #: Part of the conversations that may have no name for silence to mean something.
    max_unnamed: float = Field(0.25, ge=0, le=1)
    #: Whether endpoints whose catalogue row rests on a guess count.
    low_confidence: bool = False
    #: Hosts, and all below them, that the unit accepts: listed, and no failure.
    allowed_hosts: list[str] = Field(default_factory=list)

    @property
    def terms(self) -> Terms:
        """How contacts are joined to a flight."""
        return Terms(
            self.before_takeoff_s,
            self.after_landing_s,
            self.min_coverage,
            self.clock_offset_s,
            self.upload_bytes,
            self.low_confidence,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a rule about the network looks at."""

    flight: Flight
    parameters: NetworkParameters
    inputs: Inputs
    seen: Observation
    met: tuple[Met, ...]

    def finding(self, rule: str, met: Met, severity: Severity, told: str) -> Finding:
        """Return the finding of one host: its strongest claim, bytes, times and evidence."""
        latitude, longitude = position_at(self.flight, met.first) or (None, None)
        often = f", told {met.count} times" if met.count > 1 else ""
        often += f" by {met.logs} logs" if met.logs > 1 else ""
        allowed = "; the unit accepts this host" if met.allowed else ""
        return Finding(
            rule,
            severity,
            f"{_WORDS[met.claim]} {met.host}{told}{_how(met, self.seen)}{often}{allowed}",
            met.claim,
            tuple(part for contact in met.shown for part in _evidence(contact, self.seen)),
            met.first,
            met.last,
            latitude,
            longitude,
            subject=met.host,
        )

    def verdict(
        self, broken: Sequence[Finding], listed: Sequence[Finding], clean: str, failed: str
    ) -> Verdict:
        """Return what the findings come to: silence passes only where it means something."""
        found = (*broken, *(replace(finding, listed=True) for finding in listed))
        coverage = self.seen.coverage
        told = _sentence(coverage.text)
        if broken:
            reason = f"{failed} {told}" if coverage.logs else failed
            return Verdict(Outcome.FAIL, reason, found, coverage.share)
        if coverage.lacking:
            count = len(listed)
            signs = f" {count} indicator{'s' * (count != 1)} found; none is a proof."
            return self.unclear(coverage.lacking + (signs if listed else ""), found)
        bare, whole = self._unnamed()
        if bare > self.parameters.max_unnamed * whole:
            return self.unclear(
                f"{bare} of {whole} conversations have no name, so that silence about names means "
                f"nothing. {told}",
                found,
            )
        if nameless := self._nameless():
            return self.unclear(
                f"More than {self.parameters.upload_bytes:,} bytes went to {nameless}, without a "
                f"name: whose they are is not known. {told}",
                found,
            )
        return Verdict(Outcome.PASS, f"{clean} {told}", found, coverage.share)

    def unclear(self, reason: str, found: Sequence[Finding]) -> Verdict:
        """Return ``not_assessable`` with what was seen all the same."""
        return replace(unknowable(reason, found), coverage=self.seen.coverage.share)

    def _unnamed(self) -> tuple[int, int]:
        """Return the conversations with computers outside that have no name, and all of them."""
        bare = whole = 0
        for met in self.met:
            if met.talked and met.outside:
                whole += met.conversations
                bare += met.conversations * (not (met.named or met.allowed or met.known.rows))
        return bare, whole

    def _nameless(self) -> str:
        """Return the addresses without a name that more was sent to than asking takes."""
        least = self.parameters.upload_bytes
        found = [
            met.host
            for met in self.met
            if not (met.named or met.allowed or met.known.rows)
            and met.outside
            and met.most_sent >= least
        ]
        return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def look(flight: Flight, parameters: NetworkParameters, inputs: Inputs) -> Look:
    """Return the contacts of a flight by host, in order of their first time."""
    seen = observe(flight, inputs.case, parameters.terms)
    return Look(flight, parameters, inputs, seen, hosts_met(seen, parameters.allowed_hosts))


def whose(known: Known) -> str:
    """Return what to say of a host: whose it is and what for."""
    if not known.rows:
        return ", which the catalogue does not know"
    text = f" ({', '.join(known.operators)}: {', '.join(known.categories)})"
    return text if known.owned else f"{text}, a host that many share"


def hosts_of(
    seen: Look,
    rule: str,
    wanted: Callable[[Met], bool],
    told: Callable[[Met], str] = lambda met: whose(met.known),
) -> tuple[list[Finding], list[Finding]]:
    """Return a finding for each host a rule is about: those that break it, and those listed.

    Attempts, and hosts that the unit accepts, are listed and break nothing.
    """
    broken, listed = list[Finding](), list[Finding]()
    for met in seen.met:
        if not wanted(met):
            continue
        fails = met.talked and not met.allowed
        weight = seen.inputs.severity if fails else Severity.INFO
        (broken if fails else listed).append(seen.finding(rule, met, weight, told(met)))
    # The strongest claim first; among equals the order in which they were met.
    return sorted(broken, key=lambda finding: -_STRENGTH.index(finding.grade)), listed


def named_in(findings: Sequence[Finding]) -> str:
    """Return the hosts of some findings, the first few by name."""
    names = list(dict.fromkeys(str(finding.subject) for finding in findings))
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def marks(flight: Flight, kinds: Sequence[str], rule: str, grade: str) -> Iterator[Finding]:
    """Yield what the log itself states of such kinds: settings and marks, no contacts."""
    told = flight.events[flight.events["kind"].isin(list(kinds))]
    for text, value, name, offset, log in zip(
        told["text"], told["value"], told["record"], told["source_offset"], told["told_by"],
        strict=True,
    ):  # fmt: skip
        record, _, field = str(name).partition(".")
        off = value == 0 or str(text).startswith("not ")
        shown = evidence(flight, int(offset), record, field or "text", str(text), int(log))
        yield Finding(rule, Severity.INFO if off else Severity.LOW, str(text), grade, (shown,))


def _how(met: Met, seen: Observation) -> str:
    """Return bytes and time of the contacts with a host, as words."""
    parts = [] if met.sent is None else [f"{met.sent:,} bytes sent"]
    # The strongest claim comes first; its time is the one to tell.
    time, window = met.shown[0].time, seen.window
    if time is not None and window is not None:
        parts.append(_when(time, window.began, window.ended))
    if met.paths and met.known.rows:
        parts.append(f"path {' and '.join(sorted(met.paths)[:2])}")
    return f": {', '.join(parts)}" if parts else ""


def _when(time: pd.Timestamp, began: pd.Timestamp, ended: pd.Timestamp) -> str:
    if time < began:
        return f"{_span((began - time).total_seconds())} before the flight"
    if time > ended:
        return f"{_span((time - ended).total_seconds())} after the flight"
    return "during the flight"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _evidence(contact: Contact, seen: Observation) -> Iterator[Evidence]:
    """Yield the bytes that show a contact, and those that name its host."""
    source, value = seen.logs[contact.log].source, contact.value
    # Of an empty file, its being there is the evidence.
    offset = contact.offset if source.size else None
    yield Evidence(source.name, source.sha256, offset, contact.evidence, "host", value)
    if contact.name_log >= 0:
        source = seen.logs[contact.name_log].source
        yield Evidence(source.name, source.sha256, contact.name_offset, "look-up", "name", value)
