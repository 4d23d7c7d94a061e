"""One flight to one sealed page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

import numpy as np

from dji_audit.compliance import zones as areas
from dji_audit.compliance.audit import FlightAudit, Yardstick
from dji_audit.compliance.findings import CLAIMS
from dji_audit.flights import Flight
from dji_audit.mapper._assets import asset, fill, leaflet_script, leaflet_style, viewer
from dji_audit.mapper._coverage import Reading, readings
from dji_audit.mapper._data import page_data
from dji_audit.mapper._file import made, method, yardstick_facts
from dji_audit.mapper._folium import Bounds, Container, container
from dji_audit.mapper._network import network_section
from dji_audit.mapper._path import Path, path
from dji_audit.mapper._picture import picture
from dji_audit.mapper._rows import Row, logs_of, rows
from dji_audit.mapper._seal import seal
from dji_audit.mapper._sources import aircraft_facts, disagreements, source_details, sources
from dji_audit.mapper._static import banner, captures, events, facts, findings, rules, verdict, when
from dji_audit.mapper._text import escaped, json_block
from dji_audit.mapper._times import Zone, lasting, milliseconds, zone
from dji_audit.mapper._view import Place, view_slots
from dji_audit.mapper._zones import Zones, zone_section, zones_near
from dji_audit.view import Elevation, look

# What happened this long before the first fix or after the last still stands
# on the axis; a row that is further away would press the flight into a corner.
_REACH_MS = 600_000


def draw(
    audit: FlightAudit,
    *,
    yardstick: Yardstick,
    generated: datetime | None,
    local_zone: str = "Europe/London",
    index: str | None = None,
    elevation: Elevation | None = None,
    place: Place | None = None,
    zones: Sequence[areas.Zone] = (),
) -> str:
    """Return one flight as a self-contained HTML page.

    The page loads nothing and makes no request.  The same arguments give the
    same text in every process.  Where the log gives no position the page says
    so and shows everything else.

    Args:
        audit: The flight and what came of every rule.
        yardstick: What it was measured against.
        generated: When the page is made, aware; ``None``: not said.
        local_zone: The IANA time zone shown beside UTC.
        index: The relative address of the index page, to link back to.
        elevation: Heights of the ground, for what the camera saw.
        place: Latitude and longitude of a place to say of when it was in view.
        zones: What the flight was compared with; those near it are drawn.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper._seal.SealError: If the page would load something.
    """
    flight = audit.flight
    course, happened = path(flight), rows(audit)
    span = _axis(course, happened)
    local = zone(local_zone, *_instants(flight, happened))
    reads = readings(flight.logs)
    unread = any(read.warnings for read in reads)
    looked = look(flight, elevation)
    files = [log.source.name for log in logs_of(audit)]
    network, hosts = network_section(audit.network, flight, local)
    bounds = course.bounds
    near = zones_near(zones, bounds, happened)
    drawing = container(_around(bounds, flight)) if bounds else None
    data = json_block(
        page_data(
            flight,
            course,
            happened,
            local,
            axis=span,
            unread=unread,
            look=looked,
            place=place,
            files=files,
            network=audit.network,
            zones=near,
        )
    )
    slots = {
        "name": escaped(flight.log.source.name),
        "verdict": verdict(audit),
        "back": _back(index),
        "facts": _headline(flight, local, yardstick, generated),
        "banner": banner(_warnings(audit, course, reads)),
        "map": drawing.element if drawing else _no_map(flight, course),
        "picture": _picture(flight, course, happened, near),
        "still_key": asset("still_key.html") if bounds else "",
        "finding_count": str(len(audit.findings)),
        "capture_count": str(len(flight.captures)),
        "events": events(happened, local, files),
        "zone": escaped(local.name),
        "findings": findings(audit, local),
        "rules": rules(audit),
        "capture_note": _capture_note(flight, unread=unread),
        "captures": captures(happened, local, files),
        "network": network,
        "zones": zone_section(near),
        "zone_count": str(len(near.drawn)),
        "host_count": str(hosts),
        "sources": sources(flight, reads, local),
        "source_details": source_details(flight, reads, local),
        "source_count": str(len(flight.tellings)),
        "disagreements": disagreements(flight, local),
        "aircraft": aircraft_facts(flight.logs),
        "method": method(course, local.name, grid='"grid":{' in data),
        "yardstick": yardstick_facts(yardstick, generated),
        **view_slots(looked, place, local),
    }
    # Everything below is put together after folium has rendered.
    body = fill(asset("page.html"), slots)
    body += f'<script type="application/json" id="flight">{data}</script>\n{_scripts(drawing)}'
    head = f"<title>{escaped(flight.log.source.name)} - flight review</title>\n"
    styles = [leaflet_style()] if drawing else []
    styles += [asset("page.css"), asset("map.css"), asset("print.css")]
    head += "".join(f"<style>{style}</style>\n" for style in styles)
    return seal(head, body + "</body>\n")


def _scripts(drawing: Container | None) -> str:
    parts = [leaflet_script(), viewer(), drawing.script] if drawing else [viewer(), "review(null);"]
    return "".join(f"<script>{part}</script>\n" for part in parts)


def _headline(flight: Flight, local: Zone, yardstick: Yardstick, generated: datetime | None) -> str:
    aircraft = flight.log.aircraft
    names = " ".join(filter(None, [aircraft.maker, aircraft.model]))
    if aircraft.name:
        names += f" “{aircraft.name}”"
    takeoff = when(milliseconds(flight.takeoff), local, date=True)
    if flight.takeoff is None:
        stated = flight.log.stated
        start = milliseconds(flight.start or (stated.start if stated else None))
        takeoff = "not shown by the log"
        takeoff += "" if start is None else f"; log begins {when(start, local, date=True)}"
    height = flight.max_height_ato_m
    far = flight.max_home_distance_m
    return facts(
        [
            ("Aircraft", names.strip() or "not named"),
            ("Serial", aircraft.serial or "not given"),
            ("Take-off", takeoff),
            ("Lasted", lasting(flight.duration_s)),
            ("Highest", "not known" if height is None else f"{height:.1f} m above take-off"),
            ("Farthest", "not known" if far is None else f"{far:,.0f} m from home"),
            ("Told by", _told_by(flight)),
            ("Log SHA-256", flight.log.source.sha256),
            ("Tool", f"dji-audit {yardstick.tool_version}"),
            ("Policy", f"{yardstick.policy_name} {yardstick.policy_version}"),
            ("Made", "" if generated is None else made(generated)),
        ]
    )


def _told_by(flight: Flight) -> str:
    """Return how many files tell the flight; nothing for one, which is in the title."""
    count, apart = len(flight.tellings), len(flight.disagreements)
    if count == 1:
        return ""
    words = f"{count} files"
    return f"{words}, which disagree {_times(apart)}" if apart else f"{words}, which agree"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _warnings(audit: FlightAudit, course: Path, reads: Sequence[Reading]) -> Iterable[str]:
    for read in reads:
        yield from read.warnings
    if (audit.flight.events["kind"] == "simulator").any():
        yield "The log says that an aircraft was simulated: see the events of kind simulator."
    if course.axis == "fix":
        yield "This log gives its fixes no times."


def _no_map(flight: Flight, course: Path) -> str:
    """Return why there is no map."""
    if flight.log.encrypted:
        why = "The log is encrypted and no key was given, so that its positions cannot be read."
    elif len(course.ms) or len(flight.track):
        why = f"None of the {len(flight.track):,} rows of the track has a usable position."
    else:
        why = "The log holds no track."
    return (
        f'<div id="no_map"><p><b>There is no path to draw.</b></p><p>{escaped(why)}</p>'
        "<p>Everything else that the log says is shown beside and below.</p></div>"
    )


def _around(bounds: Bounds, flight: Flight) -> Bounds:
    """Return the box to show first: a single fix is given some ground round it."""
    least = 0.0003
    high = max(0.0, least - (bounds.north - bounds.south)) / 2
    wide = max(0.0, least - (bounds.east - bounds.west)) / 2
    return Bounds(
        max(bounds.south - high, -85),
        bounds.west - wide,
        min(bounds.north + high, 85),
        bounds.east + wide,
    )


def _picture(flight: Flight, course: Path, happened: list[Row], near: Zones) -> str:
    photos = flight.captures[flight.captures["kind"] == "photo"]["start"]
    instants = [ms for ms in map(milliseconds, photos) if ms is not None]
    home = flight.home
    place = (home.latitude_deg, home.longitude_deg) if home else (np.nan, np.nan)
    return picture(course, happened, instants, place, near.drawn)


def _capture_note(flight: Flight, *, unread: bool) -> str:
    if all("captures" in log.cannot_tell for log in flight.logs):
        return "<p><b>Whether anything was recorded this kind of log does not tell.</b></p>"
    if not len(flight.captures) and unread:
        return (
            "<p><b>Whether anything was recorded is not known:</b> a part of the log was not "
            "read, and what was read shows no recording.</p>"
        )
    if not len(flight.captures):
        return "<p>The log shows no recording. That the camera was off is not thereby shown.</p>"
    video = flight.captures[flight.captures["kind"] == "video"]
    if len(video) and (video["sensor"] == "unknown").any():
        return (
            "<p>Where the sensor is not stated, the log does not tell visible light from "
            "thermal.</p>"
        )
    return ""


def _back(index: str | None) -> str:
    if index is None:
        return ""
    return f'<a class="back" href="{quote(index)}">All flights</a>'


def _axis(course: Path, happened: list[Row]) -> tuple[int, int] | None:
    """Return first and last instant of the page's axis; ``None`` without any time."""
    inside = [row.start for row in happened if row.start is not None]
    inside += [row.end for row in happened if row.end is not None]
    if len(course.ms) >= 2:
        # Contacts before and after the flight are told beside the lane.
        here = [row for row in happened if row.group != "network" and row.grade not in CLAIMS]
        inside = [ms for row in here for ms in (row.start, row.end) if ms is not None]
        first, last = int(course.ms[0]), int(course.ms[-1])
        if course.axis == "fix":
            return first, last
        inside = [ms for ms in inside if first - _REACH_MS <= ms <= last + _REACH_MS]
        return min([first, *inside]), max([last, *inside])
    inside += course.ms.tolist()
    return (min(inside), max(inside)) if inside else None


def _instants(flight: Flight, happened: list[Row]) -> tuple[int, int]:
    """Return the first and last instant that the page shows in local time."""
    found = [row.start for row in happened if row.start is not None]
    found += [row.end for row in happened if row.end is not None]
    found += (
        [int(time.value // 10**6) for time in flight.track["time"].dropna().iloc[[0, -1]]]
        if (flight.track["time"].notna().any())
        else []
    )
    stated = flight.log.stated.start if flight.log.stated else None
    marks = (flight.start, flight.end, flight.takeoff, flight.landing, stated)
    found += [ms for ms in map(milliseconds, marks) if ms is not None]
    return (min(found), max(found)) if found else (0, 0)
