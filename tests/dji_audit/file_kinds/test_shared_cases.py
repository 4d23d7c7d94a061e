"""Files that were once left alone in silence: each is read, or named with what it is."""

from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths

#: Case -> name of a file in it -> the classes that are right, and a word of its kind.
CASES = {
    "mav_left_alone": {
        "LOG00014.BBL": ({"unread"}, "blackbox"),
        "flight.gpx": ({"unread", "read"}, "GPX"),
        "skydio_flight_telemetry.json": ({"unread"}, "Skydio"),
        "GUTMA_flight_log_example_v1.json": ({"unread", "read"}, "GUTMA"),
        "querylog.json": ({"read"}, "AdGuard"),
        "pihole-FTL.db": ({"read"}, "Pi-hole"),
        "unit.zip": ({"container"}, "ZIP"),
        "log.ulg.gz": ({"container"}, "gzip"),
    },
    "dji_dronedeploy_log": {"pixel2-inspire2.log": ({"unread", "read"}, "DroneDeploy")},
    "mav_json_not_table_pud": {
        "0901_2019-05-10T101500+0000_AAAA.pud.json": ({"unread", "read"}, "Parrot")
    },
    "mav_ap26900_no_fmt": {"log.bin": ({"unread"}, "DataFlash")},
    "dji_json_dji_official": {"FlightRecord.json": ({"unread", "read"}, "DJI flight")},
    "dji_txt_v15": {
        "DJIFlightRecord_2027-02-01_[13-51-50].txt": (
            {"unread", "partial"},
            "DJI app flight record",
        )
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_was_left_alone_is_read_or_named(samples: Path, case: str) -> None:
    run = audit_paths([samples.parent / "cases" / case], RunOptions(load_policy()))
    rows = {row.name: row for row in run.contents.files}
    for name, (statuses, kind) in CASES[case].items():
        row = rows[name]
        assert row.status in statuses, row
        assert kind in (row.kind or ""), row
        assert row.sha256 is not None
        assert (row.status == "unread") == row.is_possible_evidence
    unread = [row for row in rows.values() if row.status == "unread"]
    lost = [row for row in rows.values() if row.status in ("unread", "partial", "encrypted")]
    if unread:
        assert "not read: " in run.verdict.line
    assert run.verdict.exit_code in ((3, 4) if lost else (0, 1))
