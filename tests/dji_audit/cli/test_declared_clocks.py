"""Clocks that a user or a unit declares: by option, by table and in Python, and where they show."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dji_audit
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.declared_clocks import load_clock_declarations
from tests.dji_audit.cli.conftest import Invoke, error_of_use

#: The look-ups of the story begin at 10:00:31 in summer time.
DECLARED = "pihole.log=2026-05-14T10:00:31+01:00"
RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"


@pytest.fixture
def logs(tmp_path: Path, sample_logs: Path) -> Path:
    """Return a folder with a flight and a resolver's log without year and zone."""
    folder = tmp_path / "logs"
    folder.mkdir()
    shutil.copy(sample_logs / RECORD, folder)
    shutil.copy(sample_logs / "network" / "pihole.log", folder)
    return folder


@pytest.fixture
def report(invoke: Invoke, logs: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def call(*options: object) -> dict[str, Any]:
        out = tmp_path / "out"
        invoke("audit", logs, "--jobs", 1, "--out", out, *options)
        document: dict[str, Any] = json.loads((out / "report.json").read_text())
        return document

    return call


def lookups(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for contact in report["contacts"] for one in contact["evidence"]
            if one["file"] == "pihole.log"]  # fmt: skip


def test_without_a_clock_the_look_ups_are_indicators_and_the_option_is_named(
    report: Callable[..., dict[str, Any]], invoke: Invoke, logs: Path
) -> None:
    assert {one["claim"] for one in lookups(report())} == {"indicator"}
    said = " ".join(invoke("audit", logs, "--jobs", 1).stdout.split())
    assert "pihole.log does not state the year and zone of its times" in said
    assert "--clock 'pihole.log=" in said


def test_a_declared_clock_joins_the_look_ups_to_the_flight_and_is_graded_so(
    report: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    document = report("--clock", DECLARED)
    assert {one["time_grade"] for one in lookups(document)} == {"declared"}
    (sent,) = [each for each in document["contacts"] if each["host"] == "mydjiflight.dji.com"]
    assert (sent["claim"], sent["first"]) == ("contact", "2026-05-14T09:31:28.000Z")
    (row,) = document["declared_clocks"]
    assert (row["used_by"], row["unused_because"]) == (["pihole.log"], "")
    (log,) = document["network"][0]["logs"]
    assert log["clock_declared"] == "year 2026 and zone UTC+01:00"
    finding = next(one for one in document["findings"] if one["rule"] == "data_sync_endpoint")
    assert "by a declared clock (year 2026 and zone UTC+01:00)" in finding["summary"]
    index = (tmp_path / "out" / "index.html").read_text()
    assert "Clocks that were declared" in index
    (page,) = (tmp_path / "out" / "flights").glob("*.html")
    assert "clock declared: year 2026 and zone UTC&#43;01:00" in page.read_text()


def test_a_pattern_that_means_no_log_is_said(
    report: Callable[..., dict[str, Any]], invoke: Invoke, logs: Path
) -> None:
    (row,) = report("--clock", "*.xyz=2026-05-14T10:00:31+01:00")["declared_clocks"]
    assert row["unused_because"] == "no log has such a name"
    clock = ("--clock", "*.xyz=2026-05-14T10:00:31+01:00")
    said = " ".join(invoke("audit", logs, "--jobs", 1, *clock).stdout.split())
    assert "the clock declared for *.xyz is not used: no log has such a name" in said
    warned = invoke("inspect", logs / "pihole.log", *clock).stderr
    assert "clock *.xyz: no log has such a name" in warned
    assert (
        "clock *.xyz: no log has such a name"
        in invoke("map", logs, "--out", logs.parent / "map.html", *clock).stderr
    )


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        ("pihole.log=2026-05-14T10:00:31", "has no UTC offset"),
        ("pihole.log=2026-02-30T10:00:31Z", "is not a time"),
        ("pihole.log", "write FILES=TIME"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "map", "inspect"])
def test_a_time_that_cannot_be_is_an_error_of_use(
    invoke: Invoke, logs: Path, command: str, clock: str, message: str
) -> None:
    path = logs / "pihole.log" if command == "inspect" else logs
    more = ("--out", logs.parent / "map.html") if command == "map" else ()
    assert message in error_of_use(invoke(command, path, "--clock", clock, *more))


TABLES = {
    "clocks.csv": "files,time,by,reason\n"
    "pihole.log,2026-05-14T10:00:31+01:00,PC 4711,compared with the station's clock\n",
    "clocks.toml": '[[clock]]\nfiles = "pihole.log"\ntime = 2026-05-14T10:00:31+01:00\n'
    'by = "PC 4711"\nreason = "compared with the station\'s clock"\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_unit_declares_clocks_in_a_table_with_who_says_so(
    report: Callable[..., dict[str, Any]], tmp_path: Path, name: str
) -> None:
    table = tmp_path / name
    table.write_text(TABLES[name])
    document = report("--clocks", table)
    (row,) = document["declared_clocks"]
    assert row["note"] == "PC 4711, compared with the station's clock"
    assert row["used_by"] == ["pihole.log"]
    (log,) = document["network"][0]["logs"]
    assert "PC 4711" in log["clock_declared"]
    (supplied,) = document["run"]["context_files"]
    assert (supplied["kind"], supplied["name"], supplied["count"]) == ("clock", name, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("files,time\na.log,2026-05-14T10:00:31\n", "line 2"),
        ("files,time\na.log,1980-05-14T10:00:31Z\n", "not between 1990 and 2099"),
        ("files,time,shown\na.log,2026-05-14T10:00:31Z,noon\n", "noon is not a time"),
        ("files\na.log\n", "time"),
    ],
)
def test_a_fault_of_the_table_is_told_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "clocks.csv"
    path.write_text(text)
    with pytest.raises(SuppliedFileError, match=message):
        load_clock_declarations(path)


def test_python_takes_the_same_declarations(logs: Path) -> None:
    audited = dji_audit.audit(logs, clocks=[DECLARED])
    times = [one["time_grade"] for parts in audited.contacts["evidence"] for one in parts]
    assert "declared" in times
    with pytest.raises(SuppliedFileError, match="is not a time"):
        dji_audit.read_flights(logs, clocks=["a=b"])


def test_a_flight_whose_log_has_local_times_is_aligned_as_declared(sample_logs: Path) -> None:
    srt = sample_logs / "DJI_20260514100443_0001_D.SRT"
    (flight,) = dji_audit.read_flights(
        [sample_logs / RECORD, srt], clocks=["*.SRT=2026-05-14T10:04:43+01:00"]
    )
    (source,) = [each for each in flight.sources if each.log.source.name.endswith(".SRT")]
    assert source.log.clock.declared == "zone UTC+01:00"
    assert source.alignment.is_aligned


def test_the_shared_case_joins_its_look_up(samples: Path, invoke: Invoke) -> None:
    path = samples.parent / "cases" / "mav_pihole_no_year" / "pihole.log"
    if not path.is_file():
        pytest.skip("the shared cases are not here")
    clock = "pihole.log=2018-11-19T17:31:10+00:00"
    said = invoke("inspect", path, "--clock", clock, "--table", "contacts", "--format", "json")
    (row,) = json.loads(said.stdout)
    assert row["time"].startswith("2018-11-19T17:31:10")


# Network logs of no flight


def test_hosts_of_network_logs_of_another_time_are_listed_beside_a_flight(
    report: Callable[..., dict[str, Any]], logs: Path
) -> None:
    line = '{"T":"2024-05-09T11:00:00+01:00","QH":"flysafe-api.dji.com","QT":"A","IP":"192.0.2.9"}'
    (logs / "querylog.json").write_text(f"{line}\n")
    document = report("--clock", DECLARED)
    alone = [each for each in document["contacts"] if each["flight"] is None]
    assert [(each["host"], each["evidence"][0]["file"]) for each in alone] == [
        ("flysafe-api.dji.com", "querylog.json")
    ]
    assert any(each["flight"] for each in document["contacts"])
