"""OpenAir: the spellings of national files, and what is wrong in one area costs no other."""

import datetime as dt

import pytest

import parsers
from dji_audit.zones import _model as model
from dji_audit.zones import lint_zone_file, read_zone_content
from tests.conftest import ROOT, required

CASES = ROOT.parent / "shared" / "cases"
OPENAIR = "AC R\nAN A\nAL GND\nAH 2000ft AMSL\n"
CIRCLE = "V X=51:00:00N 001:00:00W\nDC 2\n"
#: An area behind the one that is tried: it is always kept.
GOOD = "AC P\nAN GOOD\nAL SFC\nAH UNL\nV X=51:00:00N 001:00:00W\nDC 1\n"

AMSL, AGL, LEVEL = (
    model.VerticalDatum.AMSL,
    model.VerticalDatum.AGL,
    model.VerticalDatum.FLIGHT_LEVEL,
)
UNKNOWN = model.VerticalDatum.NOT_STATED


def read(text: str | bytes) -> model.ZoneFile:
    data = text.encode() if isinstance(text, str) else text
    return read_zone_content(parsers.Content("area.txt", data))


def read_area(records: str) -> model.Zone:
    """Return the zone of an area whose file holds another one too."""
    file = read(records + GOOD)
    assert not file.skipped
    area, good = file.zones
    assert good.name == "GOOD"
    return area


def left_out(records: str) -> str:
    """Return position and reason of an area that is left out of a file with another one."""
    file = read(records + GOOD)
    assert [zone.name for zone in file.zones] == ["GOOD"]
    (item,) = file.skipped_items_that_may_be_zones
    return f"{item.path}: {item.reason}"


# Limits


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("0", model.SURFACE),
        ("0ft", model.SURFACE),
        ("GND", model.SURFACE),
        ("SFC", model.SURFACE),
        ("Gnd", model.SURFACE),
        ("Ground", model.SURFACE),
        ("Surface", model.SURFACE),
        ("AGL", model.SURFACE),
        ("UNL", model.UNLIMITED),
        ("UNLIM", model.UNLIMITED),
        ("Unltd", model.UNLIMITED),
        ("unlimited", model.UNLIMITED),
        ("MSL", model.Limit(AMSL, 0, "ft")),
        ("0 MSL", model.Limit(AMSL, 0, "ft")),
        ("0 AGL", model.Limit(AGL, 0, "ft")),
        ("0 ft GND", model.Limit(AGL, 0, "ft")),
        ("5500", model.Limit(UNKNOWN, 5500, "ft")),
        ("5500 ft", model.Limit(UNKNOWN, 5500, "ft")),
        ("450m", model.Limit(UNKNOWN, 450, "m")),
        ("1,500ft", model.Limit(UNKNOWN, 1500, "ft")),
        ("1,500 ft AGL", model.Limit(AGL, 1500, "ft")),
        ("12 500ft MSL", model.Limit(AMSL, 12500, "ft")),
        ("1'500 m AMSL", model.Limit(AMSL, 1500, "m")),
        ("2 000\u2019 MSL", model.Limit(AMSL, 2000, "ft")),
        ("6000FT QNH", model.Limit(AMSL, 6000, "ft")),
        ("5000ft ALT", model.Limit(AMSL, 5000, "ft")),
        ("ALT 5000 ft", model.Limit(AMSL, 5000, "ft")),
        ("AMSL 1500ft", model.Limit(AMSL, 1500, "ft")),
        ("1607.611551ft AMSL", model.Limit(AMSL, 1607.611551, "ft")),
        ("1607.6ft AMSL", model.Limit(AMSL, 1607.6, "ft")),
        ("1607,6 ft AMSL", model.Limit(AMSL, 1607.6, "ft")),
        ("2500.ft MSL", model.Limit(AMSL, 2500, "ft")),
        ("2500ft (MSL)", model.Limit(AMSL, 2500, "ft")),
        ("2500 Feet amsl.", model.Limit(AMSL, 2500, "ft")),
        ("2500F AGL", model.Limit(AGL, 2500, "ft")),
        ("100 Agl", model.Limit(AGL, 100, "ft")),
        ("500 ASFC", model.Limit(AGL, 500, "ft")),
        ("100m GND", model.Limit(AGL, 100, "m")),
        ("300 metres AGL", model.Limit(AGL, 300, "m")),
        ("300 MTR AGL", model.Limit(AGL, 300, "m")),
        ("300m above ground", model.Limit(AGL, 300, "m")),
        ("-50ft AMSL", model.Limit(AMSL, -50, "ft")),
        ("800ft AAL", model.Limit(UNKNOWN, 800, "ft")),
        ("800ft QFE", model.Limit(UNKNOWN, 800, "ft")),
        ("FL95", model.Limit(LEVEL, 95, "FL")),
        ("FL 95", model.Limit(LEVEL, 95, "FL")),
        ("FL095", model.Limit(LEVEL, 95, "FL")),
        ("fl 65", model.Limit(LEVEL, 65, "FL")),
        ("95 FL", model.Limit(LEVEL, 95, "FL")),
        ("F095", model.Limit(LEVEL, 95, "FL")),
        ("FL195 STD", model.Limit(LEVEL, 195, "FL")),
        ("Flight Level 100", model.Limit(LEVEL, 100, "FL")),
        ("5000 STD", model.Limit(LEVEL, 50, "FL")),
        ("6500ft STD", model.Limit(LEVEL, 65, "FL")),
        ("3048m STD", model.Limit(LEVEL, 100, "FL")),
        ("BY NOTAM", model.NOT_STATED),
        ("by Notam", model.NOT_STATED),
        ("NOTAM", model.NOT_STATED),
        ("See NOTAM", model.NOT_STATED),
        ("As notified", model.NOT_STATED),
        ("UNKNOWN", model.NOT_STATED),
        ("?", model.NOT_STATED),
        ("", model.NOT_STATED),
        ("5500ft AMSL * of the pass", model.Limit(AMSL, 5500, "ft")),
        ("5500ft AMSL ; of the pass", model.Limit(AMSL, 5500, "ft")),
    ],
)
def test_a_limit_is_read_however_it_is_spelt(text: str, limit: model.Limit) -> None:
    assert read_area(f"AC R\nAN A\nAL {text}\nAH UNL\n{CIRCLE}").lower == limit
    assert read_area(f"AC R\nAN A\nAL GND\nAH {text}\n{CIRCLE}").upper == limit


@pytest.mark.parametrize(
    "text",
    [
        "high",
        "100m AGL/423m AMSL",
        "2000ft AGL or FL65",
        "2000 to 3000ft",
        "-20 m AGL",
        "FL",
        "FL 1000",
        "20 00ft AMSL",
        "1,50,0ft",
        "1e4 ft",
        "nanft AMSL",
        "1500furlong AMSL",
        "1500ft AMSL AGL",
        "\u0661\u0665\u0660\u0660ft AMSL",
        "9" * 400,
    ],
)
def test_what_is_no_limit_costs_its_area_and_is_named_with_its_line(text: str) -> None:
    told = left_out(f"AC R\nAN A\nAL GND\nAH {text}\n{CIRCLE}")
    assert told == f"line 4: expected a limit as in 2000ft AMSL, found {text[:40]!r}"


def test_two_limits_that_differ_are_none() -> None:
    told = left_out(f"{OPENAIR}AH 3000ft AMSL\n{CIRCLE}")
    assert told == "line 5: a second upper limit, 3000 ft AMSL, after 2000 ft AMSL"
    assert read_area(f"{OPENAIR}AH 2000ft AMSL\n{CIRCLE}").upper.value == 2000


# Points and angles

TARGET = (54 + 8 / 60 + 31 / 3600, -(105 + 1 / 60 + 17 / 3600))


@pytest.mark.parametrize(
    "text",
    [
        "54:08:31N 105:01:17W",
        "54:08:31 N 105:01:17 W",
        "54:08:31.N 105:01:17.W",
        "54:08:31.0N 105:01:17.00W",
        "54:08:31n105:01:17w",
        "54:08:31N, 105:01:17W",
        "54:8:31 N  105:1:17 W ; a comment",
        "54:08:31 N 105:01:17 W * a comment",
        "54:08.516667 N 105:01.283333 W",
        "54:08.51666666666666 N 105:01.28333333333333333333 W",
        "54.14194444N 105.02138889W",
        "54 08 31 N 105 01 17 W",
        "54°08'31\"N 105°01'17\"W",
        "54°08\u203231\u2033N 105°01\u203217\u2033W",
        "N54:08:31 W105:01:17",
        "N 54:08:31, W 105:01:17",
        "540831N 1050117W",
        "540831.0N 1050117.0W",
        "N540831.00 W1050117.00",
        "N 54 08 31 W 105 01 17",
        "54\u00b008'31\"N , 105\u00b001'17\"W",
    ],
)
def test_a_point_is_read_however_it_is_spelt(text: str) -> None:
    zone = read_area(f"{OPENAIR}DP {text}\nDP 54:09:00N 105:01:17W\nDP 54:08:31N 105:00:00W\n")
    (area,) = zone.shape
    assert isinstance(area, model.Polygon)
    assert area.outer.points[0] == pytest.approx(TARGET, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("54:25:00 N 010:75:00 E", "expected minutes of less than 60, found 75"),
        ("54:60:00 N 010:15:00 E", "expected minutes of less than 60, found 60"),
        ("54:25:99 N 010:45:00 E", "expected seconds of less than 60, found 99"),
        ("54:25:60.0 N 010:45:00 E", "expected seconds of less than 60, found 60"),
        ("54:75.5N 010:45.5E", "expected minutes of less than 60, found 75.5"),
        ("547500N 0104500E", "expected minutes of less than 60, found 75"),
        ("95:00:00 N 010:45:00 E", "expected an angle of at most 90 degrees N, found 95"),
        ("54:00:00 N 190:45:00 E", "expected an angle of at most 180 degrees E"),
        ("54:00:00 N", "expected a point"),
        ("54:00:00 N 010:45:00", "expected a point"),
        ("010:45:00 E 54:00:00 N", "expected a point"),
        ("54:00:00 N 53:00:00 N", "expected a point"),
        ("54:00:00 N 010:45:00 E 5", "expected a point"),
        ("54:xx:00 N 010:45:00 E", "expected a point"),
        ("54:00.5:00 N 010:45:00 E", "expected a point"),
        ("54:00:00:00 N 010:45:00 E", "expected a point"),
        ("54:00:00 N 010:45:00 E 55:00:00 N 010:45:00 E", "expected one point, found 2"),
        ("\u0665\u0664:00:00 N 010:45:00 E", "expected a point"),
        ("", "expected a point"),
        ("54:00:00 N 010:45:00 O", "expected a point"),
    ],
)
def test_what_is_no_point_costs_its_area_and_is_named_with_its_line(text: str, told: str) -> None:
    corners = "DP 54:25:00 N 010:40:00 E\n", "DP 54:27:00 N 010:50:00 E\n"
    assert left_out(f"{OPENAIR}{corners[0]}DP {text}\n{corners[1]}").startswith(f"line 6: {told}")


@pytest.mark.parametrize(
    "angles", ["5.0,277.9,359.83507529999997", "5, 277.9, 359.835", "5 277.9 359.835",
               "5.,277.90,359.835075299999970000", "5NM,277.9,359.835", "9.26km,277.9,-0.165"]
)  # fmt: skip
def test_an_arc_is_read_with_long_decimals(angles: str) -> None:
    zone = read_area(
        f"{OPENAIR}DP 29:58.917 N 081:59.533 W\nV X=29:53.067 N 081:59.133 W\nDA {angles}\n"
        "DP 29:58.917 N 081:59.533 W\n"
    )
    (area,) = zone.shape
    assert isinstance(area, model.Polygon)
    (arc,) = area.outer.arcs
    assert arc.radius_m == pytest.approx(9260)
    assert arc.clockwise


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ("DA 5,400,90", "line 6: expected an angle of 0 to 360 degrees, found '400'"),
        ("DA 5,x,90", "line 6: expected an angle"),
        ("DA 5,90", "line 6: expected radius and two angles"),
        ("DA 0,10,90", "line 6: expected a radius of more than 0 m"),
        ("DC 0", "line 6: expected a radius of more than 0 m"),
        ("DC two", "line 6: expected a number"),
        ("DC 2 furlong", "line 6: expected a number"),
        ("DC 99999", "line 6: expected a radius"),
        ("DB 51:05:00N 001:00:00W", "line 6: expected two points"),
        ("DB 51:05:00N 001:00:00W, 50:55:00N 001:75:00W", "line 6: expected minutes"),
        ("DX 51:05:00N 001:00:00W", "line 6: expected an OpenAir record, found 'DX 51"),
        ("V Q=4", "line 6: expected X=, D=+, D=- or W="),
        ("V D=left", "line 6: expected X=, D=+, D=- or W="),
        ("V X=nowhere", "line 6: expected a point"),
        ("ZZ 17", "line 6: expected an OpenAir record, found 'ZZ 17'"),
        ("Q@ FL95", "line 6: expected an OpenAir record, found 'Q@ FL95'"),
        ("XP 51:05:00N 001:00:00W", "line 6: expected an OpenAir record, found 'XP 51"),
        ("AP 51:05:00N", ""),
        ("AQ 51:05:00N 001:00:00W", "line 6: expected an OpenAir record, found 'AQ 51"),
        ("AN B", "line 6: a second name, 'B', without AC before it"),
    ],
)
def test_a_record_that_may_shape_an_area_costs_it_where_it_cannot_be_read(
    records: str, told: str
) -> None:
    area = f"{OPENAIR}DC 1\n".replace("DC 1", "V X=51:00:00N 001:00:00W") + f"{records}\nDC 1\n"
    if records.startswith("AN"):
        area = f"AC R\nAN A\nAL GND\nV X=51:00:00N 001:00:00W\nDC 1\n{records}\n"
    if told:
        assert left_out(area).startswith(told)
    else:
        assert read_area(area).shape


def test_a_circle_needs_a_centre_and_an_area_three_corners() -> None:
    assert left_out(f"{OPENAIR}DC 2\n") == "line 5: expected V X= before DC"
    two = "DP 54:25:00 N 010:40:00 E\nDP 54:25:00 N 010:50:00 E\n"
    assert left_out(OPENAIR + two) == "line 1: expected at least 3 corners, found 2"
    assert left_out(OPENAIR) == "line 1: an area without a shape"


# Records that do not concern areas, and lines that are none


@pytest.mark.parametrize(
    "line",
    [
        "AR 130.125 MHz",
        "AF 130.125",
        "AG Nordholz Radar",
        "AP 7",
        "AP 54:25:00 N 010:40:00 E",
        "AX 7000",
        "AT 54:25:00 N 010:40:00 E",
        "SP 0,1,0,0,255",
        "SB -1,-1,-1",
        "TO Terrain",
        "V Z=100",
        "* a comment",
        "; a comment",
        "# a comment",
        "",
        "   ",
    ],
)
def test_what_does_not_concern_areas_is_ignored_without_a_remark(line: str) -> None:
    file = read(f"{OPENAIR}{line}\n{CIRCLE}{GOOD}")
    assert (len(file.zones), file.skipped, file.remarks) == (2, (), ())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("AZ 12:34", "the record AZ is not known, and not used: 'AZ 12:34'"),
        ("follows the border", "not a record, and not used: 'follows the border'"),
        ("then the coast", "not a record, and not used: 'then the coast'"),
    ],
)
def test_what_is_not_known_and_cannot_shape_an_area_is_a_remark(line: str, told: str) -> None:
    file = read(f"{OPENAIR}{line}\n{CIRCLE}{GOOD}")
    assert len(file.zones) == 2
    assert [(remark.path, remark.text) for remark in file.remarks] == [("line 5", told)]
    assert any(told in remark.text for remark in lint_zone_file(file))


def test_pages_of_comments_may_stand_before_the_first_area() -> None:
    file = read("* " + "=" * 70 + "\n" + "* terms\n" * 5000 + GOOD)
    assert [zone.name for zone in file.zones] == ["GOOD"]


def test_records_before_the_first_area_are_left_out_where_they_would_be_one() -> None:
    file = read(f"SP 0,1\nAN LOST\nAL GND\n{CIRCLE}{GOOD}")
    assert [zone.name for zone in file.zones] == ["GOOD"]
    (item,) = file.skipped_items_that_may_be_zones
    assert (item.path, item.name, item.reason) == ("line 2", "LOST", "expected AC before AN")


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.lower().replace("good", "GOOD"),
        GOOD.replace(" ", "\t"),
        "\ufeff" + GOOD,
        "   \n\n* VERSION: 2.0\n\n" + GOOD.replace("\n", "  \n"),
        GOOD.replace("V X=", "V X = "),
    ],
)
def test_line_ends_blanks_and_case_do_not_matter(text: str) -> None:
    (zone,) = read(text).zones
    assert (zone.name, zone.limits_text) == ("GOOD", "SFC to UNL")
    assert zone.shape == (model.Circle((51.0, -1.0), 1852.0),)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("AN Ocaña TMA", "latin-1"),
        ("AN Ocaña \u2013 TMA", "cp1252"),
        ("AN Ocaña TMA", "utf-8"),
        ("AN Ocaña TMA", "utf-16"),
    ],
)
def test_a_name_in_another_encoding_costs_nothing(data: str, encoding: str) -> None:
    file = read(GOOD.replace("AN GOOD", data).encode(encoding))
    assert [zone.name for zone in file.zones] == [data.removeprefix("AN ")]
    assert len(file.remarks) == (encoding in ("latin-1", "cp1252"))


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    broken = OPENAIR.replace("AN A", "AN A\x0b\x0c\x1c\x85\u2028B") + "DC 2\n"
    assert left_out(broken) == "line 5: expected V X= before DC"


# Times


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-12-17T12:00Z/2024-12-17T13:00Z", (17, 12), (17, 13)),
        ("2024-12-17T00:00Z/2024-12-17T24:00Z", (17, 0), (18, 0)),
        ("2024-12-17T00:00Z / 2024-12-18T00:00Z", (17, 0), (18, 0)),
        ("2024-12-17T12:00:00Z/2024-12-17T13:00:00.5Z", (17, 12), (17, 13)),
        ("2024-12-17t12:00z/2024-12-17t13:00z", (17, 12), (17, 13)),
        ("2024-12-17T12:00/2024-12-17T13:00", (17, 12), (17, 13)),
        ("2024-12-17T13:00+01:00/2024-12-17T14:00+01:00", (17, 12), (17, 13)),
        ("20241217T1200Z/20241217T1300Z", (17, 12), (17, 13)),
        ("2024-12-17 12:00Z/2024-12-17 13:00Z", (17, 12), (17, 13)),
        ("2024-12-17/2024-12-17", (17, 0), (18, 0)),
        ("2024-12-17T12:00Z/NONE", (17, 12), None),
        ("none/2024-12-17T12:00Z", None, (17, 12)),
        ("2024-12-17T12:00Z/2024-12-17T13:00Z ; winter", (17, 12), (17, 13)),
    ],
)
def test_a_time_of_activity_is_read_however_it_is_spelt(
    text: str, start: tuple[int, int] | None, end: tuple[int, int] | None
) -> None:
    (period,) = read_area(f"{OPENAIR}AA {text}\n{CIRCLE}").schedule
    for instant, expected in ((period.start, start), (period.end, end)):
        if expected is None:
            assert instant is None
        else:
            assert instant is not None
            told = dt.datetime(2024, 12, *expected, tzinfo=dt.UTC)
            assert abs(instant - told) < dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-12-17T12:00Z",
        "soon/later",
        "2024-12-17T12:60Z/2024-12-17T13:00Z",
        "2024-12-17T25:00Z/2024-12-18T13:00Z",
        "2024-13-17T12:00Z/2024-12-17T13:00Z",
        "2024-02-30T12:00Z/2024-12-17T13:00Z",
        "12:00/13:00",
        "9999-12-31T12:00Z/9999-12-31T24:00Z",
        "2024-12-17T12:00Z/",
        "/",
    ],
)
def test_what_is_no_time_costs_its_area_and_is_named_with_its_line(text: str) -> None:
    assert left_out(f"{OPENAIR}AA {text}\n{CIRCLE}").startswith("line 5: expected ")


@pytest.mark.parametrize("text", ["NONE", "none", "", "BY NOTAM", "NOTAM", "NONE\nAA H24"])
def test_times_that_are_published_elsewhere_never_make_an_area_inactive(text: str) -> None:
    zone = read_area(f"{OPENAIR}AA {text}\n{CIRCLE}")
    assert (zone.schedule, zone.schedule_stated) == ((), False)
    assert "published elsewhere" in zone.remarks


def test_none_to_none_states_no_time_and_lint_says_so() -> None:
    file = read(f"{OPENAIR}AA NONE/NONE\n{CIRCLE}")
    (zone,) = file.zones
    assert (zone.schedule, zone.schedule_stated) == ((), False)
    assert zone.remarks == "AA NONE/NONE states no time"
    assert any("treated as always active" in remark.text for remark in lint_zone_file(file))


def test_always_is_always_and_stated() -> None:
    zone = read_area(f"{OPENAIR}AA H24\n{CIRCLE}")
    assert (zone.schedule, zone.schedule_stated) == ((), True)


# What an area says


def test_openair_draws_arcs_circles_and_airways() -> None:
    text = (
        OPENAIR + "V X=51:00:00N 001:00:00W\nV D=-\nDB 51:05:00N 001:00:00W, 50:55:00N 001:00:00W\n"
        "AC Q\nAN B\nAH FL65\nAL 1500ft AGL\nV X=51:30.5N 001:00:00W\nDC 2\n"
        "AC E\nAN C\nV W=4\nDY 51:00:00N 001:00:00W\nDY 52:00:00N 001:00:00W\n"
        "AC D\nAN D\nV X=51:00:00N 001:00:00W\nDA 5,270,90\nDP 50:50:00N 001:00:00W\n"
    )
    arc, circle, airway, mixed = read(text).zones
    (bend,) = arc.shape[0].outer.arcs  # type: ignore[union-attr]
    assert not bend.clockwise
    assert bend.radius_m == pytest.approx(5 * 1852, rel=0.002)
    assert circle.shape == (model.Circle((51 + 30.5 / 60, -1), 3704),)
    assert airway.shape == (model.Corridor(((51, -1), (52, -1)), 3704),)
    assert mixed.shape[0].outer.arcs[0].clockwise  # type: ignore[union-attr]


def test_the_first_fault_of_an_area_is_told_and_the_others_counted() -> None:
    told = left_out(f"{OPENAIR}DP 54:25:00 N 010:75:00 E\nDP 54:27:99 N 010:45:00 E\nAH high\n")
    assert told == (
        "line 5: expected minutes of less than 60, found 75 in '54:25:00 N 010:75:00 E'; 2 more "
        "of its records too, the next in line 6"
    )


def test_where_a_left_out_area_lies_is_known_from_what_could_be_read() -> None:
    corners = "DP 54:25:00 N 010:40:00 E\nDP {} E\nDP 54:27:00 N 010:45:00 E\n"
    (item,) = read(
        OPENAIR + corners.format("54:25:00 N 010:75:00") + GOOD
    ).skipped_items_that_may_be_zones
    assert item.bounds is not None
    # 75 minutes may have been meant as they stand.
    assert item.bounds.east_deg == pytest.approx(11.25)
    (item,) = read(OPENAIR + corners.format("somewhere") + GOOD).skipped_items_that_may_be_zones
    assert item.bounds is not None
    # The lost corner may lie on any side.
    assert item.bounds.south_deg < 54.36
    assert item.bounds.north_deg > 54.5
    # How far a circle reaches whose radius is lost is not known.
    (item,) = read(
        f"{OPENAIR}V X=51:00:00N 001:00:00W\nDC wide\n{GOOD}"
    ).skipped_items_that_may_be_zones
    assert item.bounds is None


# Cases


def case(name: str) -> model.ZoneFile:
    folder = CASES / name
    required(f"the case {name}", folder.is_dir())
    (path,) = folder.iterdir()
    return read(path.read_bytes())


@pytest.mark.parametrize(
    "name",
    [
        "mav_openair_semicolon",
        "mav_openair_trailing_dot",
        "mav_openair_latin1",
        "mav_openair_long_angle",
        "mav_openair_decimal_limit",
        "mav_openair_aa_backwards",
    ],
)
def test_the_cases_of_public_habits_are_read(name: str) -> None:
    file = case(name)
    assert (len(file.zones), file.skipped) == (1, ())


def test_the_case_of_75_minutes_is_left_out_with_its_line() -> None:
    file = case("mav_openair_minutes75")
    assert not file.zones
    assert [(item.name, item.path) for item in file.skipped_items_that_may_be_zones] == [
        ("BADMIN", "line 6")
    ]


def test_the_case_of_another_program_keeps_its_26_areas() -> None:
    file = case("peer_openair_xcsoar")
    assert (len(file.zones), file.skipped, file.remarks) == (26, (), ())


def test_the_real_case_of_latin_1_has_its_name() -> None:
    assert case("mav_openair_latin1").zones[0].name == "Ocaña TMA"
