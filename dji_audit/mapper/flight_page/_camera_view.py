"""The camera view for a page: its numbers, and the sightings of a position."""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np

from dji_audit.camera_view import (
    ANGLE_UNITS,
    CERTAINTIES,
    HALF_UNITS,
    HEIGHT_UNITS,
    JOIN_GAP_MS,
    LINE_OF_SIGHT_STEPS,
    MAX_HOLD_MS,
    MAX_RANGE_M,
    MIN_HEIGHT_M,
    SOLID_DEPRESSION_DEG,
    CameraPoses,
    GroundHeightGrid,
    PointSighting,
    sightings_of_point,
)
from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._times import TimeZone, time_of_day_text
from dji_audit.report.sensor_words import SENSOR_WORDS

LatLon = tuple[float, float]

_RECORDED = {"video": "Video", "photo": "Photo", None: "No recording shown"}


def camera_pose_columns(look: CameraPoses) -> dict[str, EncodedColumn | None]:
    """Return the columns of the camera, one value a fix, as the viewer reads them."""
    over_picture = look.height_ato_m if look.is_height_over_picture else None
    return {
        "height_over_picture": over_picture
        if over_picture is None
        else encode_column(over_picture, HEIGHT_UNITS),
        "gimbal_yaw": encode_column(look.yaw_deg, ANGLE_UNITS),
        "gimbal_pitch": encode_column(look.pitch_deg, ANGLE_UNITS),
        "gimbal_roll": encode_column(look.logged_roll_deg, ANGLE_UNITS),
        "half_across": encode_column(look.half_fov[0], HALF_UNITS),
        "half_up": encode_column(look.half_fov[1], HALF_UNITS),
    }


def camera_view_as_json_data(look: CameraPoses) -> dict[str, object]:
    """Return what else the viewer needs to say what was in view."""
    return {
        "why_not": look.unknown_view_reason,
        "sensor": truncated_visible_text(look.sensor),
        "captures": [
            [
                r.start_ms,
                r.end_ms,
                r.kind,
                truncated_visible_text(r.sensor),
                r.half_fov,
                r.ground_ato_m,
                r.zoom_steps,
            ]
            for r in look.captures
        ],
        "errors": asdict(look.errors),
        "ground": None if look.ground is None else _ground_height_grid_as_json_data(look.ground),
        "lowest_m": MIN_HEIGHT_M,
        "farthest_m": MAX_RANGE_M,
        "shallow_deg": look.min_depression_deg,
        "source": truncated_visible_text(look.fov_source),
        "from_corners": look.is_from_stated_corners,
        "steep_deg": SOLID_DEPRESSION_DEG,
        "hold_ms": MAX_HOLD_MS,
        "join_ms": JOIN_GAP_MS,
        "sight_steps": LINE_OF_SIGHT_STEPS,
    }


def _ground_height_grid_as_json_data(ground: GroundHeightGrid) -> dict[str, object]:
    rows, columns = ground.height_ato_m.shape
    return {
        "south": ground.south_deg,
        "west": ground.west_deg,
        "up": ground.latitude_step_deg,
        "across": ground.longitude_step_deg,
        "rows": rows,
        "columns": columns,
        "heights": encode_column(ground.height_ato_m.ravel(), 10),
    }


def camera_view_sections_by_slot(
    look: CameraPoses, place: LatLon | None, local: TimeZone
) -> dict[str, str]:
    """Return the parts of the page about what was in view, for where scripts do not run."""
    why = look.unknown_view_reason
    rows, answer = "", ""
    if place is not None and not why:
        sightings = sightings_of_point(look, *place)
        rows = "".join(_sighting_row_html(one, local) for one in sightings)
        times = pluralised_count(len(sightings), "time") if sightings else "never"
        answer = (
            f"<p><b>{place[0]:.6f}, {place[1]:.6f}: in the picture or its direction "
            f"{times}.</b></p>"
        )
    if place is None and not why:
        answer = "<p>No position was named when this page was made.</p>"
    return {
        "view_why": escape_html(why),
        "view_answer": answer,
        "view_rows": rows,
        "view_empty": "" if rows else " hidden",
        "view_method": "" if why else _camera_view_notes_html(look),
    }


def _sighting_row_html(one: PointSighting, local: TimeZone) -> str:
    lasted = one.end_ms - one.start_ms
    length = f'<span class="sub">for {duration_text(lasted / 1000)}</span>' if lasted else ""
    there = f'<span class="sub">{escape_html(local.local_time_text(one.start_ms))}</span>'
    sensor = SENSOR_WORDS.get(one.sensor, one.sensor)
    error = "no position" if one.error_m is None else f"± {one.error_m:.0f} m"
    return (
        f'<tr class="{one.certainty}">'
        f'<td class="time">{time_of_day_text(one.start_ms)}{there}{length}</td>'
        f"<td>{_RECORDED[one.recorded]}, {escape_html(sensor)}"
        f'<span class="sub">{CERTAINTIES[one.certainty]}</span></td>'
        f'<td class="source">{error}<span class="sub">{one.range_m:.0f} m away, '
        f"{one.depression_deg:.0f}° below the horizon</span></td></tr>"
    )


def _camera_view_notes_html(look: CameraPoses) -> str:
    return "".join(f'<p class="note">{escape_html(note)}</p>' for note in camera_view_notes(look))


def camera_view_notes(look: CameraPoses) -> Iterable[str]:
    """Yield what a reader must know of how the view was worked out."""
    errors = look.errors
    basis = "stated corners" if look.is_from_stated_corners else "logged angles"
    yield (
        f"An estimate from {basis}. Only the pictures show what stands in between and what can be "
        "recognised. That a position was in the picture does not show that anybody looked at it."
    )
    what = "Direction and field of view" if look.is_from_stated_corners else "Field of view"
    yield f"{what}: {look.fov_source or 'of each recording, by its own file'}."
    ground = errors.plane_m if look.ground is None else errors.model_m
    flat = " (flat and level: hills and valleys shift the picture)" if look.ground is None else ""
    yield (
        f"Ground: {look.ground_height_source_text}{flat}. Errors are 95 %, from one "
        f"standard deviation of {errors.yaw_deg:g}° of yaw, {errors.pitch_deg:g}° of pitch and "
        f"roll, {errors.height_m:g} m of height, {ground:g} m of the ground, "
        f"{errors.position_m:g} m of position and {errors.time_s:g} s between them."
    )
    yield (
        f"A camera less than {look.min_depression_deg:.0f}° below the horizon gives only a "
        f"direction. Breaks of less than {JOIN_GAP_MS / 1000:.0f} s are joined."
    )
    if not np.isfinite(look.logged_roll_deg).any():
        yield "The log gives no roll of the camera: it is taken to be level."
