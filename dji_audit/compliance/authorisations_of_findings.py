"""Authorisations: who authorised what, where, when and why.

A finding that is covered in time, position and extent becomes an authorised failure; it
stays listed.  A finding that is covered in part stays a failure, and states the part that is
not covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from dji_audit.common.supplied_tables import (
    Instant,
    RowModel,
    SuppliedRow,
    SuppliedTable,
    WordList,
    read_supplied_table,
    refuse_end_before_start,
)
from dji_audit.compliance.findings import (
    AuthorisationCoverage,
    Finding,
    evidence_of_user_supplied_row,
)
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.operations_log import row_concerns_aircraft_with_serials
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distances_between_point_pairs_m


class Authorisation(RowModel):
    """One authorisation; an empty field sets no limit."""

    reference: str = Field(min_length=1, description="Name or number of the authorisation.")
    by: str = Field(min_length=1, description="Who authorised it.")
    reason: str = Field(min_length=1, description="Reason for it.")
    rules: WordList = Field(
        min_length=1, description="Authorised rules: ids of policy entries, or of rules."
    )
    start: Instant = Field(description="Start of its validity.")
    end: Instant = Field(description="End of its validity.")
    aircraft: WordList = Field((), description="Serials of the aircraft; empty: any aircraft.")
    subjects: WordList = Field((), description="Ids of the zones or lists; empty: any.")
    latitude: float | None = Field(
        None, ge=-90, le=90, description="Latitude of the centre of a circle, WGS 84 degrees."
    )
    longitude: float | None = Field(None, ge=-180, le=180, description="Longitude of the centre.")
    radius_m: float | None = Field(
        None, gt=0, description="Radius of the circle in metres; every fix must lie within it."
    )
    up_to: float | None = Field(
        None, description="Greatest value allowed, in the unit of the limit of the rule."
    )

    @model_validator(mode="after")
    def _refuse_inconsistent_limits(self) -> Self:
        refuse_end_before_start(self.start, self.end)
        given = [value is not None for value in (self.latitude, self.longitude, self.radius_m)]
        if any(given) and not all(given):
            raise ValueError("a circle needs latitude, longitude and radius_m")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Authorisations:
    """The authorisations that a unit supplied."""

    table: SuppliedTable[Authorisation]

    def finding_with_authorisation(
        self, finding: Finding, ids: frozenset[str], flight: Flight
    ) -> Finding:
        """Return a finding with its authorisation, and the rows that cover it as evidence.

        Args:
            finding: The finding.
            ids: Id of the policy entry, and of the rule.
            flight: The flight.
        """
        relevant = [
            row for row in self.table.rows if _applies_to_finding(row.record, finding, ids, flight)
        ]
        if not relevant:
            return finding
        sufficient = [
            row for row in relevant if not _beyond_authorisation_text(row.record, finding, flight)
        ]
        missing = (
            _uncovered_time_text(finding, [row.record for row in sufficient]) if sufficient else ""
        )
        if sufficient and not missing:
            text = "; ".join(_describe_authorisation(row.record) for row in sufficient)
            return self._finding_with_authorisation_added(
                finding, sufficient, f"authorised: {text}", is_complete=True
            )
        excesses = [_beyond_authorisation_text(row.record, finding, flight) for row in relevant]
        why = "; ".join(dict.fromkeys(why for why in (*excesses, missing) if why))
        return self._finding_with_authorisation_added(
            finding, relevant, f"authorised only in part: {why}", is_complete=False
        )

    def _finding_with_authorisation_added(
        self,
        finding: Finding,
        rows: Sequence[SuppliedRow[Authorisation]],
        text: str,
        *,
        is_complete: bool,
    ) -> Finding:
        evidence = tuple(
            evidence_of_user_supplied_row(self.table, row, "reference", row.record.reference)
            for row in rows
        )
        coverage = AuthorisationCoverage(
            is_complete, tuple(row.record.reference for row in rows), text
        )
        return replace(finding, authorisation=coverage, evidence=(*finding.evidence, *evidence))


def load_authorisations(path: Path) -> Authorisations:
    """Return the authorisations in a CSV or TOML file.

    Raises:
        SuppliedFileError: If a row or column is not as declared.
    """
    return Authorisations(read_supplied_table(path, "authorisation", Authorisation))


def _applies_to_finding(
    row: Authorisation, finding: Finding, ids: frozenset[str], flight: Flight
) -> bool:
    """Return whether an authorisation concerns a finding: its rule, subject, aircraft, time."""
    if ids.isdisjoint(row.rules) or not row_concerns_aircraft_with_serials(
        row.aircraft, aircraft_serials_in_logs_of_flight(flight)
    ):
        return False
    if row.subjects and finding.subject not in row.subjects:
        return False
    start, end = finding.start, finding.end or finding.start
    return start is not None and end is not None and row.start <= end and start <= row.end


def _beyond_authorisation_text(row: Authorisation, finding: Finding, flight: Flight) -> str:
    """Return how a finding exceeds an authorisation in extent or position; empty: it does not."""
    if row.up_to is not None and (finding.peak is None or finding.peak > row.up_to):
        if finding.peak is None:
            return f"{row.reference} allows up to {row.up_to:g}, and the peak is not known"
        return f"{row.reference} allows up to {row.up_to:g}, and {finding.peak:.1f} was reached"
    if row.radius_m is None:
        return ""
    farthest = _farthest_from_centre_m(row, finding, flight)
    if farthest is None:
        return (
            f"{row.reference} is limited to a circle, and the position of the aircraft is not known"
        )
    if farthest > row.radius_m:
        limit = f"{row.reference} reaches {row.radius_m:g} m from its centre"
        return f"{limit}, and the aircraft was {farthest:.0f} m away"
    return ""


def _farthest_from_centre_m(row: Authorisation, finding: Finding, flight: Flight) -> float | None:
    """Return the greatest distance of the aircraft from the centre during a finding, metres."""
    track = flight.track
    during = track[
        (track["time"] >= finding.start) & (track["time"] <= (finding.end or finding.start))
    ]
    positions = during[["latitude_deg", "longitude_deg"]].dropna().to_numpy(np.float64)
    if not len(positions):
        if finding.latitude_deg is None or finding.longitude_deg is None:
            return None
        positions = np.array([[finding.latitude_deg, finding.longitude_deg]])
    centre = np.array([row.latitude, row.longitude], np.float64)
    return float(distances_between_point_pairs_m(positions[:, 0], positions[:, 1], *centre).max())


def _uncovered_time_text(finding: Finding, rows: Iterable[Authorisation]) -> str:
    """Return the part of the time of a finding that no authorisation covers; empty: none."""
    start, end = finding.start, finding.end or finding.start
    if start is None or end is None:
        return ""
    covered_to = start
    for row in sorted(rows, key=lambda row: row.start):
        if row.start > covered_to:
            break
        covered_to = max(covered_to, pd.Timestamp(row.end))
    if covered_to >= end:
        return ""
    return f"nothing covers {_utc_time_of_day_text(covered_to)} to {_utc_time_of_day_text(end)}"


def _utc_time_of_day_text(time: pd.Timestamp) -> str:
    return f"{time.tz_convert('UTC'):%H:%M:%S} UTC"


def _describe_authorisation(row: Authorisation) -> str:
    return f"{row.reference} by {row.by}, {row.reason}"
