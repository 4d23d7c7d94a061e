"""Who was there: people and aircraft whose tracks the unit supplied, and aircraft received."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dji_audit.common.plain_english import duration_text, sentence_case
from dji_audit.compliance.declared_tracks import DeclaredTrackFlightComparison
from dji_audit.flights import Flight, NearbyAircraft
from dji_audit.geo.geodesy import longitude_unwrapped_near_another
from dji_audit.geo.national_grid import map_reference_text
from dji_audit.mapper.flight_page._static_html import utc_and_local_text
from dji_audit.mapper.html._escape import escape_html, small_print_html, table_html
from dji_audit.mapper.html._times import TimeZone, unix_ms

Floats = npt.NDArray[np.float64]
#: Whose a supplied track is -> the letter of its sign, and the dashes of its line, as on the map.
SUPPLIED_TRACK_SIGNS = {
    "pilot": ("P", "1 6"),
    "observer": ("O", "6 5"),
    "aircraft": ("D", "10 4 1 4"),
    "other-aircraft": ("A", "14 6"),
}
SUPPLIED_TRACK_COLOUR = "#5b2a6e"


def declared_track_lines_and_letters_svg(
    to_pixels: Callable[[Floats, Floats], tuple[Floats, Floats]],
    west_deg: float,
    tracks: Sequence[DeclaredTrackFlightComparison],
) -> Iterator[str]:
    """Yield the line of each supplied track, and its letter where its owner was at first.

    Args:
        to_pixels: Returns pixels of latitudes and longitudes.
        west_deg: Longitude of the western edge of the picture.
        tracks: The tracks.
    """
    for beside in tracks:
        if not beside.shown_positions:
            continue
        latitude, longitude = np.array(beside.shown_positions, np.float64).T
        near = np.array([longitude_unwrapped_near_another(each, west_deg) for each in longitude])
        x, y = to_pixels(latitude, near)
        letter, dashes = SUPPLIED_TRACK_SIGNS[beside.track.owner]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        yield (
            f'<polyline points="{points}" fill="none" stroke="{SUPPLIED_TRACK_COLOUR}" '
            f'stroke-width="3" stroke-linecap="round" stroke-dasharray="{dashes}"/>'
            f'<rect x="{x[0] - 8:.1f}" y="{y[0] - 8:.1f}" width="16" height="16" '
            f'fill="{SUPPLIED_TRACK_COLOUR}" stroke="#fff" stroke-width="2"/>'
            f'<text x="{x[0]:.1f}" y="{y[0] + 4.5:.1f}" font-size="12" font-weight="bold" '
            f'text-anchor="middle" fill="#fff">{letter}</text>'
        )


def user_supplied_track_legend_item_html(beside: DeclaredTrackFlightComparison) -> str:
    """Return the entry of a supplied track in the key of the still map; empty: it is not drawn."""
    if not beside.shown_positions:
        return ""
    letter, dashes = SUPPLIED_TRACK_SIGNS[beside.track.owner]
    return (
        '<li><svg viewBox="0 0 34 12" aria-hidden="true">'
        f'<path d="M1 6h32" stroke="{SUPPLIED_TRACK_COLOUR}" stroke-width="2.5" '
        f'stroke-dasharray="{dashes}" fill="none"/>'
        f'<rect x="11" y="0" width="12" height="12" fill="{SUPPLIED_TRACK_COLOUR}"/>'
        '<text x="17" y="9.5" font-size="10" font-weight="bold" text-anchor="middle" '
        f'fill="#fff">{letter}</text></svg>'
        f"Track of {escape_html(beside.track.owner_text)} "
        f"({escape_html(beside.track.source.name)})</li>"
    )


def nearby_aircraft_section_html(flight: Flight, local: TimeZone) -> str:
    """Return the aircraft near a flight, the nearest first; empty: none was received."""
    if not flight.nearby_aircraft:
        return ""
    rows = "".join(_aircraft_row_html(each, local) for each in flight.nearby_aircraft)
    return (
        f"<h2>Who else was there ({len(flight.nearby_aircraft)})</h2>"
        "<p>Other aircraft heard near this flight: by a receiver of Remote ID, or by this aircraft "
        "itself by ADS-B. No log of them is among the files given. Identities and positions are "
        '<b class="grade">reported</b>: what each broadcast of itself, which may be wrong or '
        "false. On the map they are dash-dotted lines with the letter H. That no other aircraft "
        "is listed does not mean that there was none.</p>"
        + table_html({"Nearest": "t", "Aircraft": "", "Operator": ""}, rows, 'id="nearby_aircraft"')
    )


def declared_tracks_section_html(tracks: Sequence[DeclaredTrackFlightComparison]) -> str:
    """Return what tracks that the unit supplied say of a flight; empty: it supplied none."""
    if not tracks:
        return ""
    rows = "".join(map(_user_supplied_track_row_html, tracks))
    return (
        f"<h2>Supplied tracks ({len(tracks)})</h2>"
        "<p>Whose each is, the unit declared: the files do not say. None of them is part of the "
        "path of the aircraft. The pilot's own track is where the distance of the aircraft is "
        "measured from, if it covers the time in the air.</p>"
        + table_html({"Whose": "", "What it says": ""}, rows, 'id="declared_tracks"')
    )


def _user_supplied_track_row_html(beside: DeclaredTrackFlightComparison) -> str:
    track = beside.track
    remarks = "".join(
        small_print_html(each)
        for each in (f"Error of its positions: {track.error_basis}.", *track.remarks)
    )
    return (
        f"<tr><td><b>{escape_html(sentence_case(track.owner_text))}</b>"
        f"{small_print_html(track.source.name)}</td>"
        f"<td>{escape_html(beside.text)}{remarks}"
        f"{small_print_html(f'SHA-256 {track.source.file_sha256}')}</td></tr>"
    )


def _aircraft_row_html(each: NearbyAircraft, local: TimeZone) -> str:
    at = unix_ms(each.nearest)
    own = utc_and_local_text(at, local) if at is not None else ""
    where = map_reference_text(each.latitude_deg, each.longitude_deg)
    height = "its height not stated"
    if each.height_m is not None:
        height = f"{each.height_m:.0f} m above its take-off"
    elif each.altitude_amsl_m is not None:
        height = f"{each.altitude_amsl_m:.0f} m above mean sea level"
    own_flight = f"flight {each.flight_id}, " if each.flight_id else "received by this flight: "
    stated = f" ({each.description})" if each.description else ""
    heard = duration_text((each.end - each.start).total_seconds())
    operator = "position not stated"
    if each.operator_position is not None:
        operator = f"at {map_reference_text(*each.operator_position)}"
    return (
        f'<tr data-at="{at}" title="{escape_html(own)}">'
        f'<td class="time">{each.nearest:%H:%M:%S} UTC'
        f"{small_print_html(f'{each.distance_m:,.0f} m away')}</td>"
        f"<td><b>{escape_html(each.identity)}</b>{escape_html(stated)}"
        f"{small_print_html(f'{each.means}, reported')}"
        f"{small_print_html(f'then at {where}, {height}')}"
        f"{small_print_html(f'received for {heard} from {each.start:%H:%M:%S} UTC')}"
        f"{small_print_html(own_flight + each.source_name)}"
        f"</td><td>{escape_html(operator)}</td></tr>"
    )
