"""One flight to one sealed page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

import numpy as np

from dji_audit import zones as areas
from dji_audit.compliance.audit import FlightAudit, Yardstick
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._camera import Place, view_slots
from dji_audit.mapper.flight_page._file import made, method, yardstick_facts
from dji_audit.mapper.flight_page._html_tables import (
    banner,
    captures,
    events,
    facts,
    findings,
    rules,
    verdict,
    when,
)
from dji_audit.mapper.flight_page._json import page_data
from dji_audit.mapper.flight_page._model import Review, review
from dji_audit.mapper.flight_page._network import network_section
from dji_audit.mapper.flight_page._sources import (
    aircraft_facts,
    disagreements,
    source_details,
    sources,
)
from dji_audit.mapper.flight_page._svg_map import picture
from dji_audit.mapper.flight_page._track import Path
from dji_audit.mapper.flight_page._zones import zone_section
from dji_audit.mapper.html._assets import asset, fill, leaflet_script, leaflet_style, viewer
from dji_audit.mapper.html._csp import seal
from dji_audit.mapper.html._escape import escaped, json_block
from dji_audit.mapper.html._folium import Bounds, Container, container
from dji_audit.mapper.html._times import Zone, lasting, milliseconds
from dji_audit.view import Look


def draw(
    audit: FlightAudit,
    *,
    yardstick: Yardstick,
    generated: datetime | None,
    local_zone: str = "Europe/London",
    index: str | None = None,
    found: Look | None = None,
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
        found: Where its camera looked; without, as the flight alone tells.
        place: Latitude and longitude of a place to say of when it was in view.
        zones: What the flight was compared with; those near it are drawn.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.SealError: If the page would load something.
    """
    shown = review(audit, local_zone=local_zone, found=found, place=place, zones=zones)
    bounds = shown.course.bounds
    drawing = container(_around(bounds)) if bounds else None
    data = page_data(shown)
    slots = {
        "back": _back(index),
        "facts": _headline(shown.flight, shown.local, yardstick, generated),
        "map": drawing.element if drawing else _no_map(shown.flight, shown.course),
        "still_key": asset("still_key.html") if bounds else "",
        "method": method(shown.course, shown.local.name, grid=data["grid"] is not None),
        "yardstick": yardstick_facts(yardstick, generated),
        **_tables(shown),
        **_sources(shown),
        **view_slots(shown.look, place, shown.local),
    }
    # Everything below is put together after folium has rendered.
    block = f'<script type="application/json" id="flight">{json_block(data)}</script>\n'
    body = fill(asset("page.html"), slots) + block + _scripts(drawing)
    head = f"<title>{escaped(shown.flight.log.source.name)} - flight review</title>\n"
    styles = [leaflet_style()] if drawing else []
    styles += [asset("page.css"), asset("map.css"), asset("print.css")]
    head += "".join(f"<style>{style}</style>\n" for style in styles)
    return seal(head, body + "</body>\n")


def _tables(shown: Review) -> dict[str, str]:
    """Return the parts that tell what happened, was found, was recorded and was met."""
    audit, local, files = shown.audit, shown.local, shown.files
    network, hosts = network_section(audit.network, shown.flight, local)
    return {
        "verdict": verdict(audit),
        "picture": _picture(shown),
        "events": events(shown.happened, local, files),
        "zone": escaped(local.name),
        "findings": findings(audit, local),
        "finding_count": str(len(audit.findings)),
        "rules": rules(audit),
        "captures": captures(shown.happened, local, files),
        "capture_count": str(len(shown.flight.captures)),
        "capture_note": _capture_note(shown.flight, unread=shown.unread),
        "zones": zone_section(shown.zones),
        "zone_count": str(len(shown.zones.drawn)),
        "network": network,
        "host_count": str(hosts),
    }


def _sources(shown: Review) -> dict[str, str]:
    """Return the parts that tell who tells the flight, and how it was read."""
    flight, reads, local = shown.flight, shown.reads, shown.local
    return {
        "name": escaped(flight.log.source.name),
        "banner": banner(_warnings(shown)),
        "sources": sources(flight, reads, local),
        "source_details": source_details(flight, reads, local),
        "source_count": str(len(flight.tellings)),
        "disagreements": disagreements(flight, local),
        "aircraft": aircraft_facts(flight.logs),
    }


def _scripts(drawing: Container | None) -> str:
    parts = [leaflet_script(), viewer(), drawing.script] if drawing else [viewer(), "review(null);"]
    return "".join(f"<script>{part}</script>\n" for part in parts)


def _headline(flight: Flight, local: Zone, yardstick: Yardstick, generated: datetime | None) -> str:
    aircraft = flight.aircraft
    names = " ".join(filter(None, [aircraft.maker, aircraft.model]))
    if aircraft.name:
        names += f" “{aircraft.name}”"
    takeoff = when(milliseconds(flight.takeoff), local, date=True)
    if flight.takeoff is None:
        stated = flight.stated
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
            ("Farthest", "not known" if far is None else f"{far:,.1f} m from home"),
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


def _warnings(shown: Review) -> Iterable[str]:
    for read in shown.reads:
        yield from read.warnings
    if (shown.flight.events["kind"] == "simulator").any():
        yield "The log says that an aircraft was simulated: see the events of kind simulator."
    if shown.course.axis == "fix":
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


def _around(bounds: Bounds) -> Bounds:
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


def _picture(shown: Review) -> str:
    rows, home = shown.flight.captures, shown.flight.home
    photos = map(milliseconds, rows[rows["kind"] == "photo"]["start"])
    instants = [ms for ms in photos if ms is not None]
    place = (home.latitude_deg, home.longitude_deg) if home else (np.nan, np.nan)
    return picture(shown.course, shown.happened, instants, place, shown.zones.drawn)


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
