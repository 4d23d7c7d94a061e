"""Folders where apps keep their logs: known by their path, and told where logs are missing."""

import csv
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from dji_audit.ingest.input_files import InputFile, find_inputs
from dji_audit.ingest.input_files._app_folder_completeness import (
    app_folder_completeness,
    load_app_log_folder_patterns,
)
from tests.parsers.containers.made import tarred

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"


def inputs(*names: str) -> list[InputFile]:
    return [InputFile(Path("/x") / name, name, False) for name in names]


@pytest.mark.parametrize(("name", "app"), [
    (f"DJI/dji.pilot/FlightRecord/{RECORD}", "DJI GO 3 on Android"),
    (f"phone/DJI/dji.go.v4/FlightRecord/{RECORD}", "DJI GO 4 on Android"),
    (f"x.zip!/sdcard/Android/data/dji.go.v5/files/FlightRecord/{RECORD}", "DJI Fly on Android"),
    (f"x.ab!/apps/dji.go.v5/ef/FlightRecord/{RECORD}", "DJI Fly on Android (backup)"),
    ("Phone/DJI/com.dji.industry.pilot/FlightRecord/a.txt",
     "DJI Pilot or Pilot 2 (enterprise) on Android"),
    ("00008030!/AppDomain-com.dji.go/Documents/FlightRecords/a.txt", "DJI GO or GO 4 on iOS"),
    ("00008030!/AppDomain-com.dji.other/Documents/FlightRecords/a.txt", "an app of DJI on iOS"),
    ("LitchiApp/flightlogs/2026-05-14_10-01-58_v2.csv", "Litchi on Android"),
    ("C/Users/x/Documents/Mission Planner/logs/QUADROTOR/1/2026-05-14 12-01-58.tlog",
     "Mission Planner on Windows"),
    ("Documents/QGroundControl/Telemetry/2026-05-14.tlog", "QGroundControl"),
    ("Android/data/com.autelrobotics.explorer/files/log/a.txt", "Autel Explorer on Android"),
])  # fmt: skip
def test_a_file_from_the_folder_of_an_app_is_said_to_be_from_there(name: str, app: str) -> None:
    found = app_folder_completeness(inputs(name), (), ())
    assert dict(found.apps) == {name: app}
    assert found.remarks == ()


@pytest.mark.parametrize("name", [
    RECORD, f"FlightRecord/{RECORD}", f"dji.go.v4/FlightRecord/{RECORD}",
    f"xDJI/dji.go.v4/FlightRecord/{RECORD}", f"DJI/dji.go.v4/{RECORD}",
    "logs/QUADROTOR/1/a.tlog",
])  # fmt: skip
def test_other_folders_are_none(name: str) -> None:
    assert dict(app_folder_completeness(inputs(name), (), ()).apps) == {}


def test_each_row_of_the_table_has_its_source_and_finds_its_own_folder() -> None:
    text = (files("dji_audit") / "data" / "app_folders.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(load_app_log_folder_patterns()) > 15
    for row in rows:
        assert len(row["source"]) > 15
        name = f"in/{row['folder'].replace('*', 'x')}/file.bin"
        assert app_folder_completeness(inputs(name), (), ()).apps[name].startswith(row["app"])


def test_an_empty_folder_of_an_app_is_said_on_the_disk_and_in_containers(tmp_path: Path) -> None:
    folder = "Android/data/dji.go.v5/files/FlightRecord"
    (tmp_path / "disk" / folder).mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "phone.zip", "w") as archive:
        archive.writestr(f"{folder}/", b"")
    (tmp_path / "phone.tar").write_bytes(_tar_with_folder(folder))
    found = find_inputs([tmp_path])
    assert [(remark.folder, remark.text) for remark in found.app_folder_remarks] == [
        (f"{prefix}{folder}", "no log is there: it holds nothing")
        for prefix in ("disk/", "phone.tar!/", "phone.zip!/")
    ]
    assert {remark.app for remark in found.app_folder_remarks} == {"DJI Fly on Android"}


def _tar_with_folder(folder: str) -> bytes:
    import io
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(folder)
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    return out.getvalue()


def test_a_folder_without_logs_says_how_many_other_files_it_holds() -> None:
    folder = "DJI/dji.go.v4/FlightRecord"
    (remark,) = app_folder_completeness(
        inputs(f"{folder}/a.jpg", f"{folder}/b.jpg"), (), ()
    ).remarks
    assert remark.text == "no log is there: it holds 2 other files"


def test_gaps_in_the_numbers_are_said() -> None:
    folder = "DJI/dji.go.v4/FlightRecord/MCDatFlightRecords"
    names = [f"{folder}/18-06-19-02-59-05_FLY{number:03}.DAT" for number in (42, 43, 46, 48)]
    (remark,) = app_folder_completeness(inputs(*names), (), ()).remarks
    assert remark.text == "3 logs missing by number between 42 and 48: 44 to 45, 47"
    assert app_folder_completeness(inputs(*names[:2]), (), ()).remarks == ()


def test_many_gaps_are_counted() -> None:
    names = [f"APM/LOGS/{number:08}.BIN" for number in range(1, 40, 3)]
    (remark,) = app_folder_completeness(inputs(*names), (), ()).remarks
    assert remark.text.endswith("14 to 15 and 7 further runs")
    assert remark.text.startswith("24 logs missing")


def test_logs_that_a_backup_lists_and_does_not_hold_are_said() -> None:
    folder = "phone!/AppDomain-com.dji.go/Documents/FlightRecords"
    found = app_folder_completeness(
        inputs(f"{folder}/a.txt"), (), [f"{folder}/b.txt", f"{folder}/c.jpg", "phone!/x/d.txt"]
    )
    (remark,) = found.remarks
    assert remark.text == "1 log that the backup lists is not in it (b.txt)"


def test_a_log_in_a_container_comes_from_an_app(tmp_path: Path) -> None:
    name = "apps/dji.go.v5/f/FlightRecord/a.txt"
    (tmp_path / "backup.tar").write_bytes(tarred({name: b"text"}))
    (item,) = find_inputs([tmp_path]).inputs
    assert (item.name, item.app) == (f"backup.tar!/{name}", "DJI Fly on Android (backup)")


def test_the_report_says_from_which_app_a_file_comes_and_what_its_folder_lacks(
    tmp_path: Path, sample_logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dji_audit.cli.audit._print_all_tables import print_files_not_read_whole
    from dji_audit.compliance.policy import load_policy
    from dji_audit.fleet.run import RunOptions, audit_paths

    folder = tmp_path / "DJI/dji.go.v4/FlightRecord"
    (folder / "MCDatFlightRecords").mkdir(parents=True)
    (folder / RECORD).write_bytes((sample_logs / RECORD).read_bytes())
    run = audit_paths([tmp_path], RunOptions(load_policy()))
    rows = {row.name: row.app for row in run.contents.files}
    assert rows == {f"DJI/dji.go.v4/FlightRecord/{RECORD}": "DJI GO 4 on Android"}
    assert [row.text for row in run.contents.app_folders] == ["no log is there: it holds nothing"]
    assert '"app_folders": [\n  {' in run.report_json_text
    print_files_not_read_whole(run)
    shown = capsys.readouterr().err
    assert "folder   DJI/dji.go.v4/FlightRecord/MCDatFlightRecords" in shown
    assert "(DJI GO 4 (copies of on-board logs) on Android): no log is there" in shown
