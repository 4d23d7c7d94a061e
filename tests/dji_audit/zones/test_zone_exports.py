"""Zones as national services and map servers export them, read by their own words."""

import datetime as dt
import json
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

import parsers
from dji_audit.zones import _model as model
from dji_audit.zones import lint_zone_file, read_zone_content
from dji_audit.zones.engine._active_intervals import active_intervals
from tests.conftest import ROOT, required

CASES = ROOT.parent / "shared" / "cases"
RING = [[24.7, 59.4], [24.8, 59.4], [24.8, 59.45], [24.7, 59.45], [24.7, 59.4]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
CORNERS = tuple((latitude, longitude) for longitude, latitude in RING[:-1])
AMSL, AGL, LEVEL = (
    model.VerticalDatum.AMSL,
    model.VerticalDatum.AGL,
    model.VerticalDatum.FLIGHT_LEVEL,
)


def read(data: Any) -> model.ZoneFile:
    return read_zone_content(parsers.Content("zones", json.dumps(data).encode()))


def features(*properties: Any, **members: Any) -> dict[str, Any]:
    made = [{"type": "Feature", "geometry": SQUARE, "properties": each} for each in properties]
    return {"type": "FeatureCollection", "features": made, **members}


def only_zone(properties: dict[str, Any]) -> model.Zone:
    file = read(features(properties))
    assert not file.skipped
    (zone,) = file.zones
    return zone


def case(name: str, file_name: str) -> model.ZoneFile:
    path = CASES / name / file_name
    required(f"the case {name}", path.is_file())
    return read_zone_content(parsers.Content(file_name, path.read_bytes()))


# Limits in the words of publishers

LIMITS = [
    # openAIP: numbers for units and datums.
    (
        {
            "lowerLimit": {"value": 0, "unit": 1, "referenceDatum": 0},
            "upperLimit": {"value": 2500, "unit": 1, "referenceDatum": 1},
        },
        (model.Limit(AGL, 0, "ft"), model.Limit(AMSL, 2500, "ft")),
    ),
    (
        {
            "lowerLimit": {"value": 500, "unit": 0, "referenceDatum": 1},
            "upperLimit": {"value": 95, "unit": 6, "referenceDatum": 2},
        },
        (model.Limit(AMSL, 500, "m"), model.Limit(LEVEL, 95, "FL")),
    ),
    # The parser of openAIP: the same in words.
    (
        {
            "lowerCeiling": {"value": 1607.611551, "unit": "FT", "referenceDatum": "MSL"},
            "upperCeiling": {"value": 90, "unit": "FL", "referenceDatum": "STD"},
        },
        (model.Limit(AMSL, 1607.611551, "ft"), model.Limit(LEVEL, 90, "FL")),
    ),
    # FAA airspace.
    (
        {
            "LOWER_VAL": 0,
            "LOWER_UOM": "FT",
            "LOWER_CODE": "SFC",
            "UPPER_VAL": "4000",
            "UPPER_UOM": "FT",
            "UPPER_CODE": "MSL",
        },
        (model.Limit(AGL, 0, "ft"), model.Limit(AMSL, 4000, "ft")),
    ),
    (
        {"LOWER_VAL": 700, "LOWER_UOM": "FT", "LOWER_CODE": "AGL", "UPPER_VAL": -9998},
        (model.Limit(AGL, 700, "ft"), model.NOT_STATED),
    ),
    (
        {
            "dist_vert_lower_val": 0,
            "dist_vert_lower_uom": "FT",
            "dist_vert_upper_val": 120,
            "dist_vert_upper_uom": "M",
            "dist_vert_upper_code": "AGL",
        },
        (model.SURFACE, model.Limit(AGL, 120, "m")),
    ),
    # Germany.
    (
        {
            "lower_limit_altitude": 381.233608,
            "lower_limit_unit": "ft",
            "lower_limit_alt_ref": "MSL",
            "upper_limit_altitude": "2500.0",
            "upper_limit_unit": "ft",
            "upper_limit_alt_ref": "MSL",
        },
        (model.Limit(AMSL, 381.233608, "ft"), model.Limit(AMSL, 2500, "ft")),
    ),
    # Switzerland: no unit, so a height that is not 0 is not stated.
    (
        {"air_vol_lower_limit": "0", "air_vol_lower_vref": "AGL", "air_vol_upper_limit": None},
        (model.SURFACE, model.NOT_STATED),
    ),
    # Estonia, and limits of ED-269 within the properties.
    (
        {"lowerMeters": 0, "upperMeters": 50, "lower": "SFC", "upper": "50 m AGL"},
        (model.SURFACE, model.Limit(AGL, 50, "m")),
    ),
    (
        {
            "lowerLimit": 0,
            "lowerVerticalReference": "AGL",
            "upperLimit": 50,
            "upperVerticalReference": "AGL",
            "uomDimensions": "M",
        },
        (model.Limit(AGL, 0, "m"), model.Limit(AGL, 50, "m")),
    ),
    (
        {
            "geometry": [
                {
                    "uomDimensions": "FT",
                    "lowerLimit": 0,
                    "lowerVerticalReference": "AGL",
                    "upperLimit": 400,
                    "upperVerticalReference": "AGL",
                }
            ]
        },
        (model.Limit(AGL, 0, "ft"), model.Limit(AGL, 400, "ft")),
    ),
    # Words and numbers of other kinds.
    ({"floor": "GND", "ceiling": "FL65"}, (model.SURFACE, model.Limit(LEVEL, 65, "FL"))),
    ({"LOWER": "GND", "UPPER": "1500"}, (model.SURFACE, model.NOT_STATED)),
    ({"lower": None, "upper": None}, (model.NOT_STATED, model.NOT_STATED)),
    ({"lower": "", "upper": "BY NOTAM"}, (model.NOT_STATED, model.NOT_STATED)),
    ({"lower": "high", "lowerMeters": 30, "upper": "UNL"},
     (model.Limit(model.VerticalDatum.NOT_STATED, 30, "m"), model.UNLIMITED)),
    ({}, (model.NOT_STATED, model.NOT_STATED)),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "limits"), LIMITS)
def test_limits_are_read_by_the_words_of_their_publisher(
    properties: dict[str, Any], limits: tuple[model.Limit, model.Limit]
) -> None:
    zone = only_zone({"name": "A", **properties})
    assert (zone.lower, zone.upper) == limits
    upper_case = {name.upper(): value for name, value in properties.items()}
    assert only_zone(upper_case).limits_text == zone.limits_text


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"upper": "high"}, "upper limit: expected a limit as in"),
        ({"upper": 120, "unit": "furlong"}, "upper limit: expected a unit of m, ft or FL"),
        ({"upper": True}, "upper limit: expected a limit as in"),
        ({"upper": ["120 m AGL"]}, "upper limit: expected a limit as in"),
        ({"upper": {"value": {"value": 5}}}, "upper limit: expected a number, found an object"),
        ({"upper": {"value": "high"}}, "upper limit: expected a limit as in"),
    ],
)
def test_a_limit_that_is_there_and_cannot_be_read_costs_its_zone_by_name(
    properties: dict[str, Any], told: str
) -> None:
    file = read(features({"name": "Bad", **properties}, {"name": "Good"}))
    assert [zone.name for zone in file.zones] == ["Good"]
    (item,) = file.skipped_items_that_may_be_zones
    assert (item.path, item.name) == ("features[0]", "Bad")
    assert told in item.reason
    assert item.bounds is not None
    assert astuple(item.bounds) == pytest.approx((59.4, 24.7, 59.45, 24.8))


def test_a_height_without_a_unit_is_not_stated_and_remarked_on() -> None:
    file = read(features({"id": "A", "upper": 120}))
    assert file.zones[0].upper == model.NOT_STATED
    told = [remark.text for remark in lint_zone_file(file)]
    assert "upper limit '120': no height with its unit, so it is not stated" in told


# Names, kinds and other words


@pytest.mark.parametrize(
    ("properties", "id_", "name"),
    [
        ({"name": "Text"}, "Text", "Text"),
        ({"name": 17, "id": 4}, "4", "17"),
        ({"name": None, "identifier": "X"}, "X", "X"),
        ({"name": [{"text": "Naam", "lang": "nl"}, {"text": "Name", "lang": "en-GB"}]}, "Name",
         "Name"),
        ({"name": {"de": "Gebiet", "en": "Area"}}, "Area", "Area"),
        ({"name": ["A", "B", None, 3]}, "A, B, 3", "A, B, 3"),
        ({"name": True, "title": "T"}, "T", "T"),
        ({"zone_name_de": "CTR", "zone_id": "LSZB003"}, "LSZB003", "CTR"),
        ({"OBJECTID": 9, "NAME_TXT": "Class D"}, "9", "Class D"),
        ({}, "features[0]", "features[0]"),
        ({"name": [[["deep"]]], "other": {"a": {"b": [1, None]}}}, "features[0]", "features[0]"),
    ],
)  # fmt: skip
def test_names_are_whatever_the_file_holds_and_never_cost_a_zone(
    properties: dict[str, Any], id_: str, name: str
) -> None:
    zone = only_zone(properties)
    assert (zone.id, zone.name) == (id_, name)


@pytest.mark.parametrize(
    ("properties", "effect"),
    [
        ({"type": "COMMON", "restriction": "REQ_AUTHORISATION"}, model.ZoneEffect.AUTHORISATION),
        ({"type": "P"}, model.ZoneEffect.PROHIBITED),
        ({"type": None, "class": "R"}, model.ZoneEffect.AUTHORISATION),
        ({"zone_restriction_id": "PROHIBITED"}, model.ZoneEffect.PROHIBITED),
        (
            {"type": 3, "upperLimit": {"value": 1, "unit": 6, "referenceDatum": 2}},
            model.ZoneEffect.PROHIBITED,
        ),
        # A number is a type of openAIP only beside its limits.
        ({"type": 3}, model.ZoneEffect.NOT_STATED),
        ({"type": "L"}, model.ZoneEffect.NOT_STATED),
        ({"type": {"code": 1}}, model.ZoneEffect.NOT_STATED),
        # D is a danger area as a type, and controlled airspace as a class.
        ({"type": "D"}, model.ZoneEffect.ADVISORY),
        ({"CLASS": "D", "TYPE_CODE": "CLASS"}, model.ZoneEffect.NOT_STATED),
        ({"type": "ATZ", "class": "d"}, model.ZoneEffect.NOT_STATED),
        ({"airspaceClass": "D"}, model.ZoneEffect.NOT_STATED),
        ({"category": "D"}, model.ZoneEffect.NOT_STATED),
        ({"category": "DANGER"}, model.ZoneEffect.ADVISORY),
        ({"class": "D", "type": "R"}, model.ZoneEffect.AUTHORISATION),
        ({"class": "Q"}, model.ZoneEffect.ADVISORY),
        ({"restriction": "NO RESTRICTION"}, model.ZoneEffect.NONE),
        ({"restriction": "Req-authorisation"}, model.ZoneEffect.AUTHORISATION),
    ],
)
def test_the_kind_is_the_first_word_whose_meaning_is_known(
    properties: dict[str, Any], effect: model.ZoneEffect
) -> None:
    assert only_zone(properties).effect is effect


# Times


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("properties", "schedule", "stated"),
    [
        ({"timeBegin": "2019-06-17T05:00:00Z"}, (utc(2019, 6, 17, 5), None), True),
        ({"validFrom": "2019-06-17", "validTo": None}, (utc(2019, 6, 17), None), True),
        ({"startDate": 1765000000000}, (utc(2025, 12, 6, 5, 46, 40), None), True),
        ({"endDateTime": 1765000000}, (None, utc(2025, 12, 6, 5, 46, 40)), True),
        # A date as an end includes that day; a number may be a date in digits.
        (
            {"startDate": "2026-05-10", "endDate": "2026-05-14"},
            (utc(2026, 5, 10), utc(2026, 5, 15)),
            True,
        ),
        (
            {"validFrom": 20260501, "validTo": 20260531},
            (utc(2026, 5, 1), utc(2026, 6, 1)),
            True,
        ),
        (
            {"validFrom": 202605011230, "validTo": 20260531123005},
            (utc(2026, 5, 1, 12, 30), utc(2026, 5, 31, 12, 30, 5)),
            True,
        ),
        ({"validTo": "2026-02"}, (None, utc(2026, 3, 1)), True),
        ({"validTo": "2026"}, (None, utc(2027, 1, 1)), True),
        ({"validTo": "9999-12-31"}, (None, utc(9999, 12, 31)), True),
        ({"validTo": 631152000}, (None, utc(1990, 1, 1)), True),
        (
            {"applicability": [{"startDateTime": "2026-05-01", "endDateTime": "2026-05-14"}]},
            (utc(2026, 5, 1), utc(2026, 5, 15)),
            True,
        ),
        ({"validFrom": "", "validTo": "PERM"}, None, False),
        ({"active": "H24"}, None, True),
        ({"active": "sometimes"}, None, False),
        ({"active": False}, None, False),
        ({"applicability": [{"permanent": "YES"}]}, (None, None), True),
        (
            {"applicability": [{"permanent": "NO", "startDateTime": "2024-01-02T03:00:00Z"}]},
            (utc(2024, 1, 2, 3), None),
            True,
        ),
        ({"applicability": None, "hidden": True}, None, False),
    ],
)
def test_times_are_read_by_the_words_of_their_publisher(
    properties: dict[str, Any],
    schedule: tuple[dt.datetime | None, dt.datetime | None] | None,
    stated: bool,
) -> None:
    zone = only_zone(properties)
    assert zone.schedule_stated is stated
    if schedule is None:
        assert zone.schedule == ()
    else:
        (period,) = zone.schedule
        assert (period.start, period.end) == schedule


@pytest.mark.parametrize(
    "properties",
    [
        {"validFrom": "soon"},
        {"validTo": "31/12/2024"},
        {"timeEnd": [1]},
        {"timeEnd": True},
        {"startDate": 1e30},
        # Not seconds since 1970 but days since 1899, and a day that does not exist.
        {"validTo": 46000},
        {"validTo": 20260532},
        {"validTo": 631151999},
        {"validTo": "2026-W20"},
        {"applicability": [{"startDateTime": "soon"}]},
        {"applicability": [5]},
        {"applicability": [{"schedule": [{"day": ["FUNDAY"]}]}]},
    ],
)
def test_times_that_cannot_be_read_cost_no_zone_and_make_it_always_active(
    properties: dict[str, Any],
) -> None:
    file = read(features(properties))
    (zone,) = file.zones
    assert (zone.schedule, zone.schedule_stated) == ((), False)
    assert any("treated as always active" in remark.text for remark in file.remarks)


def at_noon(zone: model.Zone, day: str, hour: float) -> tuple[int, int]:
    """Return how many intervals are certain and in doubt, in an hour of a flight in Estonia."""
    start = np.datetime64(day, "ns") + np.timedelta64(round(hour * 3600), "s")
    found = active_intervals(zone, CORNERS[0], start, 60.0)
    assert bool(found.reason) == bool(len(found.doubtful))
    return len(found.certain), len(found.doubtful)


#: Local summer time is three hours ahead of UTC there, winter time two.
NAIVE = [
    {"timeBegin": "2026-05-14 12:00", "timeEnd": "2026-05-14 14:00"},
    {"timeBegin": "20260514T1200", "timeEnd": 202605141400},
    {"applicability": [{"startDateTime": "2026-05-14T12:00", "endDateTime": "2026-05-14T14:00"}]},
    {"applicability": [{"schedule": [{"day": ["THU"], "startTime": "12:00", "endTime": "14:00"}]}]},
]


@pytest.mark.parametrize("properties", NAIVE)
@pytest.mark.parametrize(
    ("hour", "expected"),
    [(8.9, (0, 0)), (9.5, (0, 1)), (11.5, (0, 0)), (12.5, (0, 1)), (14.5, (0, 0))],
)
def test_a_time_without_a_time_zone_is_utc_or_local_time(
    properties: dict[str, Any], hour: float, expected: tuple[int, int]
) -> None:
    zone = only_zone(properties)
    assert zone.schedule_doubt == (
        "the file does not say whether its times are UTC or local time (Europe/Tallinn)"
    )
    assert at_noon(zone, "2026-05-14", hour) == expected
    assert any(
        zone.schedule_doubt in remark.text for remark in lint_zone_file(read(features(properties)))
    )


def test_where_both_readings_agree_nothing_is_in_doubt() -> None:
    zone = only_zone({"validFrom": "2026-05-01", "validTo": "2026-05-31"})
    assert at_noon(zone, "2026-05-14", 12) == (1, 0)
    assert at_noon(zone, "2026-05-31", 20) == (1, 0)
    # The last three hours of May in UTC are the first of June there.
    assert at_noon(zone, "2026-05-31", 22) == (0, 1)
    assert at_noon(zone, "2026-06-01", 1) == (0, 0)


def test_local_hours_follow_summer_time() -> None:
    hours = {"applicability": [{"schedule": [{"startTime": "12:00", "endTime": "13:00"}]}]}
    zone = only_zone(hours)
    assert [at_noon(zone, "2026-07-14", hour) for hour in (9.5, 10.5)] == [(0, 1), (0, 0)]
    assert [at_noon(zone, "2026-01-14", hour) for hour in (9.5, 10.5)] == [(0, 0), (0, 1)]


@pytest.mark.parametrize(
    "properties",
    [
        {"timeBegin": "2026-05-14T12:00Z", "timeEnd": "2026-05-14T14:00+02:00"},
        {"applicability": [{"schedule": [{"startTime": "12:00Z"}]}]},
        {"applicability": [{"schedule": [{"startEvent": "SR", "endEvent": "SS"}]}]},
        {"applicability": [{"permanent": "YES"}]},
    ],
)
def test_times_with_a_time_zone_are_in_no_doubt(properties: dict[str, Any]) -> None:
    zone = only_zone(properties)
    assert (zone.other_schedules, zone.schedule_doubt) == ((), "")


@pytest.mark.parametrize("end", [utc(2026, 5, 14), utc(2026, 5, 13, 21)])
@pytest.mark.parametrize("unit", [1, 1000])
def test_a_number_that_is_midnight_may_mean_the_whole_day(end: dt.datetime, unit: int) -> None:
    zone = only_zone({"endDate": int(end.timestamp()) * unit})
    assert zone.schedule_doubt == "the file does not say whether the day of its end counts"
    assert at_noon(zone, "2026-05-13", 20) == (1, 0)
    assert at_noon(zone, "2026-05-14", 10) == (0, 1)
    assert at_noon(zone, "2026-05-15", 10) == (0, 0)
    noon = only_zone({"endDate": int(utc(2026, 5, 14, 12).timestamp()) * unit})
    assert noon.other_schedules == ()


@pytest.mark.parametrize("end", [253402300799000, 253402214400000])
def test_an_end_on_the_last_day_that_can_be_stated_costs_no_zone(end: int) -> None:
    ring = [[10.0, 50.0], [10.1, 50.0], [10.1, 50.1], [10.0, 50.0]]
    feature = features({"enddate": end})["features"][0]
    (zone,) = read({**feature, "geometry": {"type": "Polygon", "coordinates": [ring]}}).zones
    (period,) = zone.schedule
    assert period.end == dt.datetime.fromtimestamp(end / 1000, dt.UTC)
    assert zone.other_schedules == ()


def test_at_sea_the_summer_time_of_some_country_may_be_meant() -> None:
    ring = [[-30.0, 50.0], [-29.9, 50.0], [-29.9, 50.1], [-30.0, 50.0]]
    feature = features({"timeBegin": "2026-05-14 12:00"})["features"][0]
    (zone,) = read({**feature, "geometry": {"type": "Polygon", "coordinates": [ring]}}).zones
    assert "(UTC-02:00 or UTC-01:00)" in zone.schedule_doubt


# Forms


def test_a_single_feature_and_the_answer_of_an_interface_are_read() -> None:
    feature = features({"name": "A"})["features"][0]
    assert [zone.path for zone in read(feature).zones] == ["feature"]
    item = {"_id": "627", "name": "CTR", "type": 4, "geometry": SQUARE,
            "lowerLimit": {"value": 0, "unit": 1, "referenceDatum": 0},
            "upperLimit": {"value": 2500, "unit": 1, "referenceDatum": 1}}  # fmt: skip
    (zone,) = read({"limit": 500, "items": [item, {"geometry": None}]}).zones
    assert (zone.id, zone.path, zone.kind) == ("627", "items[0]", "CTR")
    assert zone.effect is model.ZoneEffect.AUTHORISATION


def test_lists_of_zones_without_anything_around_them_are_read() -> None:
    entry = features({"name": "A"})["features"][0]
    item = {"_id": "627", "name": "B", "geometry": SQUARE}
    file = read([entry, item, None])
    assert [(zone.path, zone.name) for zone in file.zones] == [("[0]", "A"), ("[1]", "B")]
    assert [item.path for item in file.skipped_items_that_may_be_zones] == ["[2]"]
    volume = {"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL",
              "upperLimit": 120, "upperVerticalReference": "AGL",
              "horizontalProjection": {"type": "Polygon", "coordinates": [RING]}}  # fmt: skip
    zone = {"identifier": "C", "restriction": "PROHIBITED", "geometry": [volume]}
    for data in ([zone], {"type": "FeatureCollection", "features": [zone]}, {"features": [zone]}):
        file = read(data)
        assert (file.source.format, file.zones[0].id) == ("ed-269", "C")


@pytest.mark.parametrize(
    "feature",
    [
        None,
        5,
        "text",
        [],
        {},
        {"type": "Feature"},
        {"type": "Feature", "geometry": None, "properties": None},
        {"type": "Feature", "geometry": {"type": "Polygon"}, "properties": {}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 95]] * 4]}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0]},
         "properties": {"radius_m": 5}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 5]},
         "properties": {"radius_m": "wide"}},
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [
            {"type": "GeometryCollection", "geometries": [SQUARE]}]}},
    ],
)  # fmt: skip
def test_a_feature_of_any_form_costs_no_other(feature: Any) -> None:
    data = features({"name": "Good"})
    data["features"].insert(0, feature)
    file = read(data)
    assert [zone.path for zone in file.zones] == ["features[1]"]
    assert [item.path for item in file.skipped_items_that_may_be_zones] == ["features[0]"]


def test_a_collection_of_areas_is_one_zone_and_heights_may_be_null() -> None:
    ring = [[*position, None] for position in RING]
    part = {"type": "Polygon", "coordinates": [ring]}
    data = features({})
    data["features"][0]["geometry"] = {"type": "GeometryCollection", "geometries": [part, SQUARE]}
    (zone,) = read(data).zones
    assert [shape.outer.points for shape in zone.shape] == [CORNERS, CORNERS]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:EPSG::3067", "EPSG:3067", "urn:ogc:def:crs:EPSG::4326",
             "urn:ogc:def:crs:OGC:1.3:CRS84", "epsg:4258", None]
)  # fmt: skip
def test_a_reference_system_that_the_file_states_is_turned_into_wgs_84(name: str | None) -> None:
    code = 3067 if name and "3067" in name else 4326
    to_system = Transformer.from_crs(4326, code, always_xy=True)
    ring = [list(to_system.transform(position[0], position[1])) for position in RING]
    data = features({}, crs={"type": "name", "properties": {"name": name}})
    data["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    (zone,) = read(data).zones
    (area,) = zone.shape
    assert isinstance(area, model.Polygon)
    for point, expected in zip(area.outer.points, CORNERS, strict=True):
        assert point == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["somewhere", "EPSG:999999", 5, ["EPSG:3067"]])
def test_a_reference_system_that_is_not_known_refuses_the_file(name: Any) -> None:
    with pytest.raises(model.ZoneError, match="reference system"):
        read(features({}, crs={"properties": {"name": name}}))


# ArcGIS


def arcgis(*geometries: Any, **members: Any) -> dict[str, Any]:
    made = [
        {"attributes": {"OBJECTID": number, "LOWER_VAL": 0, "LOWER_CODE": "SFC"}, "geometry": each}
        for number, each in enumerate(geometries)
    ]
    return {"geometryType": "esriGeometryPolygon", "features": made} | members


def test_rings_of_arcgis_are_outer_ones_or_holes_by_their_direction() -> None:
    outer = [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]]
    hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    far = [[20, 0], [20, 1], [21, 1], [20, 0]]
    (zone,) = read(arcgis({"rings": [far, outer, hole]})).zones
    assert [len(shape.holes) for shape in zone.shape] == [0, 1]  # type: ignore[union-attr]
    assert zone.lower == model.SURFACE
    (single,) = read(arcgis({"rings": [outer[::-1]]})).zones
    assert len(single.shape) == 1


@pytest.mark.parametrize("system", [{"wkid": 102100}, {"wkid": 102100, "latestWkid": 3857}])
def test_web_mercator_of_arcgis_is_turned_into_wgs_84(system: dict[str, int]) -> None:
    to_mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    ring = [list(to_mercator.transform(position[0], position[1])) for position in RING][::-1]
    (zone,) = read(arcgis({"rings": [ring]}, spatialReference=system)).zones
    (area,) = zone.shape
    assert isinstance(area, model.Polygon)
    assert area.outer.points[-1] == pytest.approx(CORNERS[1], abs=1e-6)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        5,
        {"x": 5, "y": 50},
        {"rings": []},
        {"rings": "here"},
        {"rings": [[[0, 0], [1, 0]]]},
        {"rings": [[[0, 0], [1, 0], [1, 1], [0, 0]], [[5, 5], [6, 5], [6, 6], [5, 5]]]},
        {"curveRings": [[[0, 0]]]},
        {"rings": [RING], "spatialReference": {"wkid": 999999}},
        {"rings": [RING], "spatialReference": {"wkid": "here"}},
    ],
)
def test_a_geometry_of_arcgis_that_cannot_be_read_costs_no_other(geometry: Any) -> None:
    file = read(arcgis(geometry, {"rings": [RING[::-1]]}))
    assert [zone.path for zone in file.zones] == ["features[1]"]
    assert [item.path for item in file.skipped_items_that_may_be_zones] == ["features[0]"]


# The FAA's UAS facility maps

CELL = {"OBJECTID": 1, "CEILING": 100, "UNIT": "Feet", "MAP_EFF": "6/12/2026",
        "APT1_ICAO": "KLGA", "APT1_NAME": "La Guardia Airport"}  # fmt: skip


@pytest.mark.parametrize("ceiling", [0, 100, 400, None])
def test_a_cell_of_a_facility_map_wants_an_authorisation_whatever_its_ceiling(
    ceiling: int | None,
) -> None:
    zone = only_zone(CELL | {"CEILING": ceiling})
    # A ceiling of 0 must not read as an area without height, nor 100 ft as its top.
    assert (zone.lower, zone.upper) == (model.SURFACE, model.UNLIMITED)
    assert zone.effect is model.ZoneEffect.AUTHORISATION
    assert not zone.limits_fault
    assert ("an unknown" if ceiling is None else f"{ceiling} feet") in zone.remarks


def test_the_date_of_a_facility_map_is_that_of_its_newest_cell() -> None:
    file = read(features(CELL, CELL | {"MAP_EFF": "7/9/2026"}, CELL | {"MAP_EFF": "soon"}))
    assert file.source.effective_from == utc(2026, 7, 9)
    assert len(file.zones) == 3


# Cases


def test_the_case_of_estonia_is_read_by_its_own_words() -> None:
    file = case("mav_geojson_eans", "eans.geojson")
    assert (file.source.format, file.skipped) == ("geojson", ())
    harbour, outside = file.zones
    assert (harbour.id, harbour.name, harbour.kind) == (
        "EEGZ24S",
        "TALLINN SADAM",
        "REQ_AUTHORISATION",
    )
    assert harbour.limits_text == "SFC to 50 m AGL"
    assert harbour.schedule == (model.ActivePeriod(),)
    assert harbour.authority == "EANS"
    # Neither its unit nor its datum is stated.
    assert (outside.lower, outside.upper) == (model.SURFACE, model.NOT_STATED)
    assert outside.effect is model.ZoneEffect.PROHIBITED


def test_the_case_of_a_facility_map_is_read_by_its_own_words() -> None:
    file = case("mav_geojson_uasfm", "uasfm.geojson")
    assert [zone.name for zone in file.zones] == ["La Guardia Airport"] * 2
    assert {zone.effect for zone in file.zones} == {model.ZoneEffect.AUTHORISATION}
    assert file.source.effective_from == utc(2026, 6, 12)


def test_the_cases_of_ireland_and_sweden_are_read_whole() -> None:
    irish = case("peer_zones_ie_se", "ed318-ie.json")
    assert [zone.id for zone in irish.zones] == ["U901", "T901", "U902", "U903"]
    assert not irish.skipped
    control, stadium, _, exempt = irish.zones
    assert control.name == "Example Control Zone - Red Zone"
    assert control.limits_text == "0 ft AGL to 2500 ft AMSL"
    assert control.authority == "AirNav Ireland"
    assert len(stadium.schedule) == 2
    assert exempt.limits_text == "not stated to not stated"
    assert irish.source.effective_from == utc(2026, 8, 4, 22)
    swedish = case("peer_zones_ie_se", "ed318-se.json")
    assert [zone.id for zone in swedish.zones] == ["ESU901", "ESU902", "ESU903"]
    assert not swedish.skipped
    assert swedish.zones[2].shape == (model.Circle((58.9, 14.9), 1852),)
    assert swedish.zones[0].authority == "Swedish Transport Agency"


# Round the Earth


def read_ring(ring: list[list[float]], **properties: Any) -> model.ZoneFile:
    feature = features(properties)["features"][0]
    return read({**feature, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}})


BAND = [[-179.0, 10.0], [179.0, 10.0], [179.0, 11.0], [-179.0, 11.0]]
CAP = [[-180.0, 80.0], [180.0, 80.0], [180.0, 90.0], [-180.0, 90.0]]
HALF_CAP = [[-180.0, 80.0], [0.0, 80.0], [180.0, 80.0], [180.0, 90.0], [-180.0, 90.0]]
STRIP = [[179.0, 10.0], [-179.0, 10.0], [-179.0, 11.0], [179.0, 11.0]]


@pytest.mark.parametrize("ring", [BAND, CAP, CAP[::-1], HALF_CAP, HALF_CAP[::-1]])
def test_a_ring_that_may_go_either_way_round_the_earth_is_left_out_all_round_it(
    ring: list[list[float]],
) -> None:
    file = read_ring(ring)
    assert not file.zones
    (item,) = file.skipped
    assert "an edge spans 180 degrees of longitude or more" in item.reason
    south, north = min(at[1] for at in ring), max(at[1] for at in ring)
    assert item.bounds == model.LatLonBox(south, -180, north, 180)
    assert item.may_be_zone


def test_a_strip_across_the_antimeridian_is_read_and_its_box_is_a_strip() -> None:
    (zone,) = read_ring(STRIP).zones
    assert len(zone.shape) == 1
    beyond = [[longitude % 360, latitude] for longitude, latitude in STRIP]
    assert len(read_ring(beyond).zones) == 1
    (item,) = read_ring(STRIP, upper="high").skipped
    assert item.bounds == model.LatLonBox(10.0, 179.0, 11.0, -179.0)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_ring_round_a_pole_is_read(turn: int) -> None:
    ring = [[0.0, -80.0], [100.0, -75.0], [-160.0, -80.0], [-90.0, -78.0]]
    assert len(read_ring(ring[::turn]).zones) == 1


def test_a_ring_of_less_than_half_the_earth_is_read() -> None:
    ring = [[-89.0, 10.0], [90.0, 10.0], [90.0, 11.0], [-89.0, 11.0]]
    assert len(read_ring(ring).zones) == 1


@pytest.mark.parametrize(("ring", "zones"), [(BAND, 1), (BAND[::-1], 0), (STRIP[::-1], 1)])
def test_outer_rings_of_arcgis_turn_the_other_way(ring: list[list[float]], zones: int) -> None:
    """A band as ArcGIS draws it is clockwise; the same corners the other way are a strip."""
    file = read(
        {
            "spatialReference": {"wkid": 4326},
            "features": [{"attributes": {}, "geometry": {"rings": [[*ring, ring[0]]]}}],
        }
    )
    assert len(file.zones) == zones
    if not zones:
        assert [item.bounds for item in file.skipped] == [model.LatLonBox(10.0, -180, 11.0, 180)]


@pytest.mark.parametrize(
    "odd", [[1e308, 10.0], [10**400, 1.0], ["179", 10.0], [True, 1.0], {}, {"a": 1, "b": 2}, 5]
)
def test_a_ring_with_an_odd_position_is_left_out_and_refuses_no_file(odd: Any) -> None:
    ring = [[-1e308, 10.0], odd, *BAND[1:]]
    assert not read_ring(ring, name="odd").zones
    assert not read_ring([*BAND[:2], odd, *BAND[2:]], upper="high").zones
