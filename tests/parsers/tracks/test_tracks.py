"""GPX and KML: every point at its byte, with its time; an independent count by ElementTree."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree

import parsers
from sample_logs import tracks as written

GPX, KML = written.WATCH, written.PHONE
NAMESPACES = {"g": "http://www.topografix.com/GPX/1/1", "k": "http://www.google.com/kml/ext/2.2"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _read(text: str | bytes, name: str = "a.gpx") -> parsers.Log:
    data = text.encode() if isinstance(text, str) else text
    content = parsers.Content(name, data)
    reading = parsers.read_content(content)
    if reading.account.error is not None:
        raise reading.account.error
    return reading.logs[0]


def _point(more: str = "", latitude: str = "51.5", longitude: str = "-0.1") -> str:
    return f'<trkpt lat="{latitude}" lon="{longitude}">{more}</trkpt>'


def _gpx(*points: str, version: str = "1.1", root: str = "") -> str:
    inside = "".join(points)
    return f'{HEAD}<gpx version="{version}" {root}><trk><trkseg>{inside}</trkseg></trk></gpx>'


def _kml(inside: str) -> str:
    return f'{HEAD}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


def _track(whens: list[str], coordinates: list[str], more: str = "") -> str:
    times = "".join(f"<when>{each}</when>" for each in whens)
    places = "".join(f"<gx:coord>{each}</gx:coord>" for each in coordinates)
    return _kml(f"<Placemark><gx:Track>{times}{places}{more}</gx:Track></Placemark>").replace(
        "<kml ", '<kml xmlns:gx="http://www.google.com/kml/ext/2.2" '
    )


# Every point


def test_each_point_of_gpx_is_read_where_another_parser_counts_it(sample_logs: Path) -> None:
    path = sample_logs / written.FOLDER / GPX
    log, data = parsers.read(path), path.read_bytes()
    points = ElementTree.fromstring(data).findall(".//g:trkpt", NAMESPACES)
    assert len(points) == len(log.track) == written.COUNT
    assert log.track["latitude_deg"].tolist() == [float(each.get("lat", "")) for each in points]
    assert log.track["longitude_deg"].tolist() == [float(each.get("lon", "")) for each in points]
    times = [each.findtext("g:time", "", NAMESPACES) for each in points]
    assert log.track["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist() == times
    for offset in log.track["source_offset"].tolist():
        assert data[offset : offset + 6] == b"<trkpt"
    hdop = [float(each.findtext("g:hdop", "", NAMESPACES)) for each in points]
    assert log.records("Track point")["hdop"].tolist() == hdop
    assert log.source.format_version == "1.1"
    assert log.aircraft.app == "Example Watch"
    assert not log.issues


def test_each_point_of_kml_is_read_with_its_time_and_error(sample_logs: Path) -> None:
    path = sample_logs / written.FOLDER / KML
    log, data = parsers.read(path), path.read_bytes()
    places = ElementTree.fromstring(data).findall(".//k:coord", NAMESPACES)
    expected = [tuple(map(float, (each.text or "").split()[:2])) for each in places]
    found = log.track[["longitude_deg", "latitude_deg"]].itertuples(index=False, name=None)
    assert list(found) == expected
    assert len(log.track) == written.COUNT
    assert log.track["time"].is_monotonic_increasing
    assert set(log.track["horizontal_error_m"]) == {written.ACCURACY_M}
    for offset in log.track["source_offset"].tolist():
        assert data[offset : offset + 10] == b"<gx:coord>"
    assert not log.issues


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_speed_course_and_satellites_of_both_versions(version: str) -> None:
    inside = (
        "<time>2026-05-14T09:00:00.250Z</time><speed>1.5</speed><course>90</course><sat>8</sat>"
    )
    if version == "1.1":
        inside = inside.replace("<speed>1.5<", "<extensions><x:a><x:speed>1.5<")
        inside = inside.replace("1.5</", "1.5</x:")
        inside = inside.replace("</course>", "</course></x:a></extensions>")
    row = _read(_gpx(_point(inside), version=version)).track.iloc[0]
    assert (row["ground_speed_mps"], row["course_deg"], row["satellites"]) == (1.5, 90, 8)
    assert row["time"] == pd.Timestamp("2026-05-14T09:00:00.250Z")


def test_an_elevation_is_no_height_above_the_sea() -> None:
    log = _read(_gpx(_point("<ele>120</ele><time>2026-05-14T09:00:00Z</time>")))
    assert log.track["altitude_amsl_m"].isna().all()
    assert log.records("Track point")["elevation_m"].tolist() == [120.0]


def test_marks_and_plans_are_records_and_no_part_of_the_track() -> None:
    mark = '<wpt lat="1" lon="2"><name>Car</name></wpt>'
    log = _read(_gpx(_point()).replace("<trk>", f"{mark}<trk>", 1))
    assert len(log.track) == 1
    assert log.records("Waypoint")["name"].tolist() == ["Car"]
    with pytest.raises(parsers.FileContainsNoLogError, match="waypoints or routes"):
        _read(f"<gx:gpx>{mark}</gx:gpx>".replace("gx:", ""))


def test_a_point_without_a_fix_has_no_position() -> None:
    log = _read(_gpx(_point("<fix>none</fix>"), _point("<fix>3d</fix>")))
    assert log.track["latitude_deg"].isna().tolist() == [True, False]
    assert log.track["fix_ok"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("91", "0.1"), ("51", "181"), ("0", "0"), ("x", "1"), ("", "")]
)
def test_a_position_that_is_none_is_missing_and_never_clipped(
    latitude: str, longitude: str
) -> None:
    log = _read(_gpx(_point(latitude=latitude, longitude=longitude), _point()))
    assert log.track["latitude_deg"].isna().sum() == 1
    assert len(log.track) == 2


# Times


def test_gpx_without_a_zone_is_utc_and_says_so() -> None:
    log = _read(_gpx(_point("<time>2026-05-14T09:00:00</time>")))
    assert log.track["time"].iloc[0] == pd.Timestamp("2026-05-14T09:00:00Z")
    assert [each.reason for each in log.issues] == [
        "1 times state no zone: they are read as UTC, as the format has it"
    ]


def test_an_offset_from_utc_is_taken_off() -> None:
    log = _read(_gpx(_point("<time>2026-05-14T10:00:00+01:00</time>")))
    assert log.track["time"].iloc[0] == pd.Timestamp("2026-05-14T09:00:00Z")


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-05-14", "2026-13-40T10:00:00Z", "0001-01-01T00:00:00Z"]
)
def test_what_is_no_time_leaves_the_point_without_one_and_is_named(text: str) -> None:
    log = _read(_gpx(_point(f"<time>{text}</time>")))
    assert log.track["time"].isna().all()
    assert any("is not a time" in each.reason for each in log.issues)


def test_kml_without_a_zone_is_a_local_time_that_a_person_may_declare() -> None:
    text = _track(["2026-05-14T10:00:00"], ["-0.1 51.5 0"])
    log = _read(text, "a.kml")
    assert log.track["time"].isna().all()
    assert log.clock.unstated == "zone"
    assert log.local_times is not None and log.local_times.kind == "wall"
    clock = parsers.parse_declared_clock("a.kml=2026-05-14T10:00:00+01:00")
    content = parsers.Content("a.kml", text.encode(), declared_clocks=(clock,))
    declared = parsers.read_content(content).logs[0]
    assert declared.track["time"].iloc[0] == pd.Timestamp("2026-05-14T09:00:00Z")


def test_times_and_places_of_different_number_are_not_paired() -> None:
    log = _read(_track(["2026-05-14T10:00:00Z"], ["-0.1 51.5", "-0.2 51.6"]), "a.kml")
    assert log.track["time"].isna().all()
    assert log.track["latitude_deg"].tolist() == [51.5, 51.6]
    assert any("which belong together is not known" in each.reason for each in log.issues)


def test_a_span_says_that_the_device_was_there_when_it_began_and_when_it_ended() -> None:
    span = "<TimeSpan><begin>2026-05-14T09:00:00Z</begin><end>2026-05-14T09:10:00Z</end></TimeSpan>"
    place = "<Point><coordinates>-0.1,51.5,3</coordinates></Point>"
    log = _read(_kml(f"<Placemark>{span}{place}</Placemark>"), "a.kml")
    assert log.track["time"].dt.minute.tolist() == [0, 10]
    assert log.track["latitude_deg"].tolist() == [51.5, 51.5]


def test_a_line_has_no_times_even_with_a_span() -> None:
    line = "<LineString><coordinates>-0.1,51.5,0 -0.2,51.6,0</coordinates></LineString>"
    span = "<TimeSpan><begin>2026-05-14T09:00:00Z</begin></TimeSpan>"
    log = _read(_kml(f"<Placemark>{span}{line}</Placemark>"), "a.kml")
    assert log.track["time"].isna().all()
    assert log.track["latitude_deg"].tolist() == [51.5, 51.6]
    assert any("when the device was at which" in each.reason for each in log.issues)


def test_areas_are_zones_and_no_track(sample_logs: Path) -> None:
    zones = parsers.open_content(sample_logs / "zones" / "airspace.kml")
    assert not parsers.claiming_formats(zones)


def test_kmz_is_kml_in_an_archive() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("doc.kml", _track(["2026-05-14T10:00:00Z"], ["-0.1 51.5 0"]))
    reading = parsers.read_content(parsers.Content("a.kmz", stream.getvalue()))
    (log,) = reading.logs
    assert (log.source.format, log.source.member) == ("kml", "doc.kml")
    assert log.track["latitude_deg"].tolist() == [51.5]


def test_another_encoding_is_read_as_it_says() -> None:
    text = _gpx(_point("<time>2026-05-14T09:00:00Z</time><name>Düne</name>"))
    for encoding in ("utf-16", "iso-8859-1"):
        log = _read(text.replace("UTF-8", encoding).encode(encoding))
        assert log.records("Track point")["name"].tolist() == ["Düne"]


def test_a_track_is_of_no_flight() -> None:
    known = {it.name: it for it in parsers.formats()}
    assert known["gpx"].states_no_owner and known["kml"].states_no_owner
    log = _read(_gpx(_point("<time>2026-05-14T09:00:00Z</time>")))
    assert set(log.facts) == {"clock_utc"}
    assert log.airborne is None or not log.airborne.spans


# Hostile and damaged files

BOMB = (
    '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<gpx><trk><name>&b;</name></trk></gpx>"
)
EXTERNAL = '<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx><trk></trk></gpx>'
OTHER_FILE = '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><name>&x;</name></gpx>'


@pytest.mark.parametrize("text", [BOMB, EXTERNAL, OTHER_FILE])
def test_a_document_type_is_refused_with_its_byte(text: str) -> None:
    content = parsers.Content("a.gpx", text.encode())
    error = parsers.read_content(content).account.error
    assert isinstance(error, parsers.CorruptLogError)
    assert error.offset == 0
    assert "document type" in str(error)


def test_elements_within_elements_are_bounded() -> None:
    deep = "<a>" * 5000 + "</a>" * 5000
    log = _read(_gpx(_point(), f"<extensions>{deep}</extensions>", _point(latitude="52")))
    assert log.track["latitude_deg"].tolist() == [51.5, 52.0]
    assert any("within more than 100 elements" in each.reason for each in log.issues)


def test_a_tag_without_end_costs_no_more_than_its_bytes() -> None:
    log = _read(_gpx(_point(), f'<a b="{"x" * 3_000_000}"/>', _point(latitude="52")))
    assert log.track["latitude_deg"].tolist() == [51.5, 52.0]
    assert any("a tag of more than" in each.reason for each in log.issues)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsers.tracks._damage_tolerant_xml.MAX_BYTES", 200)
    with pytest.raises(parsers.CorruptLogError, match="at most 200 bytes"):
        _read(_gpx(*[_point()] * 10))


def test_too_many_points_are_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsers.tracks.gpx.MOST_POINTS", 3)
    log = _read(_gpx(*[_point()] * 10))
    assert len(log.track) == 3
    assert any("more than 3 points" in each.reason for each in log.issues)


def test_damage_costs_the_point_that_it_hits_and_no_more() -> None:
    points = [_point(f"<time>2026-05-14T09:00:{n:02d}Z</time>", f"51.{n:02d}") for n in range(10)]
    whole = _gpx(*points)
    at = whole.index("51.04")
    damaged = (whole[:at] + "\0\0<" + whole[at + 3 :]).encode()
    log = _read(damaged)
    assert log.track["time"].dt.second.tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    (gap,) = [each for each in log.issues if each.size]
    assert damaged[gap.offset : gap.offset + 6] == b"<trkpt"
    assert gap.offset + gap.size == damaged.index(b"<trkpt", gap.offset + 1)


def test_what_an_element_said_is_not_taken_for_the_next_one() -> None:
    lost = '<trkpt lat="51.1" lon="1"><hdop>9.9</hdop><time>2026-05-14T09:00:01Z</time><<'
    log = _read(_gpx(_point(), lost, _point(latitude="52")))
    assert log.track["latitude_deg"].tolist() == [51.5, 52.0]
    assert log.records("Track point")["hdop"].isna().all()
    assert log.track["time"].isna().all()


def test_a_file_cut_anywhere_gives_the_points_before_the_cut() -> None:
    points = [_point(f"<time>2026-05-14T09:00:0{n}Z</time>") for n in range(3)]
    whole = _gpx(*points).encode()
    for cut in range(0, len(whole), 3):
        content = parsers.Content("a.gpx", whole[:cut])
        if not parsers.claiming_formats(content):
            continue
        reading = parsers.read_content(content)
        count = whole[:cut].count(b"</trkpt>")
        rows = len(reading.logs[0].track) if reading.logs else 0
        assert rows == count
        if reading.logs:
            assert reading.logs[0].is_truncated


def test_a_track_of_kml_that_is_cut_keeps_the_places_whose_times_are_known() -> None:
    whens = [f"2026-05-14T10:00:0{n}Z" for n in range(5)]
    whole = _track(whens, [f"-0.1 51.{n} 0" for n in range(5)])
    log = _read(whole[: whole.index("51.3")], "a.kml")
    assert log.track["time"].dt.second.tolist() == [0, 1, 2]
    assert log.is_truncated


def test_many_damaged_places_do_not_cost_more_than_their_bytes() -> None:
    points = [_point(latitude=f"51.{n % 1000:03d}") + "<<" for n in range(3000)]
    log = _read(_gpx(*points))
    assert 1000 <= len(log.track) < 3000
    np.testing.assert_array_less(0, [each.size for each in log.issues if "no XML" in each.reason])
