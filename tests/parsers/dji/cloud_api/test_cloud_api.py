"""Messages of the Cloud API: every OSD message is read, in JSON lines and in a program's print."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import parsers
from dji_audit.compliance.outcomes import Outcome
from sample_logs import dji_cloud
from tests.dji_audit.compliance.one_rule import apply_rule

SAMPLE = f"{dji_cloud.FOLDER}/{dji_cloud.NAME}"


@pytest.fixture
def sample(sample_logs: Path) -> Path:
    return sample_logs / SAMPLE


def _written(tmp_path: Path, text: str) -> parsers.FileReading:
    path = tmp_path / "messages.txt"
    path.write_text(text, "utf-8")
    return parsers.read_file(path)


def _objects_of_print(text: str) -> list[dict[str, Any]]:
    """Return the dictionaries of a print, found by trying where each ends."""
    objects: list[dict[str, Any]] = []
    lines: list[str] = []
    for line in text.splitlines():
        if not lines and not line.startswith("{"):
            continue
        lines.append(line)
        try:
            objects.append(ast.literal_eval("\n".join(lines)))
        except SyntaxError:
            continue
        lines = []
    return objects


def test_every_osd_message_of_the_real_print_is_read(samples: Path) -> None:
    path = samples / "dji_cloud" / "DroneTestData.txt"
    objects = _objects_of_print(path.read_text("utf-8"))
    flown = [each for each in objects if "mode_code" in each]
    controller = [each for each in objects if "mode_code" not in each]
    log = parsers.read(path)

    # The print begins within a message, of which longitude and heights are left.
    assert len(log.track) == len(flown) + 1 == 10
    by_offset = log.track.sort_values("source_offset")
    assert by_offset["height_ato_m"].tolist()[1:] == [each["elevation"] for each in flown]
    assert set(log.track["longitude_deg"].dropna()) >= {each["longitude"] for each in flown}
    assert len([one for one in log.named_positions if one.kind == "controller"]) == len(controller)
    assert log.aircraft.serial == "1581F5BKD225S00B03Q3"
    assert log.aircraft.controller_serial == "4LF3MAA002R01Z"
    kinds = log.events.set_index("kind")["text"]
    assert kinds["lights"] == "night lights off"
    assert "height limit 30 m" in set(kinds["limit.config"])
    # "Forced landing" of the last half metre of an ordinary landing is no fail-safe.
    assert "failsafe" not in set(log.events["kind"])
    assert log.local_times is not None and log.local_times.kind == "elapsed"
    assert [issue.reason for issue in log.issues] == ["the first message has lost its beginning"]


def test_json_lines_are_read_with_their_times_lights_limits_and_recordings(sample: Path) -> None:
    log = parsers.read(sample)
    assert len(log.track) == dji_cloud.COUNT
    assert log.track["time"].is_monotonic_increasing
    assert log.track["time"].iloc[0].value == (dji_cloud.START_MS + 40) * 1_000_000
    lights = log.events[log.events["kind"] == "lights"]
    assert lights["value"].tolist() == [1.0, 0.0]
    near = log.events[log.events["kind"] == "limit.height"].iloc[0]
    assert (near["end"] - near["time"]).total_seconds() == 2 * (len(dji_cloud.NEAR_LIMIT) - 1)
    videos = log.captures[log.captures["kind"] == "video"]
    assert videos["sensor"].tolist() == ["thermal"]
    lasted = (videos["end"] - videos["start"]).dt.total_seconds().tolist()
    assert lasted == [2.0 * len(dji_cloud.RECORDING)]
    assert sorted(log.captures[log.captures["kind"] == "photo"]["sensor"]) == ["thermal", "visible"]
    assert not log.issues
    assert set(log.coverage_sizes) == {"records"}


def test_each_aircraft_is_a_log_of_its_own(sample: Path, tmp_path: Path) -> None:
    other = sample.read_text("utf-8").replace(dji_cloud.AIRCRAFT, "SYNTHETIC0000099")
    reading = _written(tmp_path, sample.read_text("utf-8") + other)
    assert {log.aircraft.serial for log in reading.logs} == {
        dji_cloud.AIRCRAFT,
        "SYNTHETIC0000099",
    }
    assert [len(log.track) for log in reading.logs] == [dji_cloud.COUNT] * 2


@pytest.mark.parametrize("form", ["topic before", "indented", "text in payload", "no topic"])
def test_other_ways_to_write_a_message_are_read(sample: Path, tmp_path: Path, form: str) -> None:
    written = []
    for each in map(json.loads, sample.read_text("utf-8").splitlines()):
        if form == "topic before":
            written.append(f"{each['topic']} {json.dumps(each['payload'])}")
        elif form == "indented":
            written.append(json.dumps(each, indent=2))
        elif form == "text in payload":
            written.append(json.dumps(each | {"payload": json.dumps(each["payload"])}))
        else:
            written.append(json.dumps(each["payload"]))
    (log,) = _written(tmp_path, "\n".join(written) + "\n").logs
    assert len(log.track) == dji_cloud.COUNT
    assert log.track["time"].notna().all()


def test_a_damaged_message_is_an_issue_at_its_place(sample: Path, tmp_path: Path) -> None:
    lines = sample.read_text("utf-8").splitlines(keepends=True)
    begin = sum(map(len, lines[:10]))
    lines[10] = lines[10].replace('"payload":{', '"payload":{{')
    (log,) = _written(tmp_path, "".join(lines)).logs
    (issue,) = log.issues
    assert (issue.offset, issue.reason) == (begin, "a message that cannot be read")


@pytest.mark.parametrize(
    "body",
    ["{" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, "{'a': (" * 2000, '{"timestamp": 1e999}'],
)
def test_hostile_messages_cost_themselves_only(sample: Path, tmp_path: Path, body: str) -> None:
    text = sample.read_text("utf-8")
    topic = "thing/product/SYNTHETIC0000042/osd "
    (log,) = _written(tmp_path, text + topic + body + "\n" + text).logs
    assert len(log.track) == 2 * dji_cloud.COUNT


def test_lights_that_are_off_at_night_take_the_pass_away(sample: Path) -> None:
    result = apply_rule(parsers.read(sample), "night_flight")
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "night lights off for 40 s in the dark" in result.reason


def test_the_flag_near_an_area_reaches_the_rule_of_zones(sample: Path, tmp_path: Path) -> None:
    text = sample.read_text("utf-8").replace('"is_near_area_limit":0', '"is_near_area_limit":1', 30)
    (log,) = _written(tmp_path, text).logs
    result = apply_rule(log, "geofence_event")
    assert result.outcome is Outcome.FAIL
    assert "Near the limit of an area" in result.findings[0].summary
