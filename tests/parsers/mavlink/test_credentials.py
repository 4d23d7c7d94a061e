"""What lets somebody in is taken out of every table and record alike, and counted."""

import struct
from collections.abc import Callable

import pytest

import parsers
from parsers import Log
from tests.parsers.mavlink.dataflash.test_log import flight
from tests.parsers.mavlink.tlog.test_log import PUBLISHED_SEEDS, frame, heard
from tests.parsers.mavlink.ulog.test_writer import flight as ulog_flight

ADDRESS = "rtsp://192.0.2.9/a?user=bob&pwd=hunter2"
SHOWN = "rtsp://192.0.2.9/a?user=(redacted)&pwd=(redacted)"


def dataflash() -> Log:
    log = flight()
    log.write("MSG", 11_000_000, ADDRESS)
    return log.read()


def ulog() -> Log:
    made = ulog_flight()
    made.text(12_000_000, 6, ADDRESS)
    return made.log()


def tlog() -> Log:
    station = heard()
    station.hear("statustext", severity=6, text=ADDRESS)
    return station.read()


@pytest.mark.parametrize("told", [dataflash, tlog, ulog], ids=lambda one: str(one.__name__))
def test_the_query_of_an_address_lets_nobody_in(told: Callable[[], Log]) -> None:
    log = told()
    shown = [getattr(log, name).to_csv() for name in parsers.TABLES]
    shown += [log.records(name).to_csv() for name in log.record_counts]
    shown += [one.text for one in log.host_references]
    assert not [one for one in shown if "hunter2" in one or "=bob" in one]
    assert any(SHOWN in one for one in shown)
    assert any(one.reason.startswith("2 secrets are redacted") for one in log.issues)
    assert len(log.redacted_secrets) == 2


@pytest.mark.parametrize("cut", range(26, len(ADDRESS)))
def test_a_secret_is_masked_in_the_parts_of_a_text_as_in_the_whole(cut: int) -> None:
    station = heard()
    for number, part in enumerate((ADDRESS[:cut], ADDRESS[cut:] + " is set")):
        station.hear("statustext", severity=6, text=part, id=7, chunk_seq=number)
    log = station.read()
    parts = log.records("STATUSTEXT")["text"].tolist()
    assert not [one for one in parts if "hunt" in one or "nter" in one or "er2" in one]
    assert parts[0].startswith("rtsp://192.0.2.9/")
    assert parts[1].endswith(" is set")
    assert any(SHOWN in text for text in log.events["text"])
    assert any(one.reason.startswith("2 secrets are redacted") for one in log.issues)


@pytest.mark.parametrize("cut", range(26, len(ADDRESS)))
def test_a_secret_is_masked_in_the_parts_of_a_message_of_a_dataflash_log(cut: int) -> None:
    log = flight()
    log.define("MSG", "QBBZ", "TimeUS,ID,Seq,Message", kind=61)
    log.write("MSG", 11_000_000, 4, 0, ADDRESS[:cut])
    log.write("MSG", 11_000_001, 4, 1, ADDRESS[cut:] + " is set")
    found = log.read()
    parts = found.records("MSG")["Message"].tolist()[-2:]
    shown = [*parts, found.events.to_csv()]
    assert not [one for one in shown if "hunt" in one or "nter" in one or "er2" in one]
    assert parts[1].endswith(" is set")
    assert any(f"{SHOWN} is set" in text for text in found.events["text"])
    assert any(one.reason.startswith("2 secrets are redacted") for one in found.issues)


def test_credentials_in_the_address_of_metadata_are_counted() -> None:
    station = heard()
    uri = b"http://bob:hunter2@192.0.2.9/general.json"
    payload = struct.pack("<III100s100s", station.boot_ms, 0, 0, uri, b"mftp:///peripherals.json")
    station.write(frame(395, payload, PUBLISHED_SEEDS[395]))
    log = station.read()
    assert log.contacts[["address", "path"]].to_numpy().tolist() == [["192.0.2.9", "/general.json"]]
    assert [one.reason for one in log.issues if "secret" in one.reason] == [
        "a secret is redacted (user and password of a URL): "
        "COMPONENT_INFORMATION.general_metadata_uri at byte 177"
    ]
