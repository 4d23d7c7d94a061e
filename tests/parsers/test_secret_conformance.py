"""No secret that a log holds comes out of its reader: one planted in every text of every format.

First in what a reader hands over: every text of a ``Log`` and of its records, whoever fills it in.
Then in the bytes: every text that a sample shows and that stands in its bytes as it is shown is
replaced by a secret, and what is written scrambled is written anew by the writers of the samples.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import parsers
from parsers import Content, Keychains, Log, LogError
from sample_logs import dji_bodies, dji_dat, dji_txt
from tests.conftest import ROOT
from tests.parsers.mavlink.dataflash.test_log import flight as dataflash_flight
from tests.parsers.mavlink.tlog.test_log import heard
from tests.parsers.mavlink.ulog.test_writer import flight as ulog_flight
from tests.parsers.test_secrets import PARTS, SECRETS

#: What must not come out, and how it is named in the text that is planted.
CANARY = "C4n4ry"
PLANTED = f"password: {CANARY}9x"
#: Words of closed sets, in which rows and fields are looked up; no reader takes them from a log.
CLOSED = {"kind", "severity", "grade", "sensor"}
NO_LOGS = {".py", ".pyc", ".json", ".md", ".tsv", ".toml"}
NO_LOGS_IN = {ROOT / "sample_logs" / name for name in ("zones", "unit", "case")}


def keys_beside(path: Path) -> tuple[Keychains, ...]:
    beside = path.with_name(path.name + ".keychains.json")
    return (parsers.load_keychains(beside.read_bytes()),) if beside.exists() else ()


def sample_of_each_format() -> dict[str, Path]:
    """Return the smallest synthetic file of each format that holds one log."""
    smallest: dict[str, Path] = {}
    for path in sorted((ROOT / "sample_logs").rglob("*")):
        is_log = path.is_file() and path.suffix not in NO_LOGS and path.stat().st_size
        if not is_log or NO_LOGS_IN & set(path.parents):
            continue
        for name in [it.name for it in parsers.claiming_formats(parsers.open_content(path))]:
            known = smallest.get(name)
            packed = path.suffix == ".gz"  # what is replaced in packed bytes is not text
            if not packed and (known is None or path.stat().st_size < known.stat().st_size):
                smallest[name] = path
    return smallest


SAMPLES_BY_FORMAT = sample_of_each_format()


@pytest.fixture(scope="module", params=sorted(SAMPLES_BY_FORMAT))
def path(request: pytest.FixtureRequest) -> Path:
    return SAMPLES_BY_FORMAT[request.param]


def everything_of(log: Log) -> Iterator[tuple[str, str]]:
    """Yield the name of each table, record and field of a log, with all that it shows."""
    for each in fields(Log):
        value = getattr(log, each.name)
        if isinstance(value, pd.DataFrame):
            yield each.name, value.to_csv()
        elif not each.name.startswith("_") and each.name not in ("coverage", "local_times"):
            yield each.name, repr(value)
    for name in log.record_counts:
        yield "name of records", name
        frame = log.records(name)
        yield name, frame.to_csv() + "".join(map(str, frame.columns))


def places_of_canary(log: Log) -> list[str]:
    """Return where the secret, in letters or in hexadecimal, comes out of a log."""
    spelled = (CANARY, CANARY.encode().hex(), ", ".join(map(str, CANARY.encode())))
    return [where for where, text in everything_of(log) if any(it in text for it in spelled)]


# In what a reader hands over


def plant(value: Any, name: str = "") -> Any:
    """Return a value with the secret behind each text in it."""
    if isinstance(value, str):
        return value if name in CLOSED else f"{value} {PLANTED}"
    if isinstance(value, tuple | list):
        return type(value)(plant(item, name) for item in value)
    if isinstance(value, Mapping):
        return {plant(key): plant(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{it.name: plant(getattr(value, it.name), it.name) for it in fields(value)}
        )
    return value


def plant_in_frame(frame: pd.DataFrame) -> pd.DataFrame:
    planted = frame.copy()
    for name, dtype in frame.dtypes.items():
        if name not in CLOSED and dtype.kind == "O":
            values = [plant(value) if isinstance(value, str) else value for value in frame[name]]
            planted[name] = pd.Series(values, index=frame.index, dtype=dtype)
    return planted


@dataclass(frozen=True)
class PlantedRecords:
    """Records with the secret behind each text in them."""

    records: parsers.RecordsOfType

    def __len__(self) -> int:
        return len(self.records)

    def to_dataframe(self) -> pd.DataFrame:
        return plant_in_frame(self.records.to_dataframe())


def planted_fields(log: Log) -> dict[str, Any]:
    """Return every field of a log with the secret behind each text in it."""
    planted: dict[str, Any] = {}
    for each in fields(Log):
        value = getattr(log, each.name)
        if each.name.startswith("_") or each.name in ("coverage", "local_times"):
            continue
        planted[each.name] = (
            plant_in_frame(value) if isinstance(value, pd.DataFrame) else plant(value)
        )
    planted["_records"] = {
        plant(name): PlantedRecords(records) for name, records in log._records.items()
    }
    return planted


def test_no_text_that_a_reader_hands_over_keeps_its_secret(path: Path) -> None:
    log = parsers.read_file(path, keys=keys_beside(path)).logs[0]
    planted = planted_fields(log)
    assert CANARY in repr(planted["source"])
    told = replace(log, **planted)
    assert places_of_canary(told) == []
    assert len(told.redacted_secrets) >= 1
    assert "redacted (password" in told.issues[-1].reason
    # What stands beside the secret stays.
    for name in parsers.TABLES:
        before, after = getattr(log, name), getattr(told, name)
        for column in before.columns[before.dtypes == "str"]:
            if column in CLOSED:
                continue
            texts = before[column].dropna()
            expected = [f"{text} password: (redacted)" for text in texts]
            assert after[column].dropna().tolist() == expected


def test_replacing_a_field_of_a_log_looks_at_no_other_again() -> None:
    log = parsers.read(SAMPLES_BY_FORMAT["dji-txt"])
    again = replace(log, track_record=PLANTED)
    assert again.track_record == "password: (redacted)"
    assert all(getattr(again, name) is getattr(log, name) for name in parsers.TABLES)
    assert len(again.redacted_secrets) == 1


def test_the_places_of_secrets_are_told() -> None:
    bodies = [
        (dji_bodies.OSD, bytes(55)),
        (dji_bodies.APP_TIP, dji_bodies.text("live at rtmp://a.example.org/live/k3y-1")),
        (dji_bodies.APP_WARN, dji_bodies.text("wifi password hunter2")),
    ]
    written = dji_txt.lay_out(11, bodies)
    log = parsers.read_content(Content("DJIFlightRecord.txt", written.data)).logs[0]
    offsets = [frame.offset for frame in written.frames]
    told = [(it.kind, it.source_offset) for it in log.redacted_secrets]
    assert told == [("stream key", offsets[1]), ("password", offsets[2])]
    (issue,) = [it for it in log.issues if "redacted" in it.reason]
    assert (issue.offset, issue.size) == (offsets[1], 0)
    assert issue.reason.startswith("2 secrets are redacted (password, stream key): ")
    assert all(f"at byte {offset}" in issue.reason for offset in offsets[1:])


# In the bytes


def shown_texts(log: Log) -> Iterator[str]:
    """Yield one text of each column of each table and record."""
    frames = [getattr(log, name) for name in parsers.TABLES]
    frames += [log.records(name) for name in log.record_counts]
    for frame in frames:
        for _, column in frame.items():
            texts = (it for it in column.to_numpy(object) if isinstance(it, str))
            yield from islice(texts, 1)
    for value in (log.aircraft, log.clock, log.host_references):
        yield from re.findall(r"'([^']{3,})'", repr(value))


def read_planted(path: Path, data: bytes) -> Log | None:
    """Return the log of bytes; ``None``: they are no log any more."""
    try:
        reading = parsers.read_content(Content(path.name, data), keys_beside(path))
    except LogError:
        return None
    return reading.logs[0] if len(reading.logs) == 1 else None


def planted_bytes(path: Path, log: Log) -> Iterator[bytes]:
    """Yield the bytes of a file with one of its texts replaced by a secret as long as it."""
    data = path.read_bytes()
    for text in dict.fromkeys(shown_texts(log)):
        raw = text.encode()
        secret = f"/pwd={CANARY}".encode()
        if len(raw) >= len(secret) and raw in data:
            yield data.replace(raw, secret.ljust(len(raw), b"9"))


def test_no_text_in_the_bytes_of_a_sample_comes_out_of_its_reader(path: Path) -> None:
    log = parsers.read_file(path, keys=keys_beside(path)).logs[0]
    planted = read = 0
    for data in planted_bytes(path, log):
        planted += 1
        told = read_planted(path, data)
        if told is not None:
            read += 1
            assert places_of_canary(told) == []
    assert read >= planted // 2


# As each of the makers writes it


class PlantedFile(NamedTuple):
    """A log with every kind of secret in its texts."""

    name: str
    data: bytes
    #: The answer to its request for keys; empty: it is not encrypted.
    keychains: str = ""

    def read(self) -> Log:
        keys = [parsers.load_keychains(self.keychains.encode())] if self.keychains else []
        return parsers.read_content(Content(self.name, self.data), keys).logs[0]


def dji_record(version: int) -> PlantedFile:
    """Return a flight record with every secret in each of its texts, as its version writes it."""
    texts = [dji_bodies.text(text[:250]) for text in SECRETS]
    kinds = (dji_bodies.APP_TIP, dji_bodies.APP_WARN, 18, 24, 28)
    records = [(dji_bodies.OSD, bytes(55))]
    records += [(kind, body) for kind in kinds for body in texts]
    records += [
        (
            dji_bodies.RECOVER,
            dji_bodies.recover(1, 1, (1, 2, 3), text[:31], 0, ("a", "b", "c", "d")),
        )
        for text in SECRETS
        if len(text.encode()) < 32
    ]
    records += [
        (dji_bodies.COMPONENT_SERIAL, dji_bodies.component_serial(1, 0, t)) for t in SECRETS
    ]
    records += [(200, body) for body in texts]  # a type that nobody knows
    types = tuple({kind for kind, _ in records})
    keys = [dji_txt.fake_keys(version, types)] if version >= 13 else []
    details = dji_txt.Details(
        city=f"pwd={CANARY}", area=f"pwd {CANARY}", aircraft_name=f"password {CANARY}9x",
        aircraft_serial=f"pwd={CANARY}", camera_serial=f"pwd={CANARY}", rc_serial=f"pwd={CANARY}",
        battery_serial=f"pwd={CANARY}",
    )  # fmt: skip
    data = dji_txt.encode(version, records, details=details, keys=keys)
    name = f"DJIFlightRecord_2026-05-14_[10-01-{version:02}].txt"
    return PlantedFile(name, data, dji_txt.keychains_json(keys) if keys else "")


def dji_on_board_log() -> PlantedFile:
    records = [
        dji_dat.Record(dji_dat.FLY_LOG, 1_000_000 * tick, dji_dat.text(text))
        for tick, text in enumerate(SECRETS)
    ]
    return PlantedFile("FLY001.DAT", dji_dat.encode(records))


def dataflash_log() -> PlantedFile:
    made = dataflash_flight()
    made.define("MSG", "QBBZ", "TimeUS,ID,Seq,Message", kind=61)
    for number, text in enumerate(SECRETS):
        for part in range(0, len(text), 20):
            piece = text[part : part + 20]
            made.write("MSG", 11_000_000 + number, number, part // 20, piece)
    return PlantedFile("00000001.BIN", bytes(made.data))


def ground_station_log() -> PlantedFile:
    station = heard()
    for number, text in enumerate(SECRETS):
        for part in range(0, len(text), 16):
            piece = text[part : part + 16]
            station.hear("statustext", severity=6, text=piece, id=number + 1, chunk_seq=part // 16)
        if text.isascii():
            station.hear("video_stream_information", stream_id=1, flags=1, uri=text[:160])
    return PlantedFile("flight.tlog", bytes(station.data))


def px4_log() -> PlantedFile:
    made = ulog_flight()
    for number, text in enumerate(SECRETS):
        made.text(12_000_000 + number, 6, text)
        made.tagged(13_000_000 + number, 6, 3, text)
        made.info(f"char[{len(text.encode())}]", f"note_{number}", text.encode())
        raw, head = text.encode(), f"char[{len(text.encode())}]"
        made.more(head, "boot_console_output", raw[:20])
        made.more(head, "boot_console_output", raw[20:] + b"\n", continued=True)
    return PlantedFile("flight.ulg", bytes(made.data))


WRITERS: dict[str, Callable[[], PlantedFile]] = {
    **{f"dji-txt version {version}": partial(dji_record, version) for version in (4, 11, 12, 14)},
    "dji-dat": dji_on_board_log,
    "dataflash": dataflash_log,
    "tlog": ground_station_log,
    "ulog": px4_log,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_kind_of_secret_comes_out_of_a_log_as_its_maker_writes_it(writer: str) -> None:
    log = WRITERS[writer]().read()
    if writer != "dji-dat":  # of which few lines are for the tables
        assert len(log.redacted_secrets) >= len(SECRETS)
    shown = "".join(text for _, text in everything_of(log))
    assert shown.count("(redacted)") >= len(SECRETS)
    if writer.startswith("dji-txt"):
        assert sum(count >= len(SECRETS) for count in log.record_counts.values()) >= 5
    for where, shown in everything_of(log):
        assert secrets_in(shown) == [], where


def secrets_in(shown: str) -> list[str]:
    """Return the secrets of ``SECRETS``, or parts of them, that a text shows."""
    parts = [part for part in PARTS if not part.isdigit()]
    parts += [part.encode().hex() for part in parts]
    return [part for part in (*parts, *SECRETS) if part in shown]
