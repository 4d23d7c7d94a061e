"""The real captures of Remote ID: nothing lost, nothing invented, damage refused.

What they hold is counted by ``tests.remote_id_captures``, which shares no code with the readers.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from tests.conftest import SAMPLES, required
from tests.remote_id_captures import LOCATION, SYSTEM, Message, all_messages

FOLDER = SAMPLES / "remote_id"
NAMES = (
    "parrot_anafi4_real.pcapng",
    "odid_wifi_bcn_sample.pcap",
    "odid_wifi_sample.pcap",
    "odid_bt5_lr_sample.pcapng",
)
BLUETOOTH = NAMES[3]
#: Nordic's header: bit 0 says whether the checksum of the radio fits.
NORDIC_FLAGS = 8


def capture(name: str) -> Path:
    path = FOLDER / name
    required(f"the capture {name!r}", path.is_file())
    return path


def broadcast_logs(path: Path) -> list[Log]:
    reading = parsers.read_file(path)
    return [log for log in reading.logs if log.source.format == "remote-id-broadcast"]


def is_damaged(message: Message) -> bool:
    return message.packet.link == 272 and not message.packet.data[NORDIC_FLAGS] & 1


def rounded(latitude: float, longitude: float) -> tuple[float, float]:
    return round(latitude, 7), round(longitude, 7)


@pytest.mark.parametrize("name", NAMES)
def test_every_location_is_read_at_its_byte_and_none_is_invented(name: str) -> None:
    counted = [each for each in all_messages(capture(name)) if each.kind == LOCATION]
    logs = broadcast_logs(capture(name))
    read = pd.concat([log.records("Location") for log in logs]).sort_values("offset")
    assert read["offset"].tolist() == [each.offset for each in counted]
    track = pd.concat([log.track for log in logs]).sort_values("source_offset")
    expected = [
        (each.offset, rounded(*each.position), each.packet.time_ns)
        for each in counted
        if each.position is not None and not is_damaged(each)
    ]
    told = [
        (int(offset), rounded(latitude, longitude), int(time.value))
        for offset, latitude, longitude, time in zip(
            track["source_offset"], track["latitude_deg"], track["longitude_deg"], track["time"],
            strict=True,
        )
    ]  # fmt: skip
    assert told == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_position_of_the_operator_is_read(name: str) -> None:
    counted = [
        (each.offset, rounded(*each.position))
        for each in all_messages(capture(name))
        if each.kind == SYSTEM and each.position is not None and not is_damaged(each)
    ]
    told = [
        (place.source_offset, rounded(place.latitude_deg, place.longitude_deg))
        for log in broadcast_logs(capture(name))
        for place in log.named_positions
    ]
    assert sorted(told) == counted


def test_the_counts_are_those_of_the_page_of_facts() -> None:
    parrot = broadcast_logs(capture(NAMES[0]))[0]
    assert (len(parrot.track), len(parrot.named_positions)) == (1140, 385)
    assert parrot.aircraft.serial == "1588E040445AC004418"
    beacon = broadcast_logs(capture(NAMES[1]))[0]
    assert len(beacon.track) == 21
    assert "operator id: GBR-OP-123ABCD" in set(beacon.events["text"])
    assert len(broadcast_logs(capture(BLUETOOTH))[0].records("Location")) == 245


def test_the_six_damaged_positions_are_refused_with_their_bytes() -> None:
    damaged = [
        each
        for each in all_messages(capture(BLUETOOTH))
        if each.kind == LOCATION and each.position is not None
    ]
    assert len(damaged) == 6
    (log,) = broadcast_logs(capture(BLUETOOTH))
    assert not len(log.track)
    refused = {
        issue.offset: issue
        for issue in log.issues
        if issue.reason.startswith("refused: the position")
    }
    assert set(refused) == {each.offset for each in damaged}
    for each in damaged:
        assert each.position is not None
        assert f"{each.position[0]:.7f}, {each.position[1]:.7f}" in refused[each.offset].reason
        assert refused[each.offset].size == 25


def test_an_identity_in_a_damaged_frame_is_refused_and_makes_no_aircraft() -> None:
    (log,) = broadcast_logs(capture(BLUETOOTH))
    assert log.aircraft.serial == "SSEVTFG93700070"
    assert any("SSEVPFo93700070" in issue.reason for issue in log.issues)


def test_offsets_are_those_of_the_capture_and_its_bytes_are_accounted_for() -> None:
    path = capture(NAMES[0])
    reading = parsers.read_file(path)
    data = path.read_bytes()
    (log,) = broadcast_logs(path)
    assert (log.source.size, log.source.sha256) == (len(data), reading.account.sha256)
    latitude = np.frombuffer(data[int(log.track["source_offset"][7]) + 5 :][:4], "<i4")[0]
    assert latitude / 1e7 == pytest.approx(log.track["latitude_deg"][7], abs=1e-9)
    assert sum(span.size for span in log.coverage) == len(data)
    held = log.coverage_sizes["records"]
    assert reading.account.coverage_sizes["member"] > held > 25 * 1140
    (part,) = reading.account.parts
    assert part.format == "remote-id-broadcast"


def test_the_parrot_flies_between_the_states_that_it_broadcasts() -> None:
    (log,) = broadcast_logs(capture(NAMES[0]))
    reports = log.events[log.events["kind"] == "airborne.report"]
    assert reports["value"].tolist() == [0.0, 1.0]
    assert log.track["height_ato_m"].max() == 11.0
    assert log.track["altitude_amsl_m"].isna().all()
    assert set(log.events["grade"]) <= {"reported", "inferred"}
    # The tenths of the hour agree with the clock of the receiver to two seconds.
    rows = log.records("Location")
    seconds = rows["time"].dt.minute * 60 + rows["time"].dt.second
    assert (rows["seconds_in_hour"] - seconds).abs().max() < 2.5
