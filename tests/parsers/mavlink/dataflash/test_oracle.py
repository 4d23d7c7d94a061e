"""DataFlash logs field by field against pymavlink's sequential reader.

Only here is that reader used, and only in file order: its index stops at the
first record of an unknown type.
"""

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymavlink import DFReader

from parsers import Content, Log, open_content
from parsers.mavlink.dataflash import FORMAT

SITL = "sitl/sitl_copter357_fence_cam.BIN"

#: Damaged at the edges of pages.
DAMAGED = (
    "MACS-Research-Lab+uav-cyber-sim/logs/00000011.BIN",
    "MACS-Research-Lab+uav-cyber-sim/logs/00000034.BIN",
    "MACS-Research-Lab+uav-cyber-sim/logs/00000369.BIN",
)
CLEAN = (
    "Alexishere01+mavrik-control/forwardFlight/logs/00000023.BIN",
    "ArduPilot+MethodicConfigurator/tests/fixtures/backend_log_80k.bin",
    "BeastAyyG+ardupilot-log-diagnosis/sample.bin",
    "DaniGitman79+uav-sysid/logs/00000001.BIN",
    "DaniGitman79+uav-sysid/logs/00000002.BIN",
    "DependableSystemsLab+DeLorean/data/00000129.BIN",
    "DependableSystemsLab+DeLorean/data/00000130.BIN",
    "DependableSystemsLab+DeLorean/data/00000139.BIN",
    "KocurMaros+lrs_fei/logs/00000001.BIN",
    "aiba4531+DarpaTriage/logs/00000001.BIN",
    "anandkumar1409+auv-robofest/logs/00000001.BIN",
    "carlsondev+LEAGUE_Sim/logs/00000001.BIN",
    "dronecrew+px4tools/test/log/01_07_59.px4log",
    "h3ct0r+PX4_Tools/test_files/16-07-13_18-04-04.bin",
    "joeydouglas+dataflash_logs/2014-10-18_20-04-24.bin",
    "joeydouglas+dataflash_logs/2014-10-18_21-12-23.bin",
    "joeydouglas+dataflash_logs/2014-10-18_21-19-07.bin",
    "katexu66+intro_to_ros/logs/00000001.BIN",
    SITL,
    "skapila+Control_Tunning_Project/FlightController/logs/00000001.BIN",
    "skapila+Control_Tunning_Project/FlightController/logs/00000002.BIN",
)
TEXTS = ("mechanical_fail.log", "underpowered.log")
EXAMPLES = "3drobotics+ardupilot-solo/Tools/LogAnalyzer/examples"

Theirs = dict[str, dict[str, list[Any]]]


@contextlib.contextmanager
def quietly(path: Path, reader: Any) -> Iterator[Any]:
    """Open one of pymavlink's readers without its talk, and close what it leaves open."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        opened = reader(str(path))
        try:
            yield opened
        finally:
            opened.data_map.close()
            opened.filehandle.close()


def told_by_pymavlink(path: Path, reader: Any = DFReader.DFReader_binary) -> Theirs:
    """Return message -> field -> values, read one by one in file order."""
    told: Theirs = defaultdict(lambda: defaultdict(list))
    with quietly(path, reader) as opened:
        while (message := opened.recv_msg()) is not None:
            fields = told[message.get_type()]
            for name in message.get_fieldnames():
                fields[name].append(getattr(message, name))
    return told


def ours(path: Path) -> Log:
    return FORMAT.read(open_content(path), ())


def same(name: str, mine: list[Any], theirs: list[Any]) -> None:
    if theirs and isinstance(theirs[0], bytes):
        assert mine == [value.hex() for value in theirs], name
    elif theirs and not isinstance(theirs[0], str | int | float):
        assert mine == [list(value) for value in theirs], name
    elif any(isinstance(value, str) for value in theirs):
        assert [str(value) for value in mine] == [str(value) for value in theirs], name
    else:
        np.testing.assert_allclose(
            np.array(mine, float), np.array(theirs, float), rtol=1e-14, err_msg=name
        )


def compare(log: Log, told: Theirs) -> None:
    assert {name: len(next(iter(fields.values()), [])) for name, fields in told.items()} == {
        name: count for name, count in log.record_counts.items() if name in told
    }
    assert {name for name in log.record_counts if name not in told} <= {"STRT"}
    for message, fields in told.items():
        frame = log.records(message)
        for label, values in fields.items():
            # XKF5 has a field called as our column for the place in the file.
            column = f"{label}_field" if label in ("offset", "length") else label
            same(f"{message}.{label}", frame[column].tolist(), values)


@pytest.mark.parametrize("name", CLEAN)
def test_every_field_of_a_clean_log_is_what_pymavlink_reads(samples: Path, name: str) -> None:
    path = samples / "mavlink" / name
    compare(ours(path), told_by_pymavlink(path))


@pytest.mark.parametrize("name", TEXTS)
def test_every_field_of_a_text_log_is_what_pymavlink_reads(samples: Path, name: str) -> None:
    path = samples / "mavlink" / EXAMPLES / name
    compare(ours(path), told_by_pymavlink(path, DFReader.DFReader_text))


@pytest.mark.parametrize("name", DAMAGED)
def test_no_message_outside_the_damage_is_lost(samples: Path, name: str) -> None:
    path = samples / "mavlink" / name
    log = ours(path)
    mine = {
        (message, int(offset))
        for message in log.record_counts
        for offset in log.records(message)["offset"]
    }
    gaps = [(span.offset, span.offset + span.size) for span in log.coverage if span.kind == "gap"]
    with quietly(path, DFReader.DFReader_binary) as reader:
        theirs = set()
        while (message := reader.recv_msg()) is not None:
            size = message.fmt.len
            theirs.add((message.get_type(), reader.offset - size, size))
    lost = [
        (message, offset)
        for message, offset, size in theirs
        if (message, offset) not in mine
        # What reaches into damage is not whole, whoever reads it.
        and not any(first < offset + size and offset < last for first, last in gaps)
    ]
    assert lost == []
    assert len(mine) > 50_000


def test_a_log_damaged_at_page_edges_keeps_what_lies_outside(samples: Path) -> None:
    content = bytearray((samples / "mavlink" / SITL).read_bytes())
    whole = ours(samples / "mavlink" / SITL)
    edges = range(40 * 4096, len(content), 5 * 4096)
    for edge in edges:
        # What real controllers leave there: the head of a record of no known type.
        content[edge - 5 : edge + 20] = b"\xa3\x95\xf7" + b"\x00" * 22
    log = FORMAT.read(Content("damaged.BIN", bytes(content)), ())
    kept = 0
    for name in whole.record_counts:
        before, after = whole.records(name), log.records(name)
        first, last = before["offset"], before["offset"] + before["length"]
        harmed = np.zeros(len(before), bool)
        for edge in edges:
            harmed |= np.asarray((first < edge + 20) & (last > edge - 5))
        assert set(first[~harmed]) <= set(after["offset"]), name
        kept += int((~harmed).sum())
    assert kept > 39_000
    gaps = [span for span in log.coverage if span.kind == "gap"]
    # Without a checksum, damage inside one long record cannot be seen.
    assert len(edges) // 2 < len(gaps) <= len(edges)


def test_a_log_that_pymavlink_cannot_open_is_read_as_its_lines_say(samples: Path) -> None:
    # Firmware 3.0.1 states no GPS week, and pymavlink's clock raises TypeError.
    path = samples / "mavlink" / EXAMPLES / "robert_lefebvre_octo_PM.log"
    lines = [line.split(", ") for line in path.read_text().splitlines()]
    frame = ours(path).records("GPS")
    fixes = [line[1:] for line in lines if line[0] == "GPS"]
    assert frame[["Lat", "Lng", "Alt"]].to_numpy().tolist() == [
        [float(fix[4]), float(fix[5]), float(fix[7])] for fix in fixes
    ]
