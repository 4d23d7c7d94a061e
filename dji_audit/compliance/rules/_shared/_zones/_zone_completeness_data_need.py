"""The need of rules about zones: that the supplied zones are complete where the aircraft flew."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    airborne_span,
    availability_of_facts_in_air,
    supplied_input_data_need,
)
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.policy import Parameters
from dji_audit.flights import Flight
from dji_audit.zones import (
    SkippedItem,
    SuppliedZones,
    ZoneFile,
    skipped_item_position_text,
    skipped_possible_zones_near,
)

Floats = npt.NDArray[np.float64]

_SUBJECT = "zones where the aircraft flew"
_REMEDY = "supply zones for the place of the flight: --zones FILE"
_EXTENT_REMEDY = (
    f"{_REMEDY}; or state where a file is complete: "
    "dji-audit zones import --extent SOUTH,WEST,NORTH,EAST FILE"
)


def availability_of_complete_zones(
    flight: Flight, _parameters: Parameters, context: AuditContext
) -> DataNeedObservation:
    """Return over which share of its positions in the air the supplied zones are complete."""
    zones = context.zones
    if zones is None:
        return DataNeedObservation.for_subject_not_seen(
            _SUBJECT, "No zone file was given.", _REMEDY
        )
    latitude, longitude = airborne_positions(flight)
    if not len(latitude):
        without = availability_of_facts_in_air(flight, ("position",))
        reason = without.reason or "No position of the aircraft in the air is known."
        return DataNeedObservation.for_subject_not_seen(_SUBJECT, reason, without.remedy)
    inside = inside_completeness_areas_mask(zones, latitude, longitude)
    reasons = []
    if not inside.all():
        outside = int(np.flatnonzero(~inside)[0])
        reasons.append(_outside_extent_reason(zones, latitude[outside], longitude[outside], inside))
    beside = list(skipped_possible_zones_near(zones, latitude, longitude))
    reasons += [_left_out_features_near_flight_text(file, items) for file, items in beside]
    return DataNeedObservation(
        subject=_SUBJECT,
        share=0.0 if beside else float(inside.mean()),
        sources=tuple(file.source.name for file in zones.files),
        reason=" ".join(reasons),
        remedy=_EXTENT_REMEDY if not inside.all() else "",
    )


#: That zones were supplied, and that they are complete wherever the aircraft flew.
ZONES_NEED = replace(
    supplied_input_data_need("zones", "zone file", _REMEDY, availability_of_complete_zones),
    min_share=1.0,
)


def airborne_positions(flight: Flight) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of the aircraft in the air, as far as that is known."""
    track = flight.track
    known = (track["latitude_deg"].notna() & track["longitude_deg"].notna()).to_numpy()
    span = airborne_span(flight)
    if span is not None and track["time"].notna().any():
        known = known & track["time"].between(*span).to_numpy()
    return (
        track["latitude_deg"].to_numpy(np.float64)[known],
        track["longitude_deg"].to_numpy(np.float64)[known],
    )


def inside_completeness_areas_mask(
    zones: SuppliedZones, latitude_deg: Floats, longitude_deg: Floats
) -> npt.NDArray[np.bool_]:
    """Return for each position whether any of the zone files is complete there."""
    inside = np.zeros(len(latitude_deg), np.bool_)
    for extent in zones.completeness_areas:
        inside |= extent.positions_inside_mask(latitude_deg, longitude_deg)
    return inside


def _outside_extent_reason(
    zones: SuppliedZones, latitude_deg: float, longitude_deg: float, inside: npt.NDArray[np.bool_]
) -> str:
    flight_text = "The flight" if not inside.any() else "Part of the flight"
    files = [
        f"{file.source.name}, {extent.how_far_away_text(latitude_deg, longitude_deg)}, covers "
        f"{extent.bounds_text} ({extent.basis})"
        for file, extent in zip(zones.files, zones.completeness_areas, strict=True)
        if file.zones
    ]
    shown = "; ".join(files[:2]) + (f"; and {len(files) - 2} more" if len(files) > 2 else "")
    return f"{flight_text} lies outside the supplied zones: {shown}."


def _left_out_features_near_flight_text(file: ZoneFile, items: Sequence[SkippedItem]) -> str:
    shown = ", ".join(f"{skipped_item_position_text(item)} ({item.reason})" for item in items[:2])
    more = f" and {len(items) - 2} more" if len(items) > 2 else ""
    placed = all(item.bounds is not None for item in items)
    where = "near the flight" if placed else "near the flight or at a place that it does not state"
    features = "a feature" if len(items) == 1 else f"{len(items)} features"
    return f"{file.source.name} holds {features} {where}, not read as an area: {shown}{more}."
