"""Where the camera looked, for a page: the numbers of it, and the answer for a place."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from dji_audit.mapper.flight_page._delta_encoding import encode
from dji_audit.mapper.html._escape import escaped, shown
from dji_audit.mapper.html._times import Zone, clock, lasting
from dji_audit.view import (
    ANGLE_UNITS,
    CERTAINTIES,
    FARTHEST_M,
    HALF_UNITS,
    JOIN_MS,
    LONGEST_HOLD_MS,
    LOWEST_M,
    SHALLOW_DEG,
    SIGHT_STEPS,
    STEEP_DEG,
    Ground,
    Look,
    Sighting,
    in_view,
)

Place = tuple[float, float]

_SENSORS = {
    "visible": "visible light",
    "thermal": "thermal",
    "multispectral": "multispectral",
    "unknown": "sensor not stated",
}
_RECORDED = {"video": "Video", "photo": "Photo", None: "No recording shown"}


def look_columns(look: Look) -> dict[str, Any]:
    """Return the columns of the camera, one value a fix, as the viewer reads them."""
    return {
        "gimbal_yaw": encode(look.yaw_deg, ANGLE_UNITS),
        "gimbal_pitch": encode(look.pitch_deg, ANGLE_UNITS),
        "gimbal_roll": encode(look.logged_roll_deg, ANGLE_UNITS),
        "half_across": encode(look.half[0], HALF_UNITS),
        "half_up": encode(look.half[1], HALF_UNITS),
    }


def look_data(look: Look) -> dict[str, Any]:
    """Return what else the viewer needs to say what was in view."""
    return {
        "why_not": look.why_not,
        "sensor": shown(look.sensor),
        "recordings": [
            [r.start_ms, r.end_ms, r.kind, shown(r.sensor), r.half, r.ground_ato_m, r.zoom]
            for r in look.recordings
        ],
        "errors": asdict(look.errors),
        "ground": None if look.ground is None else _ground(look.ground),
        "lowest_m": LOWEST_M,
        "farthest_m": FARTHEST_M,
        "shallow_deg": SHALLOW_DEG,
        "steep_deg": STEEP_DEG,
        "hold_ms": LONGEST_HOLD_MS,
        "join_ms": JOIN_MS,
        "sight_steps": SIGHT_STEPS,
    }


def _ground(ground: Ground) -> dict[str, Any]:
    rows, columns = ground.height_ato_m.shape
    return {
        "south": ground.south_deg,
        "west": ground.west_deg,
        "up": ground.latitude_step_deg,
        "across": ground.longitude_step_deg,
        "rows": rows,
        "columns": columns,
        "heights": encode(ground.height_ato_m.ravel(), 10),
    }


def view_slots(look: Look, place: Place | None, local: Zone) -> dict[str, str]:
    """Return the parts of the page about what was in view, for where scripts do not run."""
    why = look.why_not
    rows, answer = "", ""
    if place is not None and not why:
        found = in_view(look, *place)
        rows = "".join(_row(one, local) for one in found)
        times = f"{len(found)} time{'s' * (len(found) != 1)}" if found else "never"
        answer = (
            f"<p><b>{place[0]:.6f}, {place[1]:.6f}: in the picture or its direction "
            f"{times}.</b></p>"
        )
    if place is None and not why:
        answer = "<p>No place was asked for when this page was made.</p>"
    return {
        "view_why": escaped(why),
        "view_answer": answer,
        "view_rows": rows,
        "view_empty": "" if rows else " hidden",
        "view_method": "" if why else _method(look),
    }


def _row(one: Sighting, local: Zone) -> str:
    lasted = one.end_ms - one.start_ms
    length = f'<span class="sub">for {lasting(lasted / 1000)}</span>' if lasted else ""
    there = f'<span class="sub">{escaped(local.local(one.start_ms))}</span>'
    sensor = _SENSORS.get(one.sensor, one.sensor)
    error = "no place" if one.error_m is None else f"± {one.error_m:.0f} m"
    return (
        f'<tr class="{one.certainty}"><td class="time">{clock(one.start_ms)}{there}{length}</td>'
        f"<td>{_RECORDED[one.recorded]}, {escaped(sensor)}"
        f'<span class="sub">{CERTAINTIES[one.certainty]}</span></td>'
        f'<td class="source">{error}<span class="sub">{one.range_m:.0f} m away, '
        f"{one.depression_deg:.0f}° below the horizon</span></td></tr>"
    )


def _method(look: Look) -> str:
    return "".join(f'<p class="note">{escaped(note)}</p>' for note in view_notes(look))


def view_notes(look: Look) -> Iterable[str]:
    """Yield what a reader must know of how the view was worked out."""
    errors = look.errors
    yield (
        "An estimate from logged angles: what stands in between, and whether a thing could be "
        "made out, only the pictures show. That a place was in the picture does not show that "
        "anybody looked at it."
    )
    yield f"Field of view: {look.lens or 'of each recording, by its own file'}."
    ground = errors.plane_m if look.ground is None else errors.model_m
    flat = " (flat and level: hills and valleys shift the picture)" if look.ground is None else ""
    yield (
        f"Ground: {look.ground_words}{flat}. Errors are 95 %, from one standard deviation of "
        f"{errors.yaw_deg:g}° of yaw, {errors.pitch_deg:g}° of pitch and roll, {errors.height_m:g} "
        f"m of height, {ground:g} m of the ground, {errors.position_m:g} m of position and "
        f"{errors.time_s:g} s between them."
    )
    yield (
        f"A look flatter than {SHALLOW_DEG:.0f}° below the horizon gives only a direction. Breaks "
        f"of less than {JOIN_MS / 1000:.0f} s are joined."
    )
    if not np.isfinite(look.logged_roll_deg).any():
        yield "The log gives no roll of the camera: it is taken to be level."
