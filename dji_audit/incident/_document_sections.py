"""The sections of an incident bundle, under the headings that an inquiry asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dji_audit.basemap.nearest_place import nearest_place
from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.plain_english import aircraft_type_text, duration_text, pluralised_count
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.outcomes import FAILURES, Outcome
from dji_audit.flights import Flight
from dji_audit.geo.national_grid import grid_reference
from dji_audit.geo.sun import CIVIL_TWILIGHT_DEG, SUNRISE_DEG, sun_azimuths_and_elevations_deg
from dji_audit.incident._aircraft_state import (
    aircraft_state_table,
    home_distance_text,
    position_of_fix,
    row_index_of_last_fix_at_or_before,
)
from dji_audit.incident._incident_document_model import IncidentSection, IncidentTable
from dji_audit.incident._nearby_aircraft import (
    NEAR_M,
    count_flights_without_positions,
    has_position_between,
    reported_traffic_rows,
    rows_of_other_flights,
)
from dji_audit.incident._stick_link_and_battery_series import QUANTITIES, QuantitySeries
from dji_audit.incident._what_is_unknown import QUESTIONS, sentences_on_what_is_unknown
from dji_audit.mapper.flight_page._byte_coverage import byte_coverage_of_log, coverage_percent_text
from dji_audit.mapper.flight_page._timeline_rows import (
    GROUPS,
    TimelineRow,
    text_or_empty,
    timeline_rows,
)
from dji_audit.mapper.html._times import unix_ms, utc_datetime_from_ms
from dji_audit.report.sensor_words import SENSOR_WORDS
from dji_audit.zones import Limit, VerticalDatum, ZoneIndex, zones_at_position

#: Groups of rows that only fill a record, and those that have a section of their own.
_QUIET_GROUPS = ("tip", "setting", "finding", "recording")
#: Rows of what the logs report that a sheet shows, and how many of them before the moment.
_MOST_REPORTED, _MOST_BEFORE_MOMENT = 14, 10
#: Percent of deflection within which a stick counts as released.
_RELEASED_PERCENT = 5.0


def evidence_integrity_section(flight: Flight) -> IncidentSection:
    """Return by which hashes the evidence can be shown to be unchanged."""
    rows = []
    for number, log in enumerate(flight.logs, 1):
        source = log.source
        coverage = coverage_percent_text(byte_coverage_of_log(log).accounted_pct)
        rows.append(
            (
                str(number),
                source.name,
                f"{source.size:,}",
                source.sha256,
                source.format,
                f"{coverage} %",
            )
        )
        if source.container_sha256 is not None:
            rows.append(("", "its container", "", source.container_sha256, "", ""))
    return IncidentSection(
        heading="Preservation of evidence",
        sheet=1,
        paragraphs=(
            f"{pluralised_count(len(flight.logs), 'file')} of this flight "
            f"{'was' if len(flight.logs) == 1 else 'were'} read, never written to, and hashed as "
            "read. A copy is the same evidence if its SHA-256 is the one below.",
        ),
        table=IncidentTable(
            ("No.", "File", "Bytes", "SHA-256", "Kind", "Bytes explained"), tuple(rows), 8
        ),
    )


def incident_moment_section(flight: Flight, moment: pd.Timestamp) -> IncidentSection:
    """Return where the aircraft was at the moment, and its state before and after."""
    row = row_index_of_last_fix_at_or_before(flight, moment)
    facts: list[tuple[str, str]] = []
    if row is not None:
        fix = flight.track.iloc[row]
        position = position_of_fix(flight, row)
        if position is not None:
            facts.append(("Position, WGS 84", f"{position[0]:.6f}, {position[1]:.6f}"))
            facts.append(("Grid reference", grid_reference(*position) or ""))
            place = nearest_place(*position)
            facts.append(("Place", place.distance_direction_and_name if place is not None else ""))
            facts.append(("Light", _daylight_words(moment, position)))
        home_m = home_distance_text(flight, row)
        facts.append(("From home point", f"{home_m} m" if home_m else ""))
        facts.append(("Flight mode", "" if pd.isna(fix["flight_mode"]) else fix["flight_mode"]))
    columns, rows = aircraft_state_table(flight, moment)
    return IncidentSection(
        heading="The moment",
        sheet=1,
        paragraphs=(
            "Height is above take-off, Home the distance from the home point, Speed over ground."
            if row is not None
            else "No log has a fix within two seconds before this moment.",
        ),
        facts=tuple(facts),
        table=IncidentTable(columns, rows, 13) if rows else None,
    )


def _daylight_words(moment: pd.Timestamp, position: tuple[float, float]) -> str:
    instant = np.array([moment.tz_convert("UTC").tz_localize(None).to_datetime64()])
    elevation = float(
        sun_azimuths_and_elevations_deg(instant.astype("datetime64[ns]"), *position)[1][0]
    )
    light = (
        "day"
        if elevation >= SUNRISE_DEG
        else "civil twilight"
        if elevation >= CIVIL_TWILIGHT_DEG
        else "night"
    )
    side = "above" if elevation >= 0 else "below"
    return f"{light}; the sun stood {abs(elevation):.0f}° {side} the horizon"


def aircraft_section(flight: Flight) -> IncidentSection:
    """Return which aircraft and equipment the logs name."""
    aircraft = flight.aircraft
    firmware = ", ".join(f"{part} {version}" for part, version in aircraft.firmware.items())
    return IncidentSection(
        heading="Aircraft and equipment",
        sheet=1,
        facts=(
            ("Aircraft", aircraft_type_text(aircraft.maker, aircraft.model)),
            ("Name", aircraft.name or ""),
            ("Serial number", aircraft.serial or "not stated in the logs"),
            ("Flight controller", aircraft.flight_controller_serial or ""),
            ("Camera", " ".join(filter(None, (aircraft.camera_model, aircraft.camera_serial)))),
            ("Controller", aircraft.controller_serial or ""),
            ("Battery", aircraft.battery_serial or ""),
            ("App", aircraft.app or ""),
            ("Firmware", firmware),
            ("Take-off", f"{flight.takeoff:%H:%M:%S} UTC" if flight.takeoff is not None else ""),
            ("Landing", f"{flight.landing:%H:%M:%S} UTC" if flight.landing is not None else ""),
        ),
    )


def operator_and_pilot_section(
    flight: Flight, moment: pd.Timestamp, context: AuditContext
) -> IncidentSection:
    """Return who operated and for what, as the unit's papers say, and where the pilot was."""
    facts: list[tuple[str, str]] = []
    if context.operations is not None:
        for row in context.operations.operations_containing_interval(
            moment, moment, aircraft_serials_in_logs_of_flight(flight)
        ):
            operation = row.record
            facts += [
                ("Operation", operation.operation),
                ("Purpose", operation.purpose or "not stated"),
                ("Pilot", operation.pilot or "not stated"),
                ("Authorised by", operation.authorising_officer or "not stated"),
                ("Incident reference", operation.incident_ref or ""),
            ]
    accounts = flight.events.loc[flight.events["kind"] == "account", "text"].dropna().unique()
    none_covers = "no operations log was given that covers this moment."
    if facts:
        paragraphs: tuple[str, ...] = ()
    elif len(accounts):
        paragraphs = (none_covers.capitalize(),)
    else:
        paragraphs = (f"The logs name no person, and {none_covers}",)
    facts += [("Account, as a log states it", text) for text in accounts]
    pilot = flight.pilot
    if pilot is not None:
        within = f", within {pilot.accuracy_m:.0f} m" if pilot.accuracy_m else ""
        facts.append(
            (
                "Position of the pilot",
                f"{pilot.latitude_deg:.6f}, {pilot.longitude_deg:.6f}{within} ({pilot.record})",
            )
        )
    return IncidentSection(
        heading="People, purpose and authority",
        sheet=1,
        paragraphs=paragraphs,
        facts=tuple(facts),
    )


def zones_at_moment_section(
    audit: FlightAudit, moment: pd.Timestamp, context: AuditContext
) -> IncidentSection:
    """Return the zones that contained the aircraft at the moment."""
    flight = audit.flight
    zones = supplied_zones_then_fences_of_flight(flight, context)
    row = row_index_of_last_fix_at_or_before(flight, moment)
    position = position_of_fix(flight, row) if row is not None else None
    items: list[str] = []
    paragraphs: tuple[str, ...]
    none_given = ("No zones were given, so that nothing can be said about airspace.",)
    if not zones:
        paragraphs = none_given
    elif position is None or row is None:
        paragraphs = ("Where the aircraft was is not known, so that no zone can be named.",)
    else:
        altitude = float(flight.track["altitude_amsl_m"].iloc[row])
        height = Limit(VerticalDatum.AMSL, altitude, "m") if np.isfinite(altitude) else None
        for here in zones_at_position(ZoneIndex(zones), position, height, moment.to_pydatetime()):
            how = {True: "within its limits", False: "below or above its limits"}.get(
                here.within,  # type: ignore[arg-type]
                f"whether within its limits is not known: {here.reason}",
            )
            items.append(f"{here.zone.name or here.zone.id}: {here.zone.limits_text}; {how}")
        if context.zones is None:
            paragraphs = none_given
        else:
            outside = "The aircraft was in none of the zones that were given."
            paragraphs = () if items else (outside,)
    return IncidentSection(
        heading="Airspace and zones", sheet=2, paragraphs=paragraphs, items=tuple(items)
    )


def sequence_of_events_sections(
    audit: FlightAudit, start: pd.Timestamp, end: pd.Timestamp, moment: pd.Timestamp
) -> Iterator[IncidentSection]:
    """Yield what the logs report in the stretch, what rules found, and all of it."""
    first_ms, last_ms = unix_ms(start) or 0, unix_ms(end) or 0
    rows = [
        row
        for row in timeline_rows(audit)
        if row.start is not None
        and row.start <= last_ms
        and (row.end if row.end is not None else row.start) >= first_ms
    ]
    file_count = len(audit.flight.logs)
    reported = [row for row in rows if row.group not in _QUIET_GROUPS]
    findings = [row for row in rows if row.group == "finding"]
    moment_ms = unix_ms(moment) or 0
    until_moment = sum((row.start or 0) <= moment_ms for row in reported)
    yield IncidentSection(
        heading="What the logs report",
        sheet=2,
        paragraphs=()
        if reported
        else ("The logs report no warning, limit or action in this time.",),
        table=replace(
            _timeline_table(reported, moment_ms, file_count, _MOST_REPORTED),
            first_on_sheet=max(
                0, min(until_moment - _MOST_BEFORE_MOMENT, len(reported) - _MOST_REPORTED)
            ),
        )
        if reported
        else None,
    )
    yield IncidentSection(
        heading="Findings of the audit in this time",
        sheet=2,
        paragraphs=() if findings else ("No rule has a finding in this time.",),
        table=_timeline_table(findings, moment_ms, file_count, 5) if findings else None,
    )
    yield IncidentSection(
        heading="Everything in the logs of this time",
        sheet=0,
        paragraphs=() if rows else ("There is no event in this time.",),
        table=_timeline_table(rows, moment_ms, file_count, _MOST_REPORTED) if rows else None,
    )


def _timeline_table(
    rows: Sequence[TimelineRow], moment_ms: int, file_count: int, most: int
) -> IncidentTable:
    return IncidentTable(
        ("Second", "UTC", "What", "How known", "Evidence"),
        tuple(
            (
                f"{(row.start or 0) / 1000 - moment_ms / 1000:+.1f}",
                f"{utc_datetime_from_ms(row.start or 0):%H:%M:%S}",
                row.text if row.group == "finding" else f"{GROUPS[row.group]}: {row.text}",
                row.grade,
                _file_byte_and_record_text_of_timeline_row(row, file_count),
            )
            for row in rows
        ),
        most,
    )


def _file_byte_and_record_text_of_timeline_row(row: TimelineRow, file_count: int) -> str:
    if row.offset is None or row.source_index is None or row.source_index >= file_count:
        return row.record
    return f"file {row.source_index + 1}, byte {row.offset:,}: {row.record}"


def stick_input_section(series: Sequence[QuantitySeries], moment: pd.Timestamp) -> IncidentSection:
    """Return how the sticks were held in the ten seconds before the moment."""
    sticks = [one for one in series if one.field.quantity == "sticks"]
    items = []
    for one in sticks:
        before = (one.times <= moment) & (one.times >= moment - pd.Timedelta(10, "s"))
        if not before.any():
            continue
        values = one.numbers[before]
        last = values[-1]
        is_released = one.field.is_zero_at_rest and abs(last) <= _RELEASED_PERCENT
        held = "released" if is_released else f"at {last:+.0f} %"
        low, high = round(values.min()), round(values.max())
        moved = f"{low} % to {high} %" if low != high else "not moved"
        items.append(
            f"{one.field.label}: {held} at the moment; {moved} in the ten seconds before "
            f"({one.field.record}, {pluralised_count(int(before.sum()), 'record')})"
        )
    return IncidentSection(
        heading="Control inputs",
        sheet=2,
        paragraphs=()
        if items
        else ("How the sticks were held in the ten seconds before is not recorded.",),
        items=tuple(items),
    )


def cameras_and_microphones_section(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp
) -> IncidentSection:
    """Return what cameras and microphones recorded in the stretch."""
    captures = flight.captures
    # A recording whose end no log shows may have gone on.
    may_go_on = captures["end"].isna() & (captures["kind"] != "photo")
    until = captures["end"].where(captures["end"].notna(), captures["start"])
    here = captures[(captures["start"] <= end) & ((until >= start) | may_go_on)]
    items = []
    for key, group in here.groupby(["kind", "sensor"], sort=False, dropna=False):
        kind, sensor = map(text_or_empty, key)
        first, last = group["start"].min(), group["start"].max()
        if kind == "photo":
            to_last = f" to {last:%H:%M:%S}" if len(group) > 1 else ""
            sensed = SENSOR_WORDS.get(sensor, sensor)
            photos = pluralised_count(len(group), "photo")
            items.append(f"{photos}, {sensed}: {first:%H:%M:%S}{to_last} UTC")
            continue
        for one in rows_as_mappings(group):
            lasts = (
                f" for {duration_text((one['end'] - one['start']).total_seconds())}"
                if not pd.isna(one["end"])
                else ", end not shown"
            )
            name = f": {one['file']}" if text_or_empty(one["file"]) else ""
            sensed = f", {SENSOR_WORDS.get(sensor, sensor)}" if kind == "video" else ""
            items.append(f"{kind}{sensed}, from {one['start']:%H:%M:%S} UTC{lasts}{name}")
    none = (
        "The logs show no recording in this time. This does not show that the camera was off."
        if flight.would_show_recordings
        else "These logs do not state whether anything was recorded."
    )
    return IncidentSection(
        heading="Recorded by camera and microphone",
        sheet=2,
        paragraphs=() if items else (none,),
        items=tuple(items),
    )


def nearby_aircraft_section(
    flight: Flight,
    flights: Sequence[Flight],
    start: pd.Timestamp,
    end: pd.Timestamp,
    unplaced_count: int = 0,
) -> IncidentSection:
    """Return which other aircraft were near, as far as any log knows.

    Args:
        flight: The flight of the incident.
        flights: Those that may have been in the air in that time, itself among them.
        start: First instant.
        end: Last instant.
        unplaced_count: Of how many flights besides no position at a known time is known.
    """
    near = tuple(rows_of_other_flights(flight, flights, start, end))
    traffic = tuple(reported_traffic_rows(flight, start, end))
    rows = (*near, *traffic)
    others = [other for other in flights if other is not flight]
    said = []
    unplaced = unplaced_count + count_flights_without_positions(others)
    if (others or unplaced) and not has_position_between(flight, start, end):
        said.append("Where the aircraft was is not known, nor whether another flight was near.")
    elif not near:
        said.append(f"No other flight of this case came within {NEAR_M / 1000:.0f} km.")
    if unplaced:
        said.append(
            f"Of {pluralised_count(unplaced, 'other flight')} no position with its time is known."
        )
    if not traffic:
        said.append("The logs report no other aircraft.")
    if not rows:
        said.append("People and vehicles on the ground are in no log.")
    return IncidentSection(
        heading="Who was near",
        sheet=2,
        paragraphs=(" ".join(said),) if said else (),
        table=IncidentTable(("Aircraft", "Nearest", "When"), tuple(rows), 6) if rows else None,
    )


def whole_flight_rule_results_section(audit: FlightAudit) -> IncidentSection:
    """Return what came of the rules on the flight as a whole."""
    failed = [result for result in audit.results if result.outcome in FAILURES]
    unchecked = [result for result in audit.results if result.outcome is Outcome.NOT_ASSESSABLE]
    return IncidentSection(
        heading="Rules, over the whole flight",
        sheet=0,
        paragraphs=(
            f"{pluralised_count(len(failed), 'rule')} failed, and "
            f"{pluralised_count(len(unchecked), 'rule')} could not be checked.",
        ),
        items=tuple(finding.summary for result in failed for finding in result.findings),
    )


def sections_on_what_is_unknown(
    flight: Flight, start: pd.Timestamp, end: pd.Timestamp, series: Sequence[QuantitySeries]
) -> Iterator[IncidentSection]:
    """Yield what the logs cannot establish, and what people must be asked."""
    recorded = frozenset(one.field.quantity for one in series)
    yield IncidentSection(
        heading="What cannot be known from the logs",
        sheet=2,
        items=tuple(sentences_on_what_is_unknown(flight, start, end, recorded)),
    )
    yield IncidentSection(heading="To be asked of people", sheet=1, items=QUESTIONS)


def records_behind_charts_section(series: Sequence[QuantitySeries]) -> IncidentSection:
    """Return which records the charts are drawn from."""
    rows = tuple(
        (
            QUANTITIES[one.field.quantity][0],
            one.field.label,
            f"{one.field.record}.{one.field.field}",
            f"{len(one.numbers):,}",
            f"{one.numbers.min():.4g} to {one.numbers.max():.4g}",
        )
        for one in series
    )
    return IncidentSection(
        heading="Records beyond the track",
        sheet=0,
        paragraphs=(
            "Records that state no instant are placed between the fixes before and after them in "
            "the file.",
        )
        if rows
        else ("No record beyond the track states sticks, sensors, link or battery.",),
        table=IncidentTable(("Quantity", "Which", "Record", "Values", "Range"), rows)
        if rows
        else None,
    )


def audit_basis_section(basis: AuditInputProvenance) -> IncidentSection:
    """Return by which program, policy and catalogue the bundle was made."""
    return IncidentSection(
        heading="Made with",
        sheet=0,
        facts=(
            ("Program", f"dji-audit {basis.tool_version}"),
            ("Policy", f"{basis.policy_name} {basis.policy_version}"),
            ("Policy SHA-256", basis.policy_sha256),
            ("Catalogue of endpoints", basis.catalogue_edition),
            ("Catalogue SHA-256", basis.catalogue_sha256),
        ),
    )
