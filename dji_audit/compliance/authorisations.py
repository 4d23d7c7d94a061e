"""Authorisations: who allowed what, where, when and why.

A finding that is covered in time, place and extent becomes a failure that was
authorised; it stays listed.  One that is covered in part stays a failure and
says which part is not covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from dji_audit.compliance.findings import Cover, Finding
from dji_audit.compliance.inventory import serials
from dji_audit.compliance.operations import is_of
from dji_audit.flights import WGS84, Flight
from dji_audit.supplied_tables import Brought, Instant, Line, Row, Words, read_rows


class Authorisation(Line):
    """One permission; what it does not limit it leaves open."""

    reference: str = Field(min_length=1, description="Its name or number.")
    by: str = Field(min_length=1, description="Who allowed it.")
    reason: str = Field(min_length=1, description="Why.")
    rules: Words = Field(
        min_length=1, description="What: ids of entries of the policy, or of rules."
    )
    start: Instant = Field(description="From when.")
    end: Instant = Field(description="To when.")
    aircraft: Words = Field((), description="Serials of the aircraft; none given: any.")
    subjects: Words = Field((), description="Ids of zones or lists meant; none given: any.")
    latitude: float | None = Field(
        None, ge=-90, le=90, description="Centre of a circle, WGS 84 degrees."
    )
    longitude: float | None = Field(None, ge=-180, le=180, description="Likewise.")
    radius_m: float | None = Field(
        None, gt=0, description="Metres from the centre within which every fix must lie."
    )
    up_to: float | None = Field(
        None, description="The greatest value allowed, in the unit of the rule's limit."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        given = [value is not None for value in (self.latitude, self.longitude, self.radius_m)]
        if any(given) and not all(given):
            raise ValueError("a place needs latitude, longitude and radius_m")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Authorisations:
    """The permissions that a unit brought."""

    table: Brought[Authorisation]

    def cover(self, finding: Finding, ids: frozenset[str], flight: Flight) -> Finding:
        """Return a finding with what covers it, and the rows that do so as evidence.

        Args:
            finding: The finding.
            ids: What its rule is called: in the policy, and by itself.
            flight: The flight.
        """
        about = [row for row in self.table.rows if _is_about(row.said, finding, ids, flight)]
        if not about:
            return finding
        fitting = [row for row in about if not _beyond(row.said, finding, flight)]
        missing = _uncovered(finding, [row.said for row in fitting]) if fitting else ""
        if fitting and not missing:
            told = "; ".join(_told(row.said) for row in fitting)
            return self._with(finding, fitting, f"authorised: {told}", whole=True)
        whys = [_beyond(row.said, finding, flight) for row in about]
        why = "; ".join(dict.fromkeys(why for why in (*whys, missing) if why))
        return self._with(finding, about, f"authorised in part only: {why}", whole=False)

    def _with(
        self, finding: Finding, rows: Sequence[Row[Authorisation]], text: str, *, whole: bool
    ) -> Finding:
        shown = tuple(self.table.evidence(row, "reference", row.said.reference) for row in rows)
        cover = Cover(whole, tuple(row.said.reference for row in rows), text)
        return replace(finding, cover=cover, evidence=(*finding.evidence, *shown))


def load_authorisations(path: Path) -> Authorisations:
    """Return the authorisations in a CSV or TOML file.

    Raises:
        CaseError: If a row or column is not as declared.
    """
    return Authorisations(read_rows(path, "authorisation", Authorisation))


def _is_about(row: Authorisation, finding: Finding, ids: frozenset[str], flight: Flight) -> bool:
    """Return whether a permission speaks of a finding at all: its rule, subject, aircraft, time."""
    if ids.isdisjoint(row.rules) or not is_of(row.aircraft, serials(flight)):
        return False
    if row.subjects and finding.subject not in row.subjects:
        return False
    start, end = finding.start, finding.end or finding.start
    return start is not None and end is not None and row.start <= end and start <= row.end


def _beyond(row: Authorisation, finding: Finding, flight: Flight) -> str:
    """Return how a finding goes beyond a permission in extent or place; empty: not at all."""
    if row.up_to is not None and (finding.peak is None or finding.peak > row.up_to):
        reached = "it is not known what" if finding.peak is None else f"{finding.peak:.1f}"
        return f"{row.reference} allows up to {row.up_to:g}, and {reached} was reached"
    if row.radius_m is None:
        return ""
    farthest = _farthest_m(row, finding, flight)
    if farthest is None:
        return f"{row.reference} names a place, and where the aircraft was is not known"
    if farthest > row.radius_m:
        ends = f"{row.reference} ends {row.radius_m:g} m from its place"
        return f"{ends}, and the aircraft was {farthest:.0f} m away"
    return ""


def _farthest_m(row: Authorisation, finding: Finding, flight: Flight) -> float | None:
    """Return the greatest distance of the aircraft from the place during a finding."""
    track = flight.track
    during = track[
        (track["time"] >= finding.start) & (track["time"] <= (finding.end or finding.start))
    ]
    places = during[["latitude_deg", "longitude_deg"]].dropna().to_numpy(np.float64)
    if not len(places):
        if finding.latitude_deg is None or finding.longitude_deg is None:
            return None
        places = np.array([[finding.latitude_deg, finding.longitude_deg]])
    count = len(places)
    away = WGS84.inv(
        np.full(count, row.longitude), np.full(count, row.latitude), places[:, 1], places[:, 0]
    )[2]
    return float(np.max(away))


def _uncovered(finding: Finding, rows: Iterable[Authorisation]) -> str:
    """Return the part of a finding's time that no permission covers; empty: none."""
    start, end = finding.start, finding.end or finding.start
    if start is None or end is None:
        return ""
    reached = start
    for row in sorted(rows, key=lambda row: row.start):
        if row.start > reached:
            break
        reached = max(reached, pd.Timestamp(row.end))
    if reached >= end:
        return ""
    return f"nothing covers {_clock(reached)} to {_clock(end)}"


def _clock(time: pd.Timestamp) -> str:
    return f"{time.tz_convert('UTC'):%H:%M:%S} UTC"


def _told(row: Authorisation) -> str:
    return f"{row.reference} by {row.by}, {row.reason}"
