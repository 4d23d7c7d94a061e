"""A result of reading rests on the code that made it, and on no other."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import parsers
from dji_audit.fleet import decoder_code_digests as module
from dji_audit.fleet.containers.member_copies import IndexedInput
from dji_audit.fleet.decoder_code_digests import (
    READ_FILE,
    UNREAD_FILE,
    DecoderCodeDigests,
    ImportGraph,
)
from dji_audit.fleet.read_file_in_worker import ReadSettings, read_file
from dji_audit.fleet.store import ResultStore
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.input_files import InputFile
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"

#: Two packages as small as they can be, with everything that decides what is followed.
PROGRAM = {
    "parsers/__init__.py": "from ._shared import share\n",
    "parsers/_shared.py": "def share(): return 1\n",
    "parsers/dji/__init__.py": "",
    "parsers/dji/txt.py": "from ._layout import LAYOUT\nFORMAT = LAYOUT\n",
    "parsers/dji/_layout.py": "LAYOUT = 1\n",
    "parsers/mavlink/__init__.py": "",
    "parsers/mavlink/tlog.py": "def read():\n    from . import _frames\n    return _frames\n",
    "parsers/mavlink/_frames.py": "SIZE = 2\n",
    "dji_audit/__init__.py": "",
    "dji_audit/fleet/__init__.py": "",
    "dji_audit/fleet/read_file_in_worker.py": (
        "import parsers\n"
        "from dji_audit.fleet.report_rows_of_files import read_row, unread_file_row\n"
        "from dji_audit import summary as summaries\n"
        "def read_file(x):\n    return read_row(x), summaries.summarise(x), unread_file_row\n"
        "def audit(x):\n    return x\n"
    ),
    "dji_audit/fleet/report_rows_of_files.py": (
        "from dji_audit.kinds import KINDS\n"
        "TITLE = 'a'\n"
        "def read_row(x):\n    return TITLE\n"
        "def unread_file_row(x):\n    return KINDS\n"
    ),
    "dji_audit/kinds.py": "KINDS = ('a', 'b')\n",
    "dji_audit/summary/__init__.py": (
        "from ._speeds import speed\ndef summarise(x): return speed(x)\n"
    ),
    "dji_audit/summary/_speeds.py": (
        "from importlib import import_module\n"
        "from importlib.resources import files\n"
        "def table(): return files('dji_audit').joinpath('data', 'speeds.csv')\n"
        "def speed(x):\n    return import_module('dji_audit.plugins').x, table()\n"
        "def unused(x): return 0\n"
    ),
    "dji_audit/plugins/__init__.py": "",
    "dji_audit/plugins/first.py": "VALUE = 1\n",
    "dji_audit/rule.py": "LIMIT = 120\n",
    "dji_audit/data/speeds.csv": "m/s\n",
    "dji_audit/data/catalogue.csv": "host\n",
}
FORMATS = {"txt": "parsers.dji.txt", "tlog": "parsers.mavlink.tlog"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    for name, text in PROGRAM.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def code_of(program: Path) -> DecoderCodeDigests:
    graph = ImportGraph({name: program / name for name in ("dji_audit", "parsers")})
    return graph.decoder_code_digests_and_package_versions(FORMATS)[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("parsers/_shared.py", "1", "2", {"shared"}),
        ("parsers/dji/_layout.py", "1", "2", {"txt"}),
        ("parsers/mavlink/_frames.py", "2", "3", {"tlog"}),
        ("parsers/dji/__init__.py", "", "import math\n", {"txt"}),
        (
            "dji_audit/fleet/read_file_in_worker.py",
            "def audit(x):\n    return x",
            "def audit(y): 1",
            set(),
        ),
        ("dji_audit/fleet/read_file_in_worker.py", "read_row(x),", "read_row(x), 1,", {"shared"}),
        ("dji_audit/fleet/report_rows_of_files.py", "'a'", "'b'", {"shared"}),
        ("dji_audit/fleet/report_rows_of_files.py", "return KINDS", "return ()", {"file_kinds"}),
        ("dji_audit/kinds.py", "'b'", "'c'", {"file_kinds"}),
        ("dji_audit/summary/_speeds.py", "return 0", "return 1", set()),
        ("dji_audit/summary/_speeds.py", "plugins').x", "plugins').y", {"shared"}),
        ("dji_audit/plugins/first.py", "1", "2", {"shared"}),
        ("dji_audit/rule.py", "120", "50", set()),
        ("dji_audit/data/catalogue.csv", "host", "hosts", set()),
        ("dji_audit/data/speeds.csv", "m/s", "km/h", {"shared"}),
        ("dji_audit/summary/__init__.py", "", "print()\n", {"shared"}),
    ],
)
def test_a_change_counts_where_reading_reaches_it(
    program: Path, name: str, old: str, new: str, changed: set[str]
) -> None:
    before = code_of(program)
    path = program / name
    path.write_text(path.read_text().replace(old, new, 1) if old else new + path.read_text())
    after = code_of(program)
    found = {each for each in FORMATS if before.formats[each] != after.formats[each]}
    found |= {
        each for each in ("shared", "file_kinds") if getattr(before, each) != getattr(after, each)
    }
    assert found == changed


def test_digests_are_kept_until_the_code_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = module.cached_or_new_decoder_code_digests(tmp_path)
    assert set(first.formats) == {known.name for known in parsers.formats()}
    assert len(set(first.formats.values())) == len(first.formats)

    def refuse() -> None:
        raise AssertionError("it is known")

    monkeypatch.setattr(module, "_decoder_code_digests_and_package_versions", refuse)
    assert module.cached_or_new_decoder_code_digests(tmp_path) == first
    monkeypatch.setattr(module, "package_code_digest", lambda package: f"another {package}")
    with pytest.raises(AssertionError, match="it is known"):
        module.cached_or_new_decoder_code_digests(tmp_path)


#: One file of each kind of reading: with a log, with several, with none, of zones.
KINDS = (
    "*.tlog", "*.BIN", "*.bin", "*.ulg", "DJIFlightRecord*", "*.SRT", "*.csv", "*.DAT", "*.log",
    "*.JPG", "*.MP4", "*.pcap", "*.pcapng", "*.har", "*.MRK", "*.db", "*.sqlite", "*.json",
    "*.geojson", "*.kml", "*.txt",
)  # fmt: skip


def files_of_each_kind() -> Iterator[Path]:
    for kind in KINDS:
        yield from sorted(path for path in SAMPLES.rglob(kind) if path.is_file())[:2]


def test_nothing_runs_to_read_a_file_that_its_result_does_not_rest_on(tmp_path: Path) -> None:
    """Of every function that runs, and every file of the packages that is opened."""
    graph = ImportGraph({name: ROOT / name for name in ("dji_audit", "parsers")})
    definitions = graph.reachable_definitions([READ_FILE, UNREAD_FILE])
    shared = graph.imported_modules(["parsers"])
    of_format = {
        name: graph.imported_modules([each])
        for name, each in module._module_name_by_format_name().items()
    }
    parsers.formats()
    ran: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            ran.add((frame.f_globals.get("__name__", ""), frame.f_code.co_qualname))

    settings = ReadSettings(IngestSettings(), tmp_path, ResultStore(tmp_path / "results"))
    read = 0
    for number, path in enumerate(dict.fromkeys(files_of_each_kind())):
        ran.clear()
        sys.setprofile(note)
        try:
            result = read_file(IndexedInput(number, InputFile(path, path.name, False)), settings)
        finally:
            sys.setprofile(None)
        read += result.row.format is not None
        allowed = shared | of_format.get(result.row.format or "", frozenset())
        for name, function in ran:
            if name.split(".")[0] == "dji_audit":
                known = (name, function.split(".")[0]) in definitions
                is_made_by_dataclass = function.startswith(("<", "__create_fn__"))
                assert known or is_made_by_dataclass, (path.name, name, function)
            elif name.split(".")[0] == "parsers" and result.row.sha256 and result.log_count:
                # Every format is asked whether it claims the file; its answer is a part of the key.
                is_claim = not any(each.endswith("read") for each in function.split("."))
                assert name in allowed or is_claim, (path.name, name, function)
    assert read > 15
