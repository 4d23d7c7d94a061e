"""Every view of ``inspect`` prints every log in every format of output."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import parsers
from dji_audit.cli.inspect import _inspect_log
from tests.conftest import ROOT, SAMPLES
from tests.dji_audit.cli.conftest import Invoke

#: Logs larger than this are inspected by ``make slow`` only.
QUICK_SIZE = 40_000
#: Of each log the tables and the first kinds of record are shown, of those with so many records.
QUICK_KINDS, ALL_KINDS, MOST_RECORDS = 3, 40, 1000


def logs_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that hold exactly one log."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in (".py", ".md", ".tsv"):
            content = parsers.open_content(path)
            if len(content) and any(known.claims(content) for known in parsers.formats()):
                yield path


def smallest_of_each_format(paths: list[Path]) -> list[Path]:
    """Return one log of each format."""
    by_format: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: path.stat().st_size):
        by_format.setdefault(parsers.identify(parsers.open_content(path)).name, path)
    return list(by_format.values())


SYNTHETIC = smallest_of_each_format(list(logs_below(ROOT / "sample_logs")))
REAL = list(logs_below(SAMPLES)) if SAMPLES.is_dir() else []


def check_views(
    invoke: Invoke, path: Path, monkeypatch: pytest.MonkeyPatch, kinds: int = QUICK_KINDS
) -> None:
    """Print every view of a log in every format, and read what was printed."""
    beside = path.with_name(path.name + ".keychains.json")
    keys = (parsers.load_keychains(beside.read_bytes()),) if beside.exists() else ()
    reading = parsers.read_file(path, keys=keys)
    if len(reading.logs) != 1:
        return
    (log,) = reading.logs
    shown = invoke("inspect", path)
    assert shown.exit_code == 0
    assert log.source.sha256 in shown.stdout
    head = json.loads(invoke("inspect", path, "--format", "json").stdout)
    assert head["source"]["sha256"] == log.source.sha256
    assert head["tables"] == {name: len(getattr(log, name)) for name in parsers.TABLES}
    # The log is the same in each view: it is read once.
    monkeypatch.setattr(_inspect_log, "read_one_log", lambda *_: log)
    views = [("--table", name, len(getattr(log, name))) for name in parsers.TABLES]
    names = [name for name, count in log.record_counts.items() if count <= MOST_RECORDS]
    # A record that holds a list gives a row for each of its items.
    views += [("--records", name, len(log.records(name))) for name in names[:kinds]]
    for option, name, count in views:
        view = ("inspect", path, option, name, "--format")
        rows = json.loads(invoke(*view, "json").stdout)
        lines = invoke(*view, "jsonl").stdout.splitlines()
        assert len(rows) == len(lines) == count
        assert [json.loads(line) for line in lines[:3]] == rows[:3]
        table = list(csv.reader(io.StringIO(invoke(*view, "csv").stdout)))
        assert len(table) == count + 1
        assert invoke(*view, "table").exit_code == 0


@pytest.mark.parametrize("path", SYNTHETIC, ids=lambda path: path.name)
def test_every_view_of_a_synthetic_log_is_printed_in_every_format(
    invoke: Invoke, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_views(invoke, path, monkeypatch)


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in REAL
        if path.suffix.lower() in (".bin", ".ulg", ".tlog") and path.stat().st_size < QUICK_SIZE
    ],
    ids=lambda path: path.name,
)
def test_every_view_of_a_small_real_log_is_printed_in_every_format(
    invoke: Invoke, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_views(invoke, path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_view_of_every_real_log_is_printed_in_every_format(
    invoke: Invoke, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_views(invoke, path, monkeypatch, ALL_KINDS)


@pytest.mark.parametrize("path", [path for path in SYNTHETIC if path.suffix == ".BIN"])
def test_a_log_whose_clock_knows_power_on_says_when(invoke: Invoke, path: Path) -> None:
    power_on = parsers.read(path).clock.power_on
    assert power_on is not None
    head = json.loads(invoke("inspect", path, "--format", "json").stdout)
    assert head["clock"]["power_on"].startswith(power_on.strftime("%Y-%m-%dT%H:%M:%S"))
