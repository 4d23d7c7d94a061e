"""Who else was there, in all that an audit gives: the page, the report, the index, the exports."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from sample_logs.remote_id import STRANGER

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"


@pytest.fixture(scope="module")
def folder(sample_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the record of a flight and what a receiver recorded beside it."""
    folder = tmp_path_factory.mktemp("received")
    for path in (sample_logs / RECORD, sample_logs / "remote_id" / "receiver_ble.pcap"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "run"
    ended = CliRunner().invoke(app, ["audit", str(folder), "--out", str(out), "--jobs", "1"])
    assert ended.exit_code in (0, 1), ended.output
    return out


@pytest.fixture(scope="module")
def flights(out: Path) -> dict[bool, dict[str, Any]]:
    report = json.loads((out / "report.json").read_text("utf-8"))
    return {flight["received_only"]: flight for flight in report["flights"]}


def test_the_report_states_who_was_there(flights: dict[bool, dict[str, Any]]) -> None:
    (nearby,) = flights[False]["nearby_aircraft"]
    assert (nearby["identity"], nearby["flight_id"]) == (STRANGER, flights[True]["id"])
    assert nearby["distance_m"] == pytest.approx(306, abs=2)
    assert nearby["operator_latitude_deg"] == pytest.approx(50.6171)
    assert flights[True]["nearby_aircraft"] == []
    assert flights[True]["sources"][0]["received"] is True
    assert flights[False]["sources"][0]["received"] is False


def test_no_rule_passes_by_a_broadcast_alone(
    out: Path, flights: dict[bool, dict[str, Any]]
) -> None:
    report = json.loads((out / "report.json").read_text("utf-8"))
    outcomes = {
        row["rule"]: row["outcome"]
        for row in report["results"]
        if flights[True]["id"] in (row.get("flight"), row.get("flight_id"))
    }
    assert len(outcomes) > 20
    assert "pass" not in outcomes.values()


def test_the_pages_say_it(out: Path, flights: dict[bool, dict[str, Any]]) -> None:
    own = (out / flights[False]["page"]).read_text("utf-8")
    assert "Who else was there (1)" in own
    assert STRANGER in own
    alone = (out / flights[True]["page"]).read_text("utf-8")
    assert "the track is what it broadcast" in alone
    assert "Who else was there" not in alone
    index = (out / "index.html").read_text("utf-8")
    assert "1 other aircraft received near it" in index
    assert "as broadcast; no log of its own" in index


@pytest.mark.slow
@pytest.mark.parametrize("name", ["geojson", "kml"])
def test_the_exports_hold_it(name: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / f"flights.{name}"
    CliRunner().invoke(app, ["export", name, str(folder), "-o", str(path), "-j", "1"])
    text = path.read_text("utf-8")
    if name == "kml":
        assert "<name>Who else was there</name>" in text
        assert "the track is what it broadcast" in text
        return
    features = [feature["properties"] for feature in json.loads(text)["features"]]
    (nearby,) = [each for each in features if each["feature"] == "nearby_aircraft"]
    assert nearby["name"] == STRANGER
    (track,) = [each for each in features if each.get("received_only")]
    assert track["feature"] == "track"
