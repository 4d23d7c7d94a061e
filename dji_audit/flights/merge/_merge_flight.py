"""The logs of a flight merged: one track, the events, captures and contacts of all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._home_distances import greatest_home_distance_m
from dji_audit.flights._model import (
    FileNumberGapInFlight,
    Flight,
    FlightSource,
    LifetimeTotalsOfNextLog,
)
from dji_audit.flights.join._flight_assembly import AssembledFlight
from dji_audit.flights.merge._adsb_aircraft_near_flight import nearby_aircraft_received_in_flight
from dji_audit.flights.merge._aligned_segments import AlignedSegment, align_segments
from dji_audit.flights.merge._disagreements import find_disagreements
from dji_audit.flights.merge._identity_disagreements import identity_disagreements
from dji_audit.flights.merge._merge_media_captures import merge_media_captures
from dji_audit.flights.merge._merge_tracks import merge_track_columns_into_first_track
from dji_audit.flights.merge._takeoff_and_landing_times import find_takeoff_and_landing_times
from dji_audit.geo.geodesy import track_length_m

Instant = pd.Timestamp | None
#: Events of two logs with the same kind and text within this time are one event.
_SAME_EVENT_S = 2.0
#: Events of which each log's own source counts: a flight is bounded by them.
_NEVER_DUPLICATES = ("takeoff", "landing")


def merge_flight(assembly: AssembledFlight, logs: Mapping[int, parsers.Log]) -> Flight:
    """Return the flight that some logs are.

    Args:
        assembly: Which parts of which logs are of the flight.
        logs: Those logs, by their index among all that were joined.
    """
    found = align_segments(assembly, logs)
    first = found[0]
    whole = merge_track_columns_into_first_track(found)
    events = _merge_events(found)
    air = find_takeoff_and_landing_times(found)
    takeoff, landing = air.takeoff, air.landing
    in_air = rows_between_times(whole.track, "time", takeoff, landing)
    captures = merge_media_captures(found)
    homes, home_index = _named_positions_and_their_log_index(found, "home")
    # The controller's own GPS; a phone may give a position that it remembered.
    pilots, pilot_index = _named_positions_and_their_log_index(found, "controller")
    if not pilots:
        pilots, pilot_index = _named_positions_and_their_log_index(found, "pilot")
    began = _first_track_position(first.log, in_air) if takeoff is not None else None
    origins = _home_positions_in_order(found, homes, home_index, began)
    start, end = _time_span_of_track(whole.track, events)
    heights = in_air["height_ato_m"].dropna()
    sources = _flight_sources(found)
    received = nearby_aircraft_received_in_flight(sources, whole.track)
    return Flight(
        id=assembly.id,
        sources=sources,
        takeoff=takeoff,
        landing=landing,
        start=start,
        end=end,
        track=whole.track,
        events=events,
        captures=captures.table,
        contacts=_rows_of_all_logs_in_time_order(found, "contacts"),
        home=homes[-1] if homes else None,
        takeoff_position=began,
        pilot=pilots[-1] if pilots else None,
        duration_s=air.duration_s,
        distance_m=track_length_m(in_air),
        max_height_ato_m=float(heights.max()) if len(heights) else None,
        max_home_distance_m=greatest_home_distance_m(origins, in_air, by_offset=home_index == 0),
        begins_in_air=air.begins_in_air,
        ends_in_air=air.ends_in_air,
        local_start=air.local_start,
        local_takeoff=air.local_takeoff,
        local_landing=air.local_landing,
        home_positions=origins,
        home_source_index=home_index,
        pilot_source_index=pilot_index,
        column_sources=whole.column_sources,
        source_offsets=whole.source_offsets,
        log_offsets_of_captures=captures.sources,
        disagreements=(*find_disagreements(found, captures.groups), *identity_disagreements(found)),
        sequence_gaps=_file_number_gaps(assembly, found),
        following_log_totals=_lifetime_totals_of_next_logs(assembly, found),
        nearby_aircraft=tuple(
            sorted(
                (*assembly.nearby_aircraft, *received),
                key=lambda each: (each.distance_m, each.identity),
            )
        ),
        flights_near_in_time=assembly.flights_near_in_time,
    )


def rows_between_times(
    frame: pd.DataFrame, column: str, after: Instant, before: Instant
) -> pd.DataFrame:
    """Return the rows from ``after`` up to ``before``; rows without a time go first."""
    keep = np.ones(len(frame), bool)
    if after is not None:
        keep &= (frame[column] >= after).to_numpy()
    if before is not None:
        keep &= ~(frame[column] >= before).to_numpy()
    rows = np.flatnonzero(keep)
    if len(rows) == len(frame):
        return frame
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        # Rows that follow one another need not be copied.
        return frame.iloc[rows[0] : rows[-1] + 1].reset_index(drop=True)
    return frame.take(rows).reset_index(drop=True)


def _flight_sources(segments: Sequence[AlignedSegment]) -> tuple[FlightSource, ...]:
    indices = {
        (aligned.member.log_index, aligned.member.segment_number): n
        for n, aligned in enumerate(segments)
    }
    out = []
    for aligned in segments:
        start, end = _time_span_of_source(aligned)
        original = aligned.member.copy_of
        out.append(
            FlightSource(
                aligned.log,
                aligned.alignment,
                aligned.track,
                aligned.member.match,
                aligned.member.alternative_flights,
                None if original is None else indices[original],
                aligned.member.segment_number,
                start,
                end,
                aligned.is_media,
                aligned.is_from_receiver,
                aligned.member.segment_number == 1 and aligned.member.window[0] is None,
            )
        )
    return tuple(out)


def _time_span_of_source(aligned: AlignedSegment) -> tuple[Instant, Instant]:
    """Return the first and last instant of a log in a flight: of its fixes, else its captures."""
    times = aligned.non_missing_times_ns("track", "time")
    if len(times) < 2:
        captures = [aligned.non_missing_times_ns("captures", column) for column in ("start", "end")]
        times = np.concatenate([times, *captures])
    if not len(times):
        return None, None
    return pd.Timestamp(int(times.min()), tz="UTC"), pd.Timestamp(int(times.max()), tz="UTC")


def _merge_events(segments: Sequence[AlignedSegment]) -> pd.DataFrame:
    """Return the events of all logs in order of time; one that two logs share stands once."""
    stacked = _rows_of_all_logs_in_time_order(segments, "events")
    if stacked["source_index"].nunique() < 2:
        return stacked
    times = stacked["time"].to_numpy("datetime64[ns]").view(np.int64)
    keep = np.ones(len(stacked), bool)
    last: dict[tuple[str, str], list[tuple[int, int]]] = {}
    columns = zip(stacked["kind"], stacked["text"], stacked["source_index"], strict=True)
    for row, (kind, text, source) in enumerate(columns):
        earlier = last.setdefault((str(kind), str(text)), [])
        near = (_SAME_EVENT_S + segments[source].uncertainty_s) * 1e9
        time_ns = int(times[row])
        same = any(other != source and abs(time_ns - time) <= near for time, other in earlier[-8:])
        if same and kind not in _NEVER_DUPLICATES and source != 0:
            keep[row] = False
        else:
            earlier.append((time_ns, int(source)))
    return stacked[keep].reset_index(drop=True)


def _rows_of_all_logs_in_time_order(segments: Sequence[AlignedSegment], table: str) -> pd.DataFrame:
    """Return the rows of a table of all logs but copies, in order of time."""
    frames = []
    for index, aligned in enumerate(segments):
        if aligned.is_copy:
            continue
        rows = aligned.aligned_rows(table)
        if len(rows) or not index:
            frames.append(rows.assign(source_index=np.full(len(rows), index, np.int16)))
    if len(frames) == 1:
        return frames[0]
    stacked = pd.concat(frames, ignore_index=True)
    times = stacked["time"].to_numpy("datetime64[ns]").view(np.int64)
    # Rows without a time stay last, as in each log.
    order = np.argsort(
        np.where(np.isnat(stacked["time"].to_numpy("datetime64[ns]")), 1 << 62, times),
        kind="stable",
    )
    return stacked.take(order).reset_index(drop=True)


def _time_span_of_track(track: pd.DataFrame, events: pd.DataFrame) -> tuple[Instant, Instant]:
    times = track["time"].dropna()
    if times.empty:
        times = events["time"].dropna()
    return (times.iloc[0], times.iloc[-1]) if len(times) else (None, None)


def _first_track_position(log: parsers.Log, track: pd.DataFrame) -> parsers.NamedPosition | None:
    """Return the first position of a track."""
    position = track["latitude_deg"].to_numpy() + track["longitude_deg"].to_numpy()
    known = np.flatnonzero(np.isfinite(position))
    if not len(known):
        return None
    row = int(known[0])
    time = track["time"].iloc[row]
    return parsers.NamedPosition(
        "start",
        None if pd.isna(time) else time,
        float(track["latitude_deg"].iloc[row]),
        float(track["longitude_deg"].iloc[row]),
        None,
        log.track_record,
        int(track["source_offset"].iloc[row]),
    )


def _named_positions_and_their_log_index(
    segments: Sequence[AlignedSegment], kind: str
) -> tuple[tuple[parsers.NamedPosition, ...], int]:
    """Return the positions of a kind in the first log that names one, and the index of that log.

    Of a log with several flights they are those before its next flight, else the first.
    """
    for index, aligned in enumerate(segments):
        named = [position for position in aligned.log.named_positions if position.kind == kind]
        before = aligned.segment.before_ns
        known = [
            position
            for position in named
            if before is None or position.time is None or position.time.value < before
        ]
        if named:
            chosen = known or named[:1]
            if aligned.alignment.is_aligned:
                chosen = [
                    replace(each, time=aligned.alignment.aligned_instant(each.time))
                    for each in chosen
                ]
            return tuple(chosen), index
    return (), 0


def _home_positions_in_order(
    segments: Sequence[AlignedSegment],
    homes: Sequence[parsers.NamedPosition],
    home_index: int,
    takeoff: parsers.NamedPosition | None,
) -> tuple[parsers.NamedPosition, ...]:
    """Return what distances from home are measured from, as ``Flight.home_positions``."""
    timed = [each for each in homes if each.time is not None]
    ordered = sorted(timed, key=lambda each: 0 if each.time is None else each.time.value)
    if not timed or not segments[home_index].alignment.is_aligned:
        # Only in the log of the fixes does the order in the file say which was in force when.
        ordered = [replace(each, time=None) for each in (homes[-1:] if home_index else homes)]
    began = () if takeoff is None else (replace(takeoff, time=None),)
    return (*began, *ordered)


def _first_segment_index_by_log(segments: Sequence[AlignedSegment]) -> dict[int, int]:
    return {
        aligned.member.log_index: index for index, aligned in reversed(list(enumerate(segments)))
    }


def _lifetime_totals_of_next_logs(
    assembly: AssembledFlight, segments: Sequence[AlignedSegment]
) -> tuple[LifetimeTotalsOfNextLog, ...]:
    indices = _first_segment_index_by_log(segments)
    return tuple(
        LifetimeTotalsOfNextLog(
            indices[each.log_index],
            each.name,
            each.sha256,
            pd.Timestamp(round(each.start * 1e9), tz="UTC"),
            each.totals,
        )
        for each in assembly.following_totals
    )


def _file_number_gaps(
    assembly: AssembledFlight, segments: Sequence[AlignedSegment]
) -> tuple[FileNumberGapInFlight, ...]:
    indices = _first_segment_index_by_log(segments)
    return tuple(
        FileNumberGapInFlight(gap.kind, gap.text, indices[gap.log_index])
        for gap in assembly.number_gaps
    )
