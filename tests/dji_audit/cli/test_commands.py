"""The commands: data on stdout, talk on stderr, and nothing that a terminal would obey."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from typer.testing import Result

from dji_audit.cli._text_table import format_table
from dji_audit.report.report_json_and_csv import report_json_schema
from sample_logs import dji_bodies
from sample_logs.dji_txt import Details, encode
from tests.dji_audit.cli.conftest import error_of_use, read_terminal

Invoke = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]

ESCAPE = "\x1b]0;owned\x07\x1b[31m"
BIDI = "\u202egpj.\u2066"


def spoken(tips: list[str], name: str = "") -> bytes:
    """A record whose texts are these."""
    records = [(dji_bodies.CUSTOM, dji_bodies.custom(False, 0, 0, 0, 1_780_000_000_000))]
    records += [(dji_bodies.APP_WARN, dji_bodies.text(tip)) for tip in tips]
    return encode(11, records, details=Details(aircraft_name=name, start_ms=1_780_000_000_000))


def obeyed(text: str) -> set[str]:
    """Return the characters of an output that a terminal would obey."""
    return {
        char
        for char in text
        if (ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160
        or char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    }  # fmt: skip


def test_inspect_prints_records_or_a_table_and_not_one_of_two_in_silence(
    invoke: Invoke, whole: Path
) -> None:
    assert "use --records or --table, not both" in error_of_use(
        invoke("inspect", whole, "--records", "OSD", "--table", "track")
    )


def test_inspect_prints_no_rows_of_nothing(invoke: Invoke, whole: Path) -> None:
    for form in ("csv", "jsonl"):
        result = invoke("inspect", whole, "--format", form)
        assert result.exit_code == 2
        assert not result.stdout
        assert "choose them with --table or --records" in result.stderr


def test_a_table_wider_than_the_terminal_loses_the_middle_of_long_names_only() -> None:
    name = "case/" + "long_" * 40 + "end.txt"
    rows = [("ID", "MANY", "FILE"), ("a-1", "2", name), ("b-1", "13", "short.txt")]
    assert format_table(rows).splitlines()[1] == f"a-1  2     {name}"
    head, first, second = format_table(rows, right_aligned=frozenset({1}), width=60).splitlines()
    assert head == "ID   MANY  FILE"
    assert len(first) == 60
    assert first.startswith("a-1     2  case/long_") and first.endswith("long_end.txt")
    assert "…" in first
    assert second == "b-1    13  short.txt"


def test_the_table_of_flights_says_of_each_how_much_was_not_checked(
    invoke: Invoke, whole: Path
) -> None:
    report = json.loads(invoke("audit", whole, "--format", "json").stdout)
    (flight,) = report["flights"]
    concern = sum(flight[it] for it in ("pass", "fail", "fail_authorised", "not_assessable"))
    lines = invoke("audit", whole, "--all").stdout.splitlines()
    assert lines[0].split("  ")[-2:] == ["NOT CHECKED", "SOURCES"]
    assert f"{flight['not_assessable']} of {concern}" in lines[1]


def test_zone_files_among_the_logs_are_told_as_such(
    invoke: Invoke, sample_logs: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    shutil.copy(whole, folder)
    (folder / "zones.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        '{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,50]]]}}]}'
    )
    short = " ".join(invoke("audit", folder).stdout.split())
    assert "1 zone file lies among the logs and was not used: name it with --zones" in short
    told = invoke("audit", folder, "--all").stderr
    assert (
        "1 zone file among the logs; flights are checked only against those named with --zones"
        in told
    )
    assert "of no log format" not in told


def test_a_device_without_a_name_is_an_error_of_use(invoke: Invoke, whole: Path) -> None:
    assert "--device: an address or a name must be given" in error_of_use(
        invoke("audit", whole, "--device", " ")
    )


def test_inspect_says_what_a_capture_could_have_seen_and_what_it_cannot_tell(
    invoke: Invoke, sample_logs: Path
) -> None:
    capture = sample_logs / "network" / "2026-05-14_router_wlan0.pcap"
    told = invoke("inspect", capture).stdout
    assert "2026-05-14 08:40:11 to 2026-05-14 10:39:30 UTC" in told
    assert "at most 1,300" in told
    assert "captures  unknown  this kind of file does not record this" in told
    document = json.loads(invoke("inspect", capture, "--format", "json").stdout)
    assert document["unrecorded_tables"] == ["track", "events", "captures"]
    assert document["capture_window"]["snap_length"] == 1300


def test_help_of_every_command_tells_the_exit_codes_or_its_options(invoke: Invoke) -> None:
    for option in ("-h", "--help"):
        result = invoke(option)
        assert result.exit_code == 0
        for command in ("audit", "inspect", "map", "demo", "schema"):
            assert command in result.stdout
        for code in ("0 done", "1 findings", "2 usage", "3 nothing", "4 ", "70 ", "130 "):
            assert code in result.stdout
        for command in ("audit", "inspect", "map", "demo", "schema"):
            assert invoke(command, option).exit_code == 0


def test_the_version_is_told(invoke: Invoke) -> None:
    assert invoke("--version").stdout.startswith("dji-audit ")


def test_the_long_tables_come_before_the_summary_and_only_where_they_are_wanted(
    spawn: Spawn, whole: Path
) -> None:
    result = spawn("audit", whole)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "FLIGHT  " not in result.stdout
    everything = spawn("audit", whole, "--all")
    head, row = everything.stdout.splitlines()[:2]
    assert head.startswith("FLIGHT")
    # The name of the file gives way to the place.
    assert whole.name[-10:] in row
    assert "8.1 km N of Princetown, Devon" in row
    assert "131 m" in row
    assert everything.stdout.endswith(result.stdout)


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_beside_data_the_summary_is_a_message(spawn: Spawn, whole: Path, format_: str) -> None:
    result = spawn("audit", whole, "--format", format_)
    assert "VERDICT" not in result.stdout
    assert result.stderr == spawn("audit", whole).stdout


@pytest.mark.parametrize(
    ("options", "code"), [([], 1), (["--fail-on", "high"], 0), (["--fail-on", "remark"], 1)]
)
def test_the_least_severity_that_fails_is_the_users_choice(
    invoke: Invoke, whole: Path, options: list[str], code: int
) -> None:
    assert invoke("audit", whole, *options).exit_code == code


def test_a_log_read_in_part_exits_with_4_unless_that_is_allowed(
    invoke: Invoke, damaged: Path
) -> None:
    assert invoke("audit", damaged).exit_code == 4
    assert invoke("audit", damaged, "--allow-partial").exit_code == 1
    assert invoke("audit", damaged, "--allow-partial", "--fail-on", "high").exit_code == 0


def test_an_encrypted_log_is_told_as_such_and_its_key_opens_it(
    invoke: Invoke, sealed: Path, tmp_path: Path
) -> None:
    log = tmp_path / "v14.txt"
    shutil.copyfile(sealed, log)
    for options in ([], ["--allow-partial"]):
        result = invoke("audit", log, *options)
        assert result.exit_code == 3
        assert "1 record is encrypted: dji-audit keys request" in result.stdout
    keys = sealed.with_name(sealed.name + ".keychains.json")
    opened = invoke("audit", log, "--keys", keys, "--all")
    assert opened.exit_code == 1
    assert "131 m" in opened.stdout


def test_the_report_on_stdout_is_one_document_that_keeps_to_its_schema(
    invoke: Invoke, whole: Path
) -> None:
    result = invoke("audit", whole, "--format", "json")
    report = json.loads(result.stdout)
    jsonschema.validate(report, json.loads(report_json_schema()))
    assert report["verdict"]["exit_code"] == result.exit_code == 1
    assert json.loads(invoke("schema").stdout) == json.loads(report_json_schema())


def test_flights_on_stdout_as_csv_are_the_file_that_is_written(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    result = invoke("audit", whole, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout, newline=""))
    assert row["max_height_ato_m"] == "131.2"
    invoke("audit", whole, "--out", tmp_path / "out")
    written = (tmp_path / "out" / "flights.csv").read_text("utf-8")
    (same,) = csv.DictReader(io.StringIO(written, newline=""))
    assert same | {"page": ""} == row


def test_the_time_of_the_run_is_only_what_the_user_gives(
    invoke: Invoke, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def generated(*options: str) -> str | None:
        report = json.loads(invoke("audit", whole, "--format", "json", *options).stdout)
        time: str | None = report["run"]["generated"]
        return time

    assert generated() is None
    assert generated("--now", "2026-05-14T10:00:00+01:00") == "2026-05-14T09:00:00+00:00"
    assert generated("--now", "2026-05-14T10:00:00Z") == "2026-05-14T10:00:00+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    assert generated() == "2026-05-28T20:26:40+00:00"
    assert generated("--now", "2026-05-14T10:00:00Z") == "2026-05-14T10:00:00+00:00"


@pytest.mark.parametrize("epoch", ["soon", "1e400", "99999999999999999999"])
def test_a_source_date_epoch_that_is_none_is_an_error_of_use(
    invoke: Invoke, whole: Path, monkeypatch: pytest.MonkeyPatch, epoch: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert "not a time" in error_of_use(invoke("audit", whole))


def test_paths_are_read_from_stdin_one_a_line_as_they_are(
    invoke: Invoke, tmp_path: Path, whole: Path
) -> None:
    path = tmp_path / "a [1] name with spaces .txt"
    shutil.copyfile(whole, path)
    result = invoke("audit", "-", "--format", "json", input=f"{path}\n\n{tmp_path / 'gone'}\n")
    inputs = {it["name"]: it["status"] for it in json.loads(result.stdout)["inputs"]}
    assert inputs[path.name] == "read"
    assert next(status for name, status in inputs.items() if "gone" in name) == "unopened"
    assert result.exit_code == 4


def test_a_name_with_markup_is_printed_as_it_is(spawn: Spawn, tmp_path: Path, whole: Path) -> None:
    path = tmp_path / "[bold]DJI [link=x]y.txt"
    shutil.copyfile(whole, path)
    (tmp_path / "[red]empty[b].txt").write_bytes(b"")
    result = spawn("audit", tmp_path, "--all", env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert "[bold]DJI [link=x]y.txt" in result.stdout
    assert "[red]empty[b].txt" in result.stderr
    missing = spawn("inspect", tmp_path / "[bold]gone")
    assert "[bold]gone" in missing.stderr


def test_a_name_or_text_that_a_terminal_would_obey_is_made_harmless(
    invoke: Invoke, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ESCAPE}{BIDI}\nb.txt"
    path.write_bytes(spoken([f"GEO: {ESCAPE}zone{BIDI}"], f"{ESCAPE}x"))
    (tmp_path / f"empty{ESCAPE}.txt").write_bytes(b"")
    for arguments in (
        ["audit", tmp_path],
        ["audit", tmp_path / f"gone{ESCAPE}"],
        ["audit", path, "--format", "json"],
        ["inspect", path],
        ["inspect", path, "--table", "events"],
        ["inspect", path, "--records", "AppWarn"],
        ["inspect", path, "--records", f"No{ESCAPE}"],
        ["inspect", path, "--format", "json"],
        ["inspect", tmp_path / f"gone{ESCAPE}"],
        ["map", path, "--out", tmp_path / f"p{ESCAPE}.html"],
        ["audit", path, "--policy", f"p{ESCAPE}"],
    ):
        result = invoke(*arguments, color=True)
        assert result.exit_code in (0, 1, 2, 3, 4), (arguments, result.stderr)
        assert obeyed(result.stdout + result.stderr) == set(), arguments
        assert result.stdout + result.stderr


def test_data_spells_out_escape_codes_in_a_pipe_and_on_a_terminal(
    spawn: Spawn, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(spoken([f"GEO: {ESCAPE}zone"]))
    arguments = ["inspect", str(path), "--records", "AppWarn", "--format", "csv"]
    piped = spawn(*arguments).stdout
    assert "\x1b" not in piped
    assert "⟨U+001B⟩" in piped
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
    ours, theirs = pty.openpty()
    command = str(Path(sys.executable).with_name("dji-audit"))
    with subprocess.Popen([command, *arguments], stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = read_terminal(ours)
        process.wait(timeout=60)
    os.close(ours)
    assert b"zone" in shown
    assert b"\x1b" not in shown
    assert b"\x07" not in shown


def test_a_terminal_that_lacks_a_letter_is_no_error(spawn: Spawn, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(spoken(["GEO: \u7981\u98de\u533a"]))
    (tmp_path / "\u7a7a.txt").write_bytes(b"")
    for arguments in (["audit", tmp_path], ["inspect", path, "-t", "events", "--format", "csv"]):
        result = spawn(*arguments, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
        assert result.returncode in (0, 4), result.stderr


def test_inspect_shows_what_a_log_is_and_holds(invoke: Invoke, whole: Path) -> None:
    result = invoke("inspect", whole)
    assert result.exit_code == 0
    for word in (
        whole.name, "765,892 bytes", "dji-txt, version 11", "SYNTHETIC0000001",
        "takeoff 1", "OSD", "5792", "Issues   none: every byte is accounted for",
    ):  # fmt: skip
        assert word in result.stdout, word
    assert result.stderr == ""


def test_inspect_tells_each_hole_of_a_damaged_log(invoke: Invoke, damaged: Path) -> None:
    result = invoke("inspect", damaged)
    assert result.exit_code == 0
    assert "at 638243 (0x9bd23)" in result.stdout or "638243" in result.stdout
    assert "not decoded" in result.stdout


def test_inspect_gives_every_record_of_a_name_in_every_form(invoke: Invoke, whole: Path) -> None:
    def told(form: str) -> str:
        result = invoke("inspect", whole, "--records", "OSD", "--format", form)
        assert result.exit_code == 0
        assert result.stderr == ""
        return result.stdout

    rows = list(csv.DictReader(io.StringIO(told("csv"), newline="")))
    assert len(rows) == 5792
    documents = json.loads(told("json"))
    lines = [json.loads(line) for line in told("jsonl").splitlines()]
    assert documents == lines
    assert [int(row["offset"]) for row in rows] == [row["offset"] for row in documents]
    assert max(row["height_ato_m"] for row in documents) == pytest.approx(131.2)
    table = told("table").splitlines()
    assert table[-1] == "… and 5752 more rows; use --format csv for all"


def test_json_gives_numbers_and_times_as_exactly_as_csv(invoke: Invoke, sample_logs: Path) -> None:
    log = sample_logs / "log_42_2026-5-14-14-01-58.ulg"
    told = {
        form: invoke("inspect", log, "--table", "track", "--format", form).stdout
        for form in ("csv", "json")
    }
    rows = list(csv.DictReader(io.StringIO(told["csv"], newline="")))
    documents = json.loads(told["json"])
    assert len(rows) == len(documents) > 1000
    for row, document in zip(rows, documents, strict=True):
        for name in ("latitude_deg", "longitude_deg", "altitude_amsl_m", "pitch_deg"):
            assert document[name] == (float(row[name]) if row[name] else None)
        assert pd.Timestamp(document["time"]) == pd.Timestamp(row["time"])


@pytest.mark.parametrize("table", ["track", "events", "captures", "contacts"])
def test_inspect_gives_every_table(invoke: Invoke, whole: Path, table: str) -> None:
    shown = invoke("inspect", whole, "--table", table)
    assert shown.exit_code == 0
    rows = invoke("inspect", whole, "--table", table, "--format", "json").stdout
    count = len(json.loads(rows))
    counted = {"track": 5792, "captures": 13, "contacts": 0}
    assert count == counted.get(table, count)
    if not count:
        assert shown.stdout == "no rows\n"


def test_the_header_as_json_counts_every_byte(invoke: Invoke, whole: Path) -> None:
    header = json.loads(invoke("inspect", whole, "--format", "json").stdout)
    assert header["source"]["size"] == sum(span["size"] for span in header["coverage"])
    assert header["records"]["OSD"] == 5792
    assert header["tables"]["track"] == 5792


def test_an_unknown_record_is_answered_with_those_there_are(invoke: Invoke, whole: Path) -> None:
    result = invoke("inspect", whole, "--records", "OSDD")
    assert result.exit_code == 2
    assert "no OSDD records; this log has AppGPS, AppTip" in result.stderr
    assert result.stdout == ""
    assert invoke("inspect", whole, "--table", "fixes").exit_code == 2


def test_inspect_finds_keys_beside_the_log_or_where_it_is_told(
    invoke: Invoke, sealed: Path, tmp_path: Path
) -> None:
    log = tmp_path / "v14.txt"
    shutil.copyfile(sealed, log)
    keys = sealed.with_name(sealed.name + ".keychains.json")
    assert "yes, and no key fits" in invoke("inspect", log).stdout
    for options in (["--keys", keys], ["--keys", sealed.parent]):
        if options[1] == sealed.parent:
            folder = tmp_path / "keys"
            folder.mkdir()
            shutil.copyfile(keys, folder / "k.json")
            options = ["--keys", folder]
        shown = invoke("inspect", log, *options)
        assert "no part is unread for lack of a key" in shown.stdout
    shutil.copyfile(keys, tmp_path / "v14.txt.keychains.json")
    assert "no part is unread for lack of a key" in invoke("inspect", log).stdout
    (tmp_path / "bad.json").write_text("{")
    assert "bad.json: keychains are not JSON" in error_of_use(
        invoke("inspect", log, "--keys", tmp_path / "bad.json")
    )


def test_inspect_names_the_keychains_file_that_is_none(
    invoke: Invoke, sealed: Path, tmp_path: Path
) -> None:
    log = tmp_path / "v14.txt"
    shutil.copyfile(sealed, log)
    (tmp_path / "v14.txt.keychains.json").write_text("{")
    assert "v14.txt.keychains.json: keychains are not JSON" in error_of_use(invoke("inspect", log))


def test_a_formula_in_a_log_is_quoted_in_csv(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(spoken(["=HYPERLINK(1)"]))
    out = invoke("inspect", path, "--records", "AppWarn", "--format", "csv").stdout
    assert "'=HYPERLINK(1)" in out


def test_the_command_says_how_the_windows_of_flights_were_watched(
    invoke: Invoke, whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    capture = sample_logs / "network" / "2026-05-14_router_wlan0.pcap"
    own = tmp_path / "own.csv"
    own.write_text("indicator,operator,source\ntime.android.com,Google,own list\n")
    words = ("--device", "192.0.2.20", "--endpoints", own)
    told = invoke("audit", whole, capture, "--all", *words)
    assert re.search(
        r"network  1 network log recorded [\d.]+ % of each flight; the absence of a contact is "
        r"conclusive for 0 of 1",
        told.stderr,
    )
    assert invoke("audit", whole, "--endpoints", tmp_path / "nothing.csv").exit_code == 2
    own.write_text("indicator,operator\n")
    assert "no column source" in invoke("audit", whole, "--endpoints", own).stderr


def test_map_writes_a_page_and_tells_where(invoke: Invoke, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "page [1].html"
    result = invoke("map", whole, "--out", out)
    assert result.exit_code == 0
    assert result.stdout == f"{out}\n"
    first = out.read_bytes()
    assert first.startswith(b"<!DOCTYPE html>")
    invoke("map", whole, "--out", out)
    assert out.read_bytes() == first


def test_map_never_writes_over_the_log(invoke: Invoke, whole: Path, tmp_path: Path) -> None:
    log = tmp_path / "a.txt"
    shutil.copyfile(whole, log)
    (tmp_path / "link.html").symlink_to(log)
    for out in (log, tmp_path / "link.html"):
        result = invoke("map", log, "--out", out)
        assert result.exit_code == 2
        assert "is the log itself" in result.stderr
    assert log.read_bytes() == whole.read_bytes()


def copy_logs_of_two_flights(whole: Path, sample_logs: Path, folder: Path) -> None:
    folder.mkdir()
    for path in (whole, sample_logs / "log_42_2026-5-14-14-01-58.ulg"):
        shutil.copyfile(path, folder / path.name)


def test_map_of_several_flights_writes_their_index_with_their_pages_beside_it(
    invoke: Invoke, whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    copy_logs_of_two_flights(whole, sample_logs, logs)
    (logs / "broken.DAT").write_bytes(b"BUILD" + bytes(200))
    out = tmp_path / "all flights.html"
    result = invoke("map", logs, "--out", out, "--place", "50.618,-3.966")
    # A file that may hold a flight was not read.
    assert result.exit_code == 4
    assert result.stdout.startswith(f"{out}\n")
    index = out.read_text(encoding="utf-8")
    pages = sorted((tmp_path / "all flights-flights").iterdir())
    assert len(pages) == 2
    assert all(f'href="all%20flights-flights/{page.name}"' in index for page in pages)
    assert "2 tracks drawn" in index
    assert "<td>broken.DAT" in index
    assert '"target":[50.618,-3.966]' in index
    first, second = (page.read_text(encoding="utf-8") for page in pages)
    assert f'rel="next" href="{pages[1].name}"' in first
    assert f'rel="prev" href="{pages[0].name}"' in second
    assert 'href="../all%20flights.html"' in first
    before = [path.read_bytes() for path in (out, *pages)]
    invoke("map", logs, "--out", out, "--place", "50.618,-3.966")
    assert [path.read_bytes() for path in (out, *pages)] == before
    # Of other logs: the pages of this index go, and nothing else.
    own = pages[0].with_name("notes.html")
    own.write_text("mine", encoding="utf-8")
    shutil.copyfile(sample_logs / "00000042.BIN", logs / "00000042.BIN")
    (logs / whole.name).unlink()
    invoke("map", logs, "--out", out)
    assert not pages[0].exists()
    assert pages[1].exists()
    assert own.read_text(encoding="utf-8") == "mine"


def test_map_of_several_flights_writes_nothing_into_the_evidence(
    invoke: Invoke, whole: Path, sample_logs: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "week-flights"
    copy_logs_of_two_flights(whole, sample_logs, logs)
    before = sorted(logs.iterdir())
    for out in (logs / "page.html", tmp_path / "week.html"):
        assert "nothing is written into evidence" in error_of_use(invoke("map", logs, "--out", out))
    assert sorted(logs.iterdir()) == before


def test_map_says_when_a_place_was_in_view(invoke: Invoke, sample_logs: Path, whole: Path) -> None:
    result = invoke("map", sample_logs, "--place", "50.6180,-3.9660", "--format", "json")
    rows = json.loads(result.stdout)
    assert any("gives the field of view" in (row["unknown_reason"] or "") for row in rows)
    told = invoke("map", whole, "--place", "50.6180, -3.9660")
    assert told.exit_code == 0
    mine = [row for row in rows if row["file"] == whole.name and not row["unknown_reason"]]
    assert told.stdout.count(whole.name) == len(mine) > 0
    assert "viewed the place or its direction in 1, never in 0; unknown for 0" in told.stdout
    assert "take-off plane" in told.stdout


@pytest.mark.parametrize("place", ["51.34", "51.34,200", "nan,3", "north,east"])
def test_what_is_no_place_is_an_error_of_use(invoke: Invoke, whole: Path, place: str) -> None:
    assert "latitude,longitude in degrees" in error_of_use(invoke("map", whole, "--place", place))


def test_map_wants_a_page_or_a_place_and_heights_that_can_be_read(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    assert "--out, or a place with --place" in invoke("map", whole).stderr
    assert "the name of a tile" in error_of_use(
        invoke("map", whole, "--place", "51,12", "--elevation", whole)
    )


def test_map_into_a_folder_or_nowhere_is_an_error_of_use(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    assert "name the HTML file" in invoke("map", whole, "--out", tmp_path).stderr
    assert "no such file or directory" in error_of_use(
        invoke("map", whole, "--out", tmp_path / "no" / "page.html")
    )


def test_the_demo_exits_with_0_and_prints_page_and_verdict(spawn: Spawn, tmp_path: Path) -> None:
    result = spawn("demo", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    page = tmp_path / "dji-audit-demo" / "index.html"
    (place,) = [line for line in result.stdout.splitlines() if line.startswith("OPEN ")]
    assert place.removeprefix("OPEN").strip() in (str(page), "index.html in the folder of --out")
    assert page.read_bytes().startswith(b"<!DOCTYPE html>")
    (verdict,) = [line for line in result.stdout.splitlines() if line.startswith("VERDICT")]
    assert re.search(r" \d+ of \d+ flights needs? a look", verdict)
    assert "exits with 4" in result.stdout
    again = spawn("demo", cwd=tmp_path)
    assert again.returncode == 0
    (tmp_path / "taken").write_text("mine")
    assert spawn("demo", tmp_path / "taken").returncode == 2


def test_an_audit_names_the_page_to_open(invoke: Invoke, whole: Path, tmp_path: Path) -> None:
    result = invoke("audit", whole, "--out", tmp_path / "out")
    path = f"OPEN     {tmp_path / 'out' / 'index.html'}"
    shown = path if len(path) <= 80 else "OPEN     index.html in the folder of --out"
    assert result.stdout.splitlines()[-1] == shown
    inside = invoke("audit", tmp_path, "--out", tmp_path / "in")
    assert inside.exit_code == 2
    assert "nothing is written into evidence" in inside.stderr


def test_a_flight_tells_over_which_ground_and_with_which_camera_its_view_is_worked_out(
    invoke: Invoke, sample_logs: Path, tmp_path: Path
) -> None:
    tile = tmp_path / "N50W004.hgt"
    tile.write_bytes(bytes(2 * 1201 * 1201))
    log = sample_logs / "2026-05-14 12-01-58.tlog"
    asked = ("inspect", "--flight", "", log, "--camera", "M30T", "--elevation", tile)
    told = invoke(*asked)
    assert "declared by the unit: Matrice 30 wide camera" in told.stdout
    assert "field of view [declared]" in told.stdout
    assert "elevation model N50W004.hgt" in told.stdout
    view = json.loads(invoke(*asked, "--format", "json").stdout)["view"]
    assert (view["grade"], view["ground_coverage"]) == ("declared", 1.0)
    wrong = invoke("inspect", "--flight", "", log, "--camera", "Polaroid")
    assert (wrong.exit_code, "no camera 'Polaroid'" in wrong.stderr) == (2, True)
    assert invoke("inspect", log, "--camera", "M30T").exit_code == 2


@pytest.mark.parametrize("pattern", ["*.ulg", "*.tlog", "*.BIN", "*.DAT", "*.txt", "*.SRT"])
def test_inspect_prints_the_header_of_every_log_as_json(
    invoke: Invoke, sample_logs: Path, pattern: str
) -> None:
    logs = [path for path in sorted(sample_logs.glob(pattern)) if path.name != "README.txt"]
    assert logs
    for path in logs:
        result = invoke("inspect", path, "--format", "json")
        if result.exit_code == 0:
            assert set(json.loads(result.stdout)["clock"]) >= {"source", "power_on"}
    assert any(invoke("inspect", path, "--format", "json").exit_code == 0 for path in logs)
