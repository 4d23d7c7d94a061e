"""What the auditor disclosed is read as contacts of the auditor's own."""

from pathlib import Path

import pandas as pd
import pytest

import parsers
from sample_logs.network_disclosure import BYTES, DISCLOSED, REQUEST


@pytest.fixture(scope="module")
def log(sample_logs: Path) -> parsers.Log:
    return parsers.read(sample_logs / "network" / DISCLOSED)


def test_each_request_that_went_out_is_a_contact_of_the_auditor(log: parsers.Log) -> None:
    rows = log.contacts
    assert rows["grade"].tolist() == ["attempted", "reported"]
    assert set(rows["device"]) == {"auditor"}
    assert set(rows["host"]) == {"dev.dji.com"}
    assert set(rows["path"]) == {"/openapi/v1/flight-records/keychains"}
    assert set(rows["port"]) == {443}
    assert rows["bytes_up"].tolist() == [BYTES, BYTES]
    assert pd.isna(rows["bytes_down"][0])
    assert rows["bytes_down"][1] == 2310
    assert (rows["end"][1] - rows["time"][1]).total_seconds() == 0.45
    assert set(rows["evidence"]) == {f"sending, request {REQUEST}"}


def test_it_watched_nobody(log: parsers.Log) -> None:
    assert log.capture_window is not None
    assert log.capture_window.flow_count is None
    assert "auditor" in log.capture_window.excluded_traffic


def test_its_lines_are_records(log: parsers.Log) -> None:
    assert dict(log.record_counts) == {"answer": 1, "failed": 1, "sending": 2}
    assert log.records("sending")["disclosed.api_key"].tolist() == [True, True]


def test_the_hash_in_the_sample_is_that_of_the_sealed_records_request(sample_logs: Path) -> None:
    sealed = next(sample_logs.glob("DJIFlightRecord*_v14.txt"))
    request = parsers.read(sealed).key_request
    assert request is not None
    assert request.sha256 == REQUEST
