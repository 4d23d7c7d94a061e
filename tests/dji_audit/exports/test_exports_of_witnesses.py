"""Every export of what is no aircraft's own record: each fix, once, and who says so."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

import parsers
from dji_audit.compliance.audit import FlightAudit, audit_flight
from dji_audit.compliance.camera_poses_with_declared_cameras import camera_poses_over_terrain
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.declared_tracks import load_declared_tracks
from dji_audit.compliance.policy import load_policy
from dji_audit.exports import ExportedFlight, export_format_by_name, flight_for_export
from dji_audit.flights import assemble_flights
from sample_logs import tracks as written
from tests.conftest import ROOT
from tests.dji_audit.exports.conftest import BASIS

GPX = "{http://www.topografix.com/GPX/1/1}"
GX = "{http://www.google.com/kml/ext/2.2}"
#: Sample -> whether its path is what others received.
WITNESSES = {
    "remote_id/receiver_ble.pcap": True,
    "remote_id/receiver_remoteID_log.csv": True,
    "other_aircraft/helicopter.ts": False,
    "other_aircraft/helicopter.klv": False,
    "other_aircraft/cloud_api_messages.jsonl": False,
    "other_aircraft/gutma_export.gutma": False,
    "other_aircraft/parrot_freeflight.pud": False,
    "other_aircraft/dronedeploy.log": False,
}
#: Words by which each export says that there is no log of the aircraft.
RECEIVED_ONLY = {
    "geojson": '"received_only":true',
    "kml": "the track is what it broadcast",
    "kmz": "the track is what it broadcast",
    "gpx": "the track is what it broadcast",
    "csv-airdata": "this is what it broadcast",
}


@cache
def audited(name: str) -> FlightAudit:
    """Return the flight of a sample with what a policy of one rule finds."""
    (flight,) = assemble_flights(*parsers.read_file(ROOT / "sample_logs" / name).logs)
    policy = load_policy("default")
    return audit_flight(flight, policy, AuditContext())


@cache
def exported(name: str) -> ExportedFlight:
    audit, context = audited(name), AuditContext()
    zones = supplied_zones_then_fences_of_flight(audit.flight, context)
    return flight_for_export(audit, camera_poses_over_terrain(audit.flight, context), zones)


def document(flight: ExportedFlight, format_: str) -> bytes:
    known = export_format_by_name(format_)
    parts = known.flight_parts(flight)
    return b"".join(known.document([parts.__getitem__], BASIS))


def _geojson_points(data: bytes) -> int:
    features = json.loads(data)["features"]
    kinds = {"LineString": lambda it: len(it), "MultiLineString": lambda it: sum(map(len, it)),
             "MultiPoint": lambda it: len(it)}  # fmt: skip
    return sum(
        kinds[each["geometry"]["type"]](each["geometry"]["coordinates"])
        for each in features
        if each["properties"]["feature"] in ("track", "single_fixes") and each["geometry"]
    )


def _kml_points(data: bytes) -> int:
    return len(ElementTree.fromstring(data).findall(f".//{GX}coord"))


def _kmz_points(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _kml_points(archive.read("doc.kml"))


def _gpx_points(data: bytes) -> int:
    return len(ElementTree.fromstring(data).findall(f".//{GPX}trkpt"))


def _airdata_points(data: bytes) -> int:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return sum(bool(row["latitude"]) for row in rows)


#: Format -> how many fixes of a document another reader counts.
POINTS: dict[str, Callable[[bytes], int]] = {
    "geojson": _geojson_points,
    "kml": _kml_points,
    "kmz": _kmz_points,
    "gpx": _gpx_points,
    "csv-airdata": _airdata_points,
}


@pytest.mark.parametrize("format_", POINTS)
@pytest.mark.parametrize("name", WITNESSES)
def test_each_export_holds_each_fix_and_says_whose_word_it_is(name: str, format_: str) -> None:
    flight = audited(name).flight
    data = document(exported(name), format_)
    fixes = int(flight.track["latitude_deg"].notna().sum())
    assert fixes > 10
    assert POINTS[format_](data) == fixes
    if format_ == "kmz":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read("doc.kml")
    assert (RECEIVED_ONLY[format_] in data.decode()) == WITNESSES[name]


@pytest.mark.parametrize("name", WITNESSES)
def test_a_time_line_of_each_holds_its_events(name: str) -> None:
    flight = exported(name)
    told = [each for each in flight.events if each.time is not None]
    lines = [json.loads(line) for line in document(flight, "timeline-jsonl").splitlines()]
    messages = " ".join(line["message"] for line in lines)
    assert len(lines) >= len(told)
    assert all(each.text is None or each.text in messages for each in told)
    rows = list(csv.DictReader(io.StringIO(document(flight, "timeline-csv").decode("utf-8-sig"))))
    assert len(rows) == len(lines)


def test_a_track_that_nobody_declared_is_no_flight_to_export(sample_logs: Path) -> None:
    path = sample_logs / written.FOLDER / written.WATCH
    assert assemble_flights(*parsers.read_file(path).logs) == ()


@pytest.fixture(scope="module")
def beside_pilot(sample_logs: Path) -> ExportedFlight:
    """Return the export of a flight beside the track of its pilot."""
    (flight,) = assemble_flights(
        parsers.read(sample_logs / "May-14th-2026-10-01AM-Flight-Airdata.csv")
    )
    tracks = load_declared_tracks([sample_logs / written.FOLDER / written.WATCH], ["pilot"])
    context = AuditContext(tracks=tracks)
    audit = audit_flight(flight, load_policy("default"), context)
    return flight_for_export(audit, camera_poses_over_terrain(flight, context), ())


@pytest.mark.parametrize("format_", ["geojson", "kml", "gpx"])
def test_a_supplied_track_is_exported_apart_from_the_path(
    beside_pilot: ExportedFlight, format_: str
) -> None:
    (track,) = beside_pilot.supplied_tracks
    assert len(track.positions) > 50
    data = document(beside_pilot, format_)
    assert "Track of the pilot" in data.decode()
    if format_ == "geojson":
        (found,) = [
            each
            for each in json.loads(data)["features"]
            if each["properties"]["feature"] == "supplied_track"
        ]
        counted: Any = len(found["geometry"]["coordinates"])
        assert found["properties"]["owner"] == "pilot"
    elif format_ == "kml":
        root = ElementTree.fromstring(data)
        (folder,) = [
            each for each in root.iter("{http://www.opengis.net/kml/2.2}Folder")
            if each.findtext("{http://www.opengis.net/kml/2.2}name") == "Supplied tracks"
        ]  # fmt: skip
        counted = len(folder.findall(f".//{GX}coord"))
    else:
        tracks = ElementTree.fromstring(data).findall(f"{GPX}trk")
        assert [each.findtext(f"{GPX}type") for each in tracks] == ["track", "supplied track"]
        counted = len(tracks[1].findall(f".//{GPX}trkpt"))
    assert counted == len(track.positions)


@pytest.mark.parametrize("format_", ["kml", "gpx"])
def test_what_was_exported_is_recognised_and_is_nobodys_track(
    beside_pilot: ExportedFlight, format_: str
) -> None:
    content = parsers.Content(f"flights.{format_}", document(beside_pilot, format_))
    (log,) = parsers.read_content(content).logs
    assert (log.aircraft.app or "").startswith("dji-audit ")
    assert assemble_flights(log) == ()
