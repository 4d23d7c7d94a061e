"""A DataFlash log that was turned into text tells what the binary one tells."""

from typing import Any

import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from tests.conftest import ROOT

SAMPLE = ROOT / "sample_logs" / "00000042.BIN"
#: What is another thing in another file.
PLACES = ["source_offset"]


def as_text(log: Log) -> bytes:
    """Return a log as ground stations write it: a line for each message, in file order."""
    lines = []
    for name in log.record_counts:
        frame = log.records(name)
        fields = frame.drop(columns=["offset", "length"])
        for at, row in zip(frame.offset.tolist(), fields.itertuples(index=False), strict=True):
            lines.append((at, ", ".join([name, *map(written, row)])))
    return ("\n".join(line for _, line in sorted(lines)) + "\n").encode()


def written(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def logs() -> tuple[Log, Log]:
    binary = parsers.read(SAMPLE)
    content = Content("00000042.log", as_text(binary))
    (text,) = parsers.read_content(content).logs
    assert (binary.source.format_version, text.source.format_version) == ("binary", "text")
    return binary, text


@pytest.mark.parametrize("table", parsers.TABLES)
def test_every_table_is_the_same(logs: tuple[Log, Log], table: str) -> None:
    binary, text = (getattr(log, table).drop(columns=PLACES) for log in logs)
    pd.testing.assert_frame_equal(binary, text, rtol=1e-6)
    assert len(binary)


def test_so_is_what_else_is_told(logs: tuple[Log, Log]) -> None:
    binary, text = logs
    assert binary.clock == text.clock
    assert binary.aircraft == text.aircraft
    assert binary.record_counts == text.record_counts
    assert [(one.shape, one.points, one.enabled) for one in binary.fences] == [
        (one.shape, one.points, one.enabled) for one in text.fences
    ]
    assert (binary.issues, text.issues) == ((), ())


def test_units_and_the_field_that_numbers_the_sensor_are_known(logs: tuple[Log, Log]) -> None:
    for name in logs[0].record_counts:
        assert logs[0].records(name).attrs == logs[1].records(name).attrs
    assert logs[1].records("GPS").attrs["units"]["Lat"] == "deglatitude"
    assert logs[1].records("GPS").attrs["instance"] == "I"
