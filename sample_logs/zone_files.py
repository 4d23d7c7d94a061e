"""Zone files around the flight, one of each format; every zone in them is made up.

``dartmoor.geojson`` is the one the demo uses: two zones that the flight enters, and one whose
upper limit counts from the ground, which no log here measures.  The others say less and exist so
that each format has a sample.
"""

import io
import json
import sqlite3
import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from sample_logs.story import (
    HOME_LATITUDE,
    HOME_LONGITUDE,
    METRES_PER_DEGREE_EAST,
    METRES_PER_DEGREE_NORTH,
    Story,
)

FOLDER = "zones"
#: Metres north and east of the take-off point: south, north, west, east.
MIRE = (250.0, 330.0, 40.0, 200.0)
CAMP = (350.0, 430.0, -170.0, -70.0)
RESERVOIR_NORTH, RESERVOIR_EAST, RESERVOIR_RADIUS_M = 180.0, -120.0, 150.0
FAR_NORTH, FAR_EAST = 5_000.0, 3_000.0
EFFECTIVE = "2026-05-14T00:00:00Z"

Row = dict[str, Any]


def write_zone_files(folder: Path, _story: Story) -> dict[str, Any]:
    """Write a zone file of each format into a folder of its own; return what is true."""
    within = folder / FOLDER
    within.mkdir(parents=True, exist_ok=True)
    files = {
        "dartmoor.geojson": (_json(_geojson()), 3),
        "arcgis.json": (_json(_arcgis()), 2),
        "ed269.json": (_json(_ed269()), 2),
        "ed318.json": (_json(_ed318()), 2),
        "airspace.kml": (_kml().encode(), 2),
        "airspace.kmz": (_kmz(), 2),
        "airspace.xml": (_aixm().encode(), 2),
        "airspace.txt": (_openair().encode(), 2),
        "fence.plan": (_json(_plan()), 2),
        "fence.waypoints": (_waypoints().encode(), 2),
        "fence.txt": (_fence().encode(), 1),
        "dji_geo.csv": (_dji_table().encode(), 2),
        "dji_geo.db": (_dji_database(), 3),
    }
    for name, (data, _) in files.items():
        (within / name).write_bytes(data)
    return {
        f"{FOLDER}/{name}": {"size": len(data), "zones": zones}
        for name, (data, zones) in files.items()
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _position_at(north: float, east: float) -> tuple[float, float]:
    """Return latitude and longitude of a place in metres from the take-off point."""
    latitude = HOME_LATITUDE + north / METRES_PER_DEGREE_NORTH
    longitude = HOME_LONGITUDE + east / METRES_PER_DEGREE_EAST
    return round(latitude, 7), round(longitude, 7)


def _corners(box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    """Return the corners of a box, counter-clockwise from the south-west, not closed."""
    south, north, west, east = box
    return [
        _position_at(n, e) for n, e in ((south, west), (south, east), (north, east), (north, west))
    ]


def _ring(box: tuple[float, float, float, float]) -> list[list[float]]:
    """Return the same as GeoJSON has it: longitude first, closed."""
    corners = _corners(box)
    return [[longitude, latitude] for latitude, longitude in (*corners, corners[0])]


def _centre() -> tuple[float, float]:
    return _position_at(RESERVOIR_NORTH, RESERVOIR_EAST)


def _geojson() -> Row:
    latitude, longitude = _centre()
    return {
        "type": "FeatureCollection",
        "name": "Synthetic zones on Dartmoor",
        "edition": "2026-05-14",
        "effective": EFFECTIVE,
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "id": "SYN-P1",
                    "name": "Fox Tor Mire nesting ground",
                    "type": "PROHIBITED",
                    "lower": "SFC",
                    "upper": "UNL",
                    "active": "H24",
                    "authority": "Synthetic warden",
                },
                "geometry": {"type": "Polygon", "coordinates": [_ring(MIRE)]},
            },
            {
                "type": "Feature",
                "properties": {
                    "id": "SYN-R2",
                    "name": "Training camp",
                    "type": "REQ_AUTHORISATION",
                    "lower": "SFC",
                    "upper": "UNL",
                    "active": "H24",
                    "authority": "Synthetic range office",
                },
                "geometry": {"type": "Polygon", "coordinates": [_ring(CAMP)]},
            },
            {
                "type": "Feature",
                "properties": {
                    "id": "SYN-R3",
                    "name": "Reservoir",
                    "type": "REQ_AUTHORISATION",
                    "lower": "SFC",
                    "upper": "400 ft AGL",
                    "active": "H24",
                    "radius_m": RESERVOIR_RADIUS_M,
                    "authority": "Synthetic water company",
                },
                "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
            },
        ],
    }


def _ed269() -> Row:
    latitude, longitude = _centre()

    def zone(id_: str, projection: Row, upper: str | None, hours: list[Row]) -> Row:
        return {
            "identifier": id_,
            "country": "GBR",
            "name": f"Synthetic {id_}",
            "type": "COMMON",
            "restriction": "REQ_AUTHORISATION",
            "reason": ["NATURE"],
            "applicability": [
                {
                    "permanent": "NO",
                    "startDateTime": "2026-01-01T00:00:00Z",
                    "endDateTime": "2026-12-31T23:59:59Z",
                    "schedule": hours,
                }
            ],
            "zoneAuthority": [{"name": "Synthetic authority", "purpose": "AUTHORIZATION"}],
            "geometry": [
                {
                    "uomDimensions": "FT",
                    "lowerLimit": "0",
                    "lowerVerticalReference": "AGL",
                    "upperLimit": upper,
                    "upperVerticalReference": "AMSL",
                    "horizontalProjection": projection,
                }
            ],
        }

    weekdays = {
        "day": ["MON", "TUE", "WED", "THU", "FRI"],
        "startTime": "08:00:00Z",
        "endTime": "17:00:00Z",
    }
    circle = {"type": "Circle", "center": [longitude, latitude], "radius": RESERVOIR_RADIUS_M}
    return {
        "formatVersion": "1.0.0",
        "createdAt": "2026-05-01T00:00:00Z",
        "UASZoneList": [
            zone("SYN001", {"type": "Polygon", "coordinates": [_ring(CAMP)]}, "2000", [weekdays]),
            zone("SYN002", circle, None, []),
        ],
    }


def _arcgis() -> Row:
    def feature(number: int, box: tuple[float, float, float, float], lower: str) -> Row:
        ring = _ring(box)
        attributes = {
            "OBJECTID": number,
            "NAME": f"Synthetic area {number}",
            "TYPE_CODE": "R",
            "LOWER_VAL": 0,
            "LOWER_UOM": "FT",
            "LOWER_CODE": lower,
            "UPPER_VAL": 400,
            "UPPER_UOM": "FT",
            "UPPER_CODE": "MSL",
        }
        # ArcGIS draws outer rings clockwise.
        return {"attributes": attributes, "geometry": {"rings": [ring[::-1]]}}

    return {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 4326, "latestWkid": 4326},
        "features": [feature(1, MIRE, "SFC"), feature(2, CAMP, "AGL")],
    }


def _ed318() -> Row:
    latitude, longitude = _centre()

    def feature(id_: str, geometry: Row) -> Row:
        layer = {"upper": 120, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL"}
        return {
            "type": "Feature",
            "geometry": {**geometry, "layer": {**layer, "uom": "m"}},
            "properties": {
                "identifier": id_,
                "country": "GBR",
                "name": [{"text": f"Synthetic {id_}", "lang": "en-GB"}],
                "type": "PROHIBITED",
                "variant": "COMMON",
                "zoneAuthority": [{"purpose": "INFORMATION"}],
                "limitedApplicability": [
                    {"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}
                ],
            },
        }

    round_ = {"type": "Point", "coordinates": [longitude, latitude]}
    extent = {"subType": "Circle", "radius": RESERVOIR_RADIUS_M}
    return {
        "type": "FeatureCollection",
        "name": "Synthetic zones",
        "metadata": {"validFrom": EFFECTIVE, "issued": "2026-05-01T00:00:00Z"},
        "features": [
            feature("SYN3181", {**round_, "extent": extent}),
            feature("SYN3182", {"type": "Polygon", "coordinates": [_ring(MIRE)]}),
        ],
    }


def _dms(degrees: float, width: int, sides: str) -> tuple[str, str, str, str]:
    total = round(abs(degrees) * 3600)
    return (
        f"{total // 3600:0{width}d}",
        f"{total // 60 % 60:02d}",
        f"{total % 60:02d}",
        sides[degrees < 0],
    )


def _compact_point(latitude: float, longitude: float) -> str:
    return "".join(_dms(latitude, 2, "NS")) + " " + "".join(_dms(longitude, 3, "EW"))


def _colon_point(latitude: float, longitude: float) -> str:
    parts = (_dms(latitude, 2, "NS"), _dms(longitude, 3, "EW"))
    return " ".join(f"{d}:{m}:{s} {side}" for d, m, s, side in parts)


def _kml() -> str:
    """A solid of a top, a bottom and four walls, as an AIP's export draws it; a plane area."""
    corners = _corners((FAR_NORTH, FAR_NORTH + 2000, FAR_EAST, FAR_EAST + 2000))
    rounded = [
        (round(lat * 3600) / 3600, round(lon * 3600) / 3600)
        for lat, lon in corners  # the text has whole seconds
    ]

    def polygon(positions: list[tuple[float, float, float]]) -> str:
        words = " ".join(f"{lon:.10f},{lat:.10f},{z}" for lat, lon, z in positions)
        return (
            "<Polygon><altitudeMode>relativeToGround</altitudeMode><outerBoundaryIs><LinearRing>"
            f"<coordinates>{words}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        )

    ring = [*rounded, rounded[0]]
    faces = [polygon([(lat, lon, z) for lat, lon in ring]) for z in (609.6, 0.0)]
    for (a, b), (c, d) in pairwise(ring):
        faces.append(polygon([(a, b, 0.0), (c, d, 0.0), (c, d, 609.6), (a, b, 609.6), (a, b, 0.0)]))
    text = "<br/>".join(f"{_compact_point(*corner)} -" for corner in rounded)
    text += f"<br/>{_compact_point(*rounded[0])} <br/>Upper limit: 2000 FT MSL<br/>Lower limit: SFC"
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    plain = polygon([(lat, lon, 0.0) for lat, lon in (*_corners(MIRE), _corners(MIRE)[0])])
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Synthetic airspace</name>
<description>Synthetic, using data effective 2026-05-14.</description>
<Folder><name>Danger</name>
<Placemark><name>SYN D1</name><description>{escaped}</description>
<MultiGeometry>{"".join(faces)}</MultiGeometry></Placemark>
<Placemark><name>SYN area</name>{plain}</Placemark>
<Placemark><name>a point</name><Point><coordinates>-3.9,50.6,0</coordinates></Point></Placemark>
</Folder></Document></kml>
"""


def _kmz() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo("doc.kml", (2026, 5, 14, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, _kml())
    return held.getvalue()


def _aixm() -> str:
    """A half circle closed by a line, and a circle."""
    latitude, longitude = _position_at(FAR_NORTH, FAR_EAST)
    span = 2 * 1852 / METRES_PER_DEGREE_NORTH

    def airspace(name: str, segments: str) -> str:
        return f"""<message:hasMember><aixm:Airspace gml:id="{name}"><aixm:timeSlice>
<aixm:AirspaceTimeSlice gml:id="ts-{name}"><gml:validTime><gml:TimePeriod gml:id="tp-{name}">
<gml:beginPosition>2026-05-14T00:00:00Z</gml:beginPosition>
<gml:endPosition indeterminatePosition="unknown"/></gml:TimePeriod></gml:validTime>
<aixm:interpretation>BASELINE</aixm:interpretation><aixm:type>R</aixm:type>
<aixm:designator>{name}</aixm:designator><aixm:name>SYNTHETIC {name}</aixm:name>
<aixm:geometryComponent><aixm:AirspaceGeometryComponent gml:id="gc-{name}">
<aixm:theAirspaceVolume><aixm:AirspaceVolume gml:id="av-{name}">
<aixm:upperLimit uom="FL">65</aixm:upperLimit>
<aixm:upperLimitReference>STD</aixm:upperLimitReference>
<aixm:lowerLimit uom="FT">1500</aixm:lowerLimit>
<aixm:lowerLimitReference>MSL</aixm:lowerLimitReference>
<aixm:horizontalProjection><aixm:Surface srsName="urn:ogc:def:crs:EPSG::4326" gml:id="s-{name}">
<gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring><gml:curveMember>
<gml:Curve gml:id="c-{name}"><gml:segments>{segments}</gml:segments></gml:Curve>
</gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></aixm:Surface>
</aixm:horizontalProjection></aixm:AirspaceVolume></aixm:theAirspaceVolume>
</aixm:AirspaceGeometryComponent></aixm:geometryComponent></aixm:AirspaceTimeSlice>
</aixm:timeSlice></aixm:Airspace></message:hasMember>"""

    centre = f"<gml:pos>{latitude:.7f} {longitude:.7f}</gml:pos>"
    radius = '<gml:radius uom="[nmi_i]">2</gml:radius>'
    half = (
        f"<gml:GeodesicString><gml:posList>{latitude - span:.7f} {longitude:.7f} "
        f"{latitude + span:.7f} {longitude:.7f}</gml:posList></gml:GeodesicString>"
        f'<gml:ArcByCenterPoint numArc="1">{centre}{radius}<gml:startAngle uom="deg">0'
        '</gml:startAngle><gml:endAngle uom="deg">180</gml:endAngle></gml:ArcByCenterPoint>'
    )
    whole = f'<gml:CircleByCenterPoint numArc="1">{centre}{radius}</gml:CircleByCenterPoint>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<message:AIXMBasicMessage xmlns:message="http://www.aixm.aero/schema/5.1/message"
 xmlns:aixm="http://www.aixm.aero/schema/5.1" xmlns:gml="http://www.opengis.net/gml/3.2">
{airspace("SYNR1", half)}
{airspace("SYNR2", whole)}
</message:AIXMBasicMessage>
"""


def _openair() -> str:
    centre = _position_at(FAR_NORTH, FAR_EAST)
    corners = _corners((FAR_NORTH, FAR_NORTH + 2000, FAR_EAST, FAR_EAST + 2000))
    lines = ["* Synthetic", "AC R", "AN SYN R1", "AL GND", "AH 2000ft AMSL"]
    lines += [f"DP {_colon_point(*corner)}" for corner in corners]
    lines += [
        "",
        "AC Q",
        "AN SYN D2",
        "AL 1500ft AGL",
        "AH FL65",
        f"V X={_colon_point(*centre)}",
        "DC 2",
    ]
    return "\n".join(lines) + "\n"


def _plan() -> Row:
    latitude, longitude = _position_at(0, 0)
    return {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "geoFence": {
            "version": 2,
            "circles": [
                {
                    "circle": {"center": [latitude, longitude], "radius": 1000},
                    "inclusion": True,
                    "version": 1,
                }
            ],
            "polygons": [
                {"polygon": [list(one) for one in _corners(MIRE)], "inclusion": False, "version": 1}
            ],
        },
        "mission": {"firmwareType": 3, "items": [], "version": 2},
        "rallyPoints": {"points": [], "version": 2},
    }


def _waypoints() -> str:
    items = [(5002, 4, *corner) for corner in _corners(MIRE)]
    items.append((5003, 1000, *_position_at(0, 0)))
    items.append((5000, 0, *_position_at(0, 0)))
    rows = [
        f"{n}\t0\t0\t{command}\t{size:.6f}\t0.000000\t0.000000\t0.000000\t{lat:.6f}\t{lon:.6f}"
        "\t0.000000\t0"
        for n, (command, size, lat, lon) in enumerate(items)
    ]
    return "\n".join(["QGC WPL 110", *rows]) + "\n"


def _fence() -> str:
    corners = _corners((-500, 900, -600, 600))
    points = [_position_at(0, 0), *corners, corners[0]]
    return "".join(f"{latitude:.6f}\t{longitude:.6f}\n" for latitude, longitude in points)


_COLUMNS = (
    "id", "updated_at", "shape", "begin_at", "end_at", "disable", "city", "lng", "points",
    "area_id", "radius", "country", "name", "warning", "type", "lat", "level",
)  # fmt: skip


def _dji_rows() -> list[Row]:
    rows = []
    for number, (north, east, radius, level) in enumerate(
        ((FAR_NORTH, FAR_EAST, 1500, 2), (290.0, 120.0, 400, 0)), 1
    ):
        latitude, longitude = _position_at(north, east)
        row: Row = dict.fromkeys(_COLUMNS, 0)
        row |= {"id": number, "area_id": 100 + number, "radius": radius, "level": level}
        row |= {"lat": latitude, "lng": longitude, "city": "Synthetic", "points": ""}
        row |= {"name": f"Airfield {number}", "updated_at": 1_777_593_600}
        rows.append(row)
    return rows


def _dji_table() -> str:
    lines = [",".join(_COLUMNS)]
    lines += [",".join(f"{row[name]}" for name in _COLUMNS) for row in _dji_rows()]
    return "\n".join(lines) + "\n"


def _dji_database() -> bytes:
    """The second row is of parts: a circle of 2 km where 125 m is the limit, a box where 0 is."""
    rows = _dji_rows()
    latitude, longitude = _position_at(FAR_NORTH, FAR_EAST)
    box = _corners((FAR_NORTH, FAR_NORTH + 500, FAR_EAST, FAR_EAST + 500))
    parts = struct.pack("<BHBHIB", 1, 16, 0, 125, 2000, 1)
    parts += struct.pack("<ii", round(longitude * 1e6), round(latitude * 1e6))
    parts += struct.pack("<BHBHIB", 0, 8 + 8 * 4, 1, 0, 0, 4)
    for lat, lon in box:
        parts += struct.pack("<ii", round(lon * 1e6), round(lat * 1e6))
    rows[1] |= {"shape": 12, "polygon_shape": b"\2" + parts}
    names = [name for name in _COLUMNS if name != "id"]
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE TABLE airmap_geofence_infos ({', '.join(names)}, polygon_shape)")
    base.execute("CREATE TABLE geofence_version (version, data_timestamp, area_count, remark)")
    base.execute("INSERT INTO geofence_version VALUES ('00.00.00.01', 1777593600, 2, 'synthetic')")
    marks = ", ".join("?" * (len(names) + 1))
    for row in rows:
        values = [row[name] for name in names] + [row.get("polygon_shape")]
        base.execute(f"INSERT INTO airmap_geofence_infos VALUES ({marks})", values)  # noqa: S608
    base.commit()
    data = bytearray(base.serialize())
    base.close()
    # Which version of SQLite wrote it would differ from one machine to the next.
    data[92:100] = bytes(8)
    return bytes(data)
