"""The map of all flights: which tracks it draws, and what its script reads."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dji_audit.basemap.supplied_map import SuppliedMap, SuppliedMapClip, clip_best_supplied_map
from dji_audit.common.plain_english import pluralised_count
from dji_audit.mapper.basemap import (
    basemap_as_json_data,
    basemap_attribution,
    supplied_map_as_json_data,
    supplied_map_content_sentences,
)
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds
from dji_audit.mapper.index_page._map_track import (
    ANGLE_TOLERANCE_DEG,
    TRACK_TOLERANCE_M,
    FlightMapTrack,
)
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.rows import FlightRow

#: Tracks that one map draws; of further flights it shows where they began.
MAX_MAP_TRACKS = 1000

#: Latitude and longitude, WGS 84 degrees.
LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FlightsMap:
    """The map of all flights."""

    #: The box of all that it shows; ``None``: no flight has a position.
    bounds: Bounds | None
    #: Where each flight began, longitudes continuous; ``None``: not known.
    starts: tuple[LatLon | None, ...]
    #: Number of the flight, its track, and by how many turns that is moved: each, as inert JSON.
    tracks_json: str
    #: What is drawn and how true it is, as HTML.
    note: str
    #: What the unit's own map shows behind them; ``None``: there is none.
    unit_map: SuppliedMapClip | None = None
    #: Whether a redaction moved the flights: then nothing lies behind them.
    positions_moved: bool = False

    @property
    def attribution(self) -> str:
        """Whose data lie behind the tracks; empty: there is nothing."""
        if self.bounds is None or self.positions_moved:
            return ""
        return basemap_attribution(self.bounds)

    def basemap(self) -> dict[str, object] | None:
        """Return what lies behind the tracks, for the script; ``None``: there is nothing."""
        if self.bounds is None or self.positions_moved:
            return None
        unit = None if self.unit_map is None else supplied_map_as_json_data(self.unit_map, None)
        starts = [start for start in self.starts if start is not None]
        return basemap_as_json_data(self.bounds, starts) | {"unit": unit}


def build_flights_map(
    flights: Sequence[FlightRow],
    tracks: Mapping[str, FlightMapTrack],
    basemaps: Sequence[SuppliedMap] = (),
    *,
    positions_moved: bool = False,
) -> FlightsMap:
    """Return the map of some flights.

    Args:
        flights: The flights, in the order of the table.
        tracks: Id of a flight -> its track; those without one show where they began.
        basemaps: The unit's own maps.
        positions_moved: Whether a redaction moved the flights.
    """
    drawn = [(number, tracks[row.id]) for number, row in enumerate(flights) if row.id in tracks]
    stated = list(map(takeoff_or_home_position_of_flight, flights))
    west = _western_map_edge_deg(
        [start[1] for start in stated if start] + [it.bounds.west for _, it in drawn]
    )
    starts = tuple(
        start and (start[0], start[1] + 360 * _whole_turns_to_east_of(start[1], west))
        for start in stated
    )
    turns = [_whole_turns_to_east_of(track.bounds.west, west) for _, track in drawn]
    boxes = [
        track.bounds._replace(
            west=track.bounds.west + 360 * turn, east=track.bounds.east + 360 * turn
        )
        for (_, track), turn in zip(drawn, turns, strict=True)
    ]
    boxes += [
        Bounds(start[0], start[1], start[0], start[1])
        for start, row in zip(starts, flights, strict=True)
        if start is not None and row.id not in tracks
    ]
    parts = ",".join(
        f"[{number},{track.json},{turn}]"
        for (number, track), turn in zip(drawn, turns, strict=True)
    )
    bounds = _box_around_boxes(boxes)
    clip = clip_best_supplied_map(basemaps, bounds) if bounds and not positions_moved else None
    note = _flights_map_note_html(flights, drawn, starts, boxes)
    if bounds and not positions_moved:
        note += " " + escape_html(basemap_attribution(bounds))
    if positions_moved and bounds:
        note += " The flights were moved: the map shows their shapes, and not where they were."
    if clip is not None:
        note += " " + escape_html(supplied_map_content_sentences(clip))
    return FlightsMap(bounds, starts, f"[{parts}]", note, clip, positions_moved)


def _western_map_edge_deg(longitudes: Sequence[float]) -> float:
    """Return the longitude from which eastwards a map shows all flights side by side.

    It is the date line, unless all lie within the half of the world that holds it.
    """
    around = sorted({longitude % 360 for longitude in longitudes})
    gaps = [east - west for west, east in pairwise([*around, *(it + 360 for it in around[:1])])]
    if max(gaps, default=0.0) < 180:
        return -180.0
    edge = around[(gaps.index(max(gaps)) + 1) % len(around)]
    return (edge + 180) % 360 - 180


def _whole_turns_to_east_of(longitude: float, west: float) -> int:
    """Return by how many whole turns a longitude is moved to lie east of an edge."""
    return -math.floor((longitude - west) / 360 + 1e-9)


def takeoff_or_home_position_of_flight(row: FlightRow) -> LatLon | None:
    """Return where a flight took off, else its home point; ``None``: neither is known."""
    for latitude, longitude in (
        (row.start_latitude_deg, row.start_longitude_deg),
        (row.home_latitude_deg, row.home_longitude_deg),
    ):
        if latitude is not None and longitude is not None:
            is_on_earth = abs(latitude) <= 85 and abs(longitude) <= 360
            if math.isfinite(latitude + longitude) and is_on_earth:
                return latitude, longitude
    return None


def ids_of_most_urgent_flights(
    urgency: Sequence[tuple[FlightVerdict, str]], most: int = MAX_MAP_TRACKS
) -> frozenset[str]:
    """Return the ids of the flights whose tracks are kept where there are too many for one map.

    Args:
        urgency: Verdict and id of each flight that has a track, in the order of the flights.
        most: How many tracks a map draws.
    """
    order = list(FlightVerdict)
    ranked = sorted(
        enumerate(urgency), key=lambda numbered: (order.index(numbered[1][0]), numbered[0])
    )
    return frozenset(flight for _, (_, flight) in ranked[:most])


def _box_around_boxes(boxes: Sequence[Bounds]) -> Bounds | None:
    if not boxes:
        return None
    edges = zip(*boxes, strict=True)
    south, west, north, east = (
        pick(edge) for pick, edge in zip((min, min, max, max), edges, strict=True)
    )
    return Bounds(max(south, -85.0), west, min(north, 85.0), east)


def _flights_map_note_html(
    flights: Sequence[FlightRow],
    drawn: Sequence[tuple[int, FlightMapTrack]],
    starts: Sequence[LatLon | None],
    boxes: Sequence[Bounds],
) -> str:
    """Return what the map draws, how true that is, and what it leaves out, as HTML."""
    if not boxes:
        return ""
    kept, fixes = (sum(getattr(track, name) for _, track in drawn) for name in ("kept", "fixes"))
    words = [
        f"{pluralised_count(len(drawn), 'track')} drawn, simplified to within "
        f"{TRACK_TOLERANCE_M:g} m at every instant (time-ratio method TD-TR: {kept:,} of {fixes:,} "
        "fixes). The pages of the flights show every fix."
    ]
    dots = sum(start is not None for start in starts) - sum(
        starts[number] is not None for number, _ in drawn
    )
    if dots > 0:
        is_full = len(drawn) >= MAX_MAP_TRACKS
        why = f": a map draws the {MAX_MAP_TRACKS:,} most urgent tracks" if is_full else ""
        words.append(f"Of {pluralised_count(dots, 'more flight')} only the start is shown{why}.")
    nowhere = len(flights) - len(drawn) - max(dots, 0)
    if nowhere > 0:
        words.append(
            f"{pluralised_count(nowhere, 'flight')} without a position: in the table only."
        )
    return escape_html(" ".join(words))


def place_in_view_method_words() -> str:
    """Return how the page finds when a place was in view, as text."""
    return (
        "An estimate from logged angles and positions, once a second, with the camera's direction "
        f"simplified to within {ANGLE_TOLERANCE_DEG:g}° and flat ground at the height of the "
        "take-off. The page of a flight answers from every fix and, where one was given, from the "
        "elevation model. Only the pictures show what can be recognised."
    )
