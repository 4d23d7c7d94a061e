"""Routes that were planned for aircraft of DJI (WPML): what they say, and that nobody flew them.

Facts: DJI's documentation of WPML (developer.dji.com, Cloud API, "template.kml" and
"waylines.wpml"): KML with elements of the namespace ``http://www.dji.com/wpmz/``;
``wpml:author``, ``wpml:createTime`` (ms since 1970), ``wpml:droneEnumValue`` and a placemark with
``wpml:index`` for each waypoint.  DJI Pilot 2, DJI Fly and FlightHub 2 keep both files in a KMZ.
"""

import datetime as dt
import re

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.file_kinds import _kind_of_unparsed_file as kinds

_NAMESPACE = re.compile(r"=\s{0,9}[\"']http://www\.(?:dji|uav)\.com/wpmz/")
_AUTHOR = re.compile(r"<wpml:author>([^<]{1,80})<")
_CREATED = re.compile(r"<wpml:createTime>(\d{12,14})<")
_DRONE = re.compile(r"<wpml:droneEnumValue>(\d{1,4})<")
_WAYPOINT = re.compile(r"<wpml:index>\d{1,6}<")
#: ``wpml:droneEnumValue`` -> model, as DJI's table of products lists them.
_DRONES = {
    60: "Matrice 300 RTK", 67: "Matrice 30 series", 77: "Mavic 3 Enterprise series",
    89: "Matrice 350 RTK", 91: "Matrice 3D series", 99: "Matrice 4 Enterprise series",
    100: "Matrice 4D series", 103: "Matrice 400",
}  # fmt: skip


def recognise_wpml_route(text: str) -> kinds.FileKind | None:
    """Return what a document of WPML plans; ``None``: it is none."""
    if not _NAMESPACE.search(text):
        return None
    return kinds.FileKind(
        "planned route of DJI (WPML)",
        kinds.FileKindRelevance.NO_EVIDENCE,
        f"it plans {_describe_planned_route(text)}; it does not show that anybody flew it",
        "open it with DJI Pilot 2 or FlightHub 2 to see the route",
    )


def _describe_planned_route(text: str) -> str:
    waypoints = len(_WAYPOINT.findall(text))
    parts = [f"a route of at least {pluralised_count(waypoints, 'waypoint')}" if waypoints else
             "a route"]  # fmt: skip
    if drone := _DRONE.search(text):
        parts.append(f"for {_DRONES.get(int(drone[1]), f'aircraft of type {drone[1]}')}")
    if author := _AUTHOR.search(text):
        parts.append(f"by {truncated_visible_text(author[1].strip())}")
    if created := _CREATED.search(text):
        instant = dt.datetime.fromtimestamp(int(created[1]) / 1000, dt.UTC)
        parts.append(f"made {instant:%Y-%m-%d %H:%M} UTC")
    return ", ".join(parts)
