"""The one block of data of a page: a flight and its rows, for the viewer."""

from collections.abc import Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.camera_view import CameraPoses
from dji_audit.common.case_details import CaseDetails
from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.safe_text import truncated_visible_text as visible
from dji_audit.compliance.declared_tracks import DeclaredTrackFlightComparison
from dji_audit.flights import Flight, FlightSource, NearbyAircraft
from dji_audit.geo.geodesy import distances_from_home_m, longitude_unwrapped_near_another
from dji_audit.geo.national_grid import national_grid_easting_northing_table_of_box
from dji_audit.geo.utm_grid import utm_easting_northing_table_of_box
from dji_audit.mapper.basemap import basemap_as_json_data, supplied_map_as_json_data
from dji_audit.mapper.flight_page._camera_view import camera_pose_columns, camera_view_as_json_data
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.flight_page._nearby_zones import nearby_zones_as_json_data
from dji_audit.mapper.flight_page._network_contacts import network_recording_times_as_json_data
from dji_audit.mapper.flight_page._page_links import neighbour_page_links_as_json_data
from dji_audit.mapper.flight_page._page_model import PageModel
from dji_audit.mapper.flight_page._page_track import GAP_MS, PageTrack
from dji_audit.mapper.flight_page._plot_series import (
    link_quality_records_and_metadata,
    plottable_track_column_descriptions,
    track_series_columns,
)
from dji_audit.mapper.flight_page._recorded_videos import recorded_videos_as_json_data
from dji_audit.mapper.flight_page._svg_map import supplied_tile_zoom_in_static_map
from dji_audit.mapper.flight_page._timeline_rows import GROUPS, HIDDEN_GROUPS, TimelineRow
from dji_audit.mapper.html._times import unix_ms

#: Flight modes that have a colour of their own; the others share one.
_MODE_COLOURS = 7


def flight_page_data(shown: PageModel) -> dict[str, object]:
    """Return what the viewer shows; every text of it made visible, and none of it markup."""
    flight, track, place = shown.flight, shown.track, shown.target
    near = {one.zone.id for one in shown.nearby_zones.zones}
    modes, mode_of = _flight_mode_names_and_codes_per_fix(flight.track)
    link_blocks, link = link_quality_records_and_metadata(flight, track)
    return {
        "schema": "dji-audit/flight-page/0.1",
        "case": _case_details_json(shown.case),
        "axis": {"kind": track.axis, "span": shown.time_span},
        "partly_read": shown.is_partly_read,
        "captures_unknown": not flight.would_show_recordings,
        "files": [visible(name) for name in shown.file_names],
        "network": network_recording_times_as_json_data(shown.audit.network),
        "zones": nearby_zones_as_json_data(shown.nearby_zones),
        "gap_ms": GAP_MS,
        "time_zone": {"name": shown.local.name, "offsets": shown.local.offsets},
        "fixes": len(track.ms),
        "columns": _track_columns(flight, track, mode_of)
        | _camera_pose_columns_of_page(shown.camera_poses, track),
        "series": plottable_track_column_descriptions(),
        "record_series": [*shown.record_series.blocks, *link_blocks],
        "link": link,
        "sources": [_source_file_and_time_span_json(source) for source in flight.sources],
        "neighbours": neighbour_page_links_as_json_data(shown.neighbours),
        "camera": camera_view_as_json_data(shown.camera_poses),
        "target": None if place is None else [round(place[0], 7), round(place[1], 7)],
        "modes": [[visible(mode), n < _MODE_COLOURS] for n, mode in enumerate(modes)],
        "untimed": [encode_column(track.untimed[0], 10**7), encode_column(track.untimed[1], 10**7)],
        "grid": _easting_northing_table_of_map(shown),
        "basemap": _basemap_json(shown),
        "home": _named_position_json(flight.home, track),
        "pilot": _named_position_json(flight.pilot, track),
        "declared_tracks": [
            _declared_track_json(each, track) for each in shown.audit.declared_tracks
        ],
        "heard_aircraft": [_heard_aircraft_json(each, track) for each in flight.nearby_aircraft],
        "captures": _media_capture_spans_as_json_lists(flight),
        "videos": recorded_videos_as_json_data(flight),
        "groups": [[name, words, name not in HIDDEN_GROUPS] for name, words in GROUPS.items()],
        "rows": [_timeline_row_as_json_list(row, near) for row in shown.timeline],
    }


def _declared_track_json(
    beside: DeclaredTrackFlightComparison, track: PageTrack
) -> dict[str, object]:
    """Return a track that the unit supplied, as far as the map shows it."""
    positions = np.array(beside.shown_positions, np.float64).reshape(-1, 2)
    near = float(track.longitude[0]) if len(track.longitude) else 0.0
    return {
        "owner": beside.track.owner,
        "words": beside.track.owner_text,
        "file": visible(beside.track.source.name),
        "count": len(beside.shown_ms),
        "ms": encode_column(np.array(beside.shown_ms, np.float64), 1),
        "lat": encode_column(positions[:, 0], 10**7),
        "lon": encode_column(
            np.array([longitude_unwrapped_near_another(each, near) for each in positions[:, 1]]),
            10**7,
        ),
    }


def _heard_aircraft_json(heard: NearbyAircraft, track: PageTrack) -> dict[str, object]:
    """Return an aircraft that was heard near the flight, as the map shows it."""
    near = float(track.longitude[0]) if len(track.longitude) else 0.0
    path = np.array(heard.path, np.float64).reshape(-1, 3)
    longitudes = [longitude_unwrapped_near_another(each, near) for each in path[:, 2]]
    return {
        "identity": visible(heard.identity),
        "means": visible(heard.means),
        "count": len(path),
        "ms": encode_column(path[:, 0], 1),
        "lat": encode_column(path[:, 1], 10**7),
        "lon": encode_column(np.array(longitudes, np.float64), 10**7),
    }


def _case_details_json(case: CaseDetails) -> dict[str, str | None] | None:
    """Return what a person states of the case, for the viewer; ``None``: nothing."""
    details = case.to_json_object()
    return details and {name: text and visible(text) for name, text in details.items()}


def _easting_northing_table_of_map(shown: PageModel) -> dict[str, Any] | None:
    """Return the table of the grid of the map; ``None``: no positions, or none that are true."""
    bounds = shown.track.bounds
    if bounds is None or shown.flight.positions_moved:
        return None
    return national_grid_easting_northing_table_of_box(
        *bounds
    ) or utm_easting_northing_table_of_box(*bounds)


def _basemap_json(shown: PageModel) -> dict[str, Any] | None:
    """Return what lies behind the path; ``None``: no positions, or none that are true."""
    bounds, clip = shown.track.bounds, shown.basemap
    if bounds is None or shown.flight.positions_moved:
        return None
    unit = (
        None
        if clip is None
        else supplied_map_as_json_data(clip, supplied_tile_zoom_in_static_map(bounds, clip))
    )
    return basemap_as_json_data(bounds) | {"unit": unit}


def _track_columns(
    flight: Flight, track: PageTrack, mode_of: npt.NDArray[np.float64]
) -> dict[str, EncodedColumn | None]:
    table = flight.track
    columns: dict[str, EncodedColumn | None] = {
        "ms": encode_column(track.ms, 1),
        "lat": encode_column(track.latitude, 10**7),
        "lon": encode_column(track.longitude, 10**7),
        "offset": encode_column(table["source_offset"].to_numpy()[track.row_numbers], 1),
        "mode": encode_column(mode_of[track.row_numbers], 1),
        "home_m": None,
    }
    # From where the report measures its greatest distance too.
    if (origin := flight.home or flight.takeoff_position) is not None:
        columns["home_m"] = encode_column(
            distances_from_home_m(table, origin)[track.row_numbers], 10
        )
    return columns | track_series_columns(table, track.row_numbers)


def _camera_pose_columns_of_page(
    look: CameraPoses, track: PageTrack
) -> dict[str, EncodedColumn | None]:
    """Return the columns of the camera; missing if the fixes of the page have no times."""
    columns = camera_pose_columns(look)
    return columns if len(look.time_ms) == len(track.ms) else dict.fromkeys(columns)


def _flight_mode_names_and_codes_per_fix(
    track: pd.DataFrame,
) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return the flight modes, most frequent first, and the number of each fix's."""
    codes, values = pd.factorize(track["flight_mode"])
    names = [str(name) for name in values]
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(range(len(names)), key=lambda code: (-int(counts[code]), names[code]))
    rank = np.full(len(names) + 1, np.nan)
    rank[order] = np.arange(len(names))
    return [names[code] for code in order], rank[codes]


def _named_position_json(
    place: parsers.NamedPosition | None, track: PageTrack
) -> dict[str, object] | None:
    """Return a named position for the viewer; ``None`` if it is not on Earth."""
    if place is None or not (abs(place.latitude_deg) <= 90 and abs(place.longitude_deg) <= 360):
        return None
    longitude = place.longitude_deg
    if track.bounds:
        longitude = longitude_unwrapped_near_another(longitude, track.bounds.west)
    return {
        "lat": round(place.latitude_deg, 7),
        "lon": round(longitude, 7),
        "accuracy": _rounded_or_none(place.accuracy_m, 1),
        "record": visible(place.record),
        "offset": place.source_offset,
    }


def _source_file_and_time_span_json(source: FlightSource) -> dict[str, object]:
    """Return a source file and the time that it covers; its times null if they are not known."""
    return {
        "name": visible(source.log.source.name),
        "start": unix_ms(source.start),
        "end": unix_ms(source.end),
        "media": source.is_media,
    }


def _media_capture_spans_as_json_lists(flight: Flight) -> list[list[Any]]:
    """Return ``start, end, kind, sensor`` of each capture that has a start."""
    spans = []
    for capture in rows_as_mappings(flight.captures):
        start, end = unix_ms(capture["start"]), unix_ms(capture["end"])
        if start is not None:
            spans.append([start, end, visible(capture["kind"]), visible(capture["sensor"])])
    return spans


def _timeline_row_as_json_list(row: TimelineRow, near: Set[str]) -> list[Any]:
    """Return a row in the order in which the viewer reads it."""
    place = [_rounded_or_none(row.latitude, 7), _rounded_or_none(row.longitude, 7)]
    return [
        row.start,
        row.end,
        row.group,
        visible(row.kind),
        visible(row.severity),
        visible(row.text),
        visible(row.grade),
        visible(row.record),
        row.offset,
        place if None not in place else None,
        row.outcome,
        row.source_index,
        # Whether it is about one of the zones.
        row.subject is not None and row.subject in near,
    ]


def _rounded_or_none(value: float | None, digits: int) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
