"""No secret that a log holds reaches a page, a report, a table, the terminal or Python."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import dji_audit.api
import parsers
from dji_audit.cli._app import app
from dji_audit.common.case_details import NO_CASE_DETAILS
from dji_audit.common.supplied_tables import SuppliedFileError, SuppliedRow, read_supplied_table
from dji_audit.compliance.inventory import InventoryAircraft
from dji_audit.compliance.policy import load_policy
from dji_audit.exports import FORMAT_NAMES, ExportTarget
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.report.markdown import run_markdown
from dji_audit.report.workbook import run_workbook
from tests.parsers.test_secret_conformance import (
    CANARY,
    SAMPLES_BY_FORMAT,
    WRITERS,
    keys_beside,
    planted_bytes,
    read_planted,
    secrets_in,
)

#: A downloaded file is often called as its address was.
SIGNED = f"DJIFlightRecord.txt?X-Amz-Signature={CANARY}4c0ffee&part=2"
MAKERS = ("dji-dat", "dataflash", "tlog", "ulog")
FORMATS = ("table", "csv", "json", "jsonl")
#: What cannot be read is quoted, too.
BROKEN = {
    "notes.csv": f"user,password: {CANARY}9x,a,b,c\n1,2,3,4,5\n",
    "notes.txt": f"wifi password {CANARY}9x is what they use\n",
    "eve.json": f'{{"timestamp":"x","event_type":"pwd={CANARY}9x"\n',
    "FLY002.DAT": f"password: {CANARY}9x",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of logs of every format with secrets in all of their texts."""
    folder = tmp_path_factory.mktemp("planted")
    for number, writer in enumerate(WRITERS):
        name, data, keychains = WRITERS[writer]()
        where = folder / str(number)
        where.mkdir()
        (where / name).write_bytes(data)
        if keychains:
            (where / f"{name}.keychains.json").write_text(keychains)
    for known, sample in SAMPLES_BY_FORMAT.items():
        where = folder / known
        where.mkdir()
        log = parsers.read_file(sample, keys=keys_beside(sample)).logs[0]
        readable = [
            data for data in planted_bytes(sample, log) if read_planted(sample, data) is not None
        ]
        for data in readable[-1:]:
            (where / sample.name).write_bytes(data)
    for name, text in BROKEN.items():
        (folder / name).write_text(text)
    signed = folder / "downloaded"
    signed.mkdir()
    (signed / SIGNED).write_bytes(WRITERS["dji-txt version 11"]().data)
    return folder


def logs_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".keychains.json"):
            yield path


def printed_by(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code in (0, 1, 3, 4), result.output
    return result.stdout + result.stderr


def test_the_audit_of_logs_with_secrets_shows_none(planted: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = printed_by("audit", planted, "--out", out, "--all", "--jobs", 1)
    assert secrets_in(shown) == []
    assert "redacted" in shown
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {"report.json", "flights.csv", "index.html"} <= {path.name for path in files}
    for path in files:
        assert secrets_in(path.read_bytes().decode("utf-8", "replace")) == [], path.name
        assert secrets_in(path.name) == []
    for format_ in ("json", "csv"):
        shown = printed_by("audit", planted / "1", "--format", format_, "--jobs", 1)
        assert secrets_in(shown) == []


def test_no_other_command_shows_a_secret(planted: Path, tmp_path: Path) -> None:
    assert secrets_in(printed_by("scan", planted, "--all")) == []
    assert secrets_in(printed_by("scan", planted, "--format", "json")) == []
    page = tmp_path / "map.html"
    assert secrets_in(printed_by("map", planted, "--out", page)) == []
    assert secrets_in(page.read_text() if page.exists() else "") == []
    for format_ in ("table", "csv", "json"):
        shown = printed_by("endpoints", "scan", planted, "--format", format_)
        # Where the parts of a text lie apart in the bytes, a token may be cut to a few letters.
        assert [secret for secret in secrets_in(shown) if secret not in ("dGhp",)] == []


def test_no_export_report_or_time_line_shows_a_secret(planted: Path, tmp_path: Path) -> None:
    """In text, or in the columns of a table and the sheets of a workbook."""
    out = tmp_path / "exports"
    target = ExportTarget(formats=FORMAT_NAMES, path=out, is_folder=True)
    run = audit_paths([planted], RunOptions(load_policy(), exports=target))
    assert len(run.exports) >= len(FORMAT_NAMES)
    for path in run.exports:
        assert secrets_in(path.name) == []
        if path.suffix == ".parquet":
            shown = pq.read_table(path).to_pandas().to_csv()
            shown += str(pq.read_metadata(path).metadata)
        elif path.suffix == ".kmz":
            shown = zipfile.ZipFile(path).read("doc.kml").decode("utf-8")
        else:
            shown = path.read_text("utf-8")
        assert secrets_in(shown) == [], path.name
    more: dict[str, Any] = {
        "basis": run.basis,
        "generated": None,
        "verdict_line": "",
        "case": NO_CASE_DETAILS,
    }
    assert secrets_in(run_markdown(run.contents, **more)) == []
    with zipfile.ZipFile(io.BytesIO(run_workbook(run.contents, **more))) as book:
        for name in book.namelist():
            assert secrets_in(book.read(name).decode("utf-8")) == [], name


def test_no_view_of_inspect_shows_a_secret(planted: Path) -> None:
    """Each log in the terminal; of one of each maker each table, and records with secrets."""
    views = 0
    makers = {str(list(WRITERS).index(name)) for name in ("dji-txt version 11", *MAKERS)}
    for path in logs_in(planted):
        shown = printed_by("inspect", path)
        assert secrets_in(shown.replace(str(path), "")) == [], path
        reading = parsers.read_file(path)
        if len(reading.logs) != 1 or path.parent.name not in makers:
            continue
        assert secrets_in(printed_by("inspect", path, "--format", "json")) == [], path
        (log,) = reading.logs
        options = [("--table", name) for name in parsers.TABLES]
        told = [it for it in log.record_counts if "redacted" in log.records(it).to_csv()]
        options += [("--records", name) for name in told[:3]]
        for number, (option, name) in enumerate(options):
            # The first table in every format, each other view in one of them by turns.
            for format_ in FORMATS if number == 1 else FORMATS[number % 4 :][:1]:
                view = printed_by("inspect", path, option, name, "--format", format_)
                assert secrets_in(view) == [], (path, name)
                views += 1
    assert views >= 30


def test_the_tables_of_the_python_interface_hold_no_secret(planted: Path, tmp_path: Path) -> None:
    made = dji_audit.api.audit(planted)
    for name in ("findings", "flights", "results", "contacts", "network"):
        assert secrets_in(getattr(made, name).to_csv()) == [], name
    flights = dji_audit.api.read_flights(planted)
    assert flights
    for flight in flights:
        for name in ("track", "events", "captures"):
            assert secrets_in(getattr(flight, name).to_csv()) == [], name
        assert secrets_in(repr(flight.logs)) == []


def test_what_a_unit_supplies_shows_no_secret(planted: Path, tmp_path: Path) -> None:
    inventory, zones = tmp_path / "inventory.csv", tmp_path / "zones.geojson"
    rows = load_inventory_rows(inventory, "serial,maker\n1581F,rtsp://bob:C4nary9x@192.0.2.1/a\n")
    assert [row.record.maker for row in rows] == ["rtsp://(redacted)@192.0.2.1/a"]
    inventory.write_text("serial,class_mark\n1581F,password: C4nary9x\n")
    with pytest.raises(SuppliedFileError) as refused:
        read_supplied_table(inventory, "aircraft", InventoryAircraft)
    assert secrets_in(str(refused.value)) == []
    zones.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":'
        f'"Camp, wifi password {CANARY}9x"}},"geometry":{{"type":"Polygon","coordinates":'
        "[[[0,50],[1,50],[1,51],[0,50]]]}}]}"
    )
    shown = printed_by("zones", "list", zones)
    assert "Camp, wifi password (redacted)" in shown
    assert secrets_in(shown) == []


def load_inventory_rows(path: Path, text: str) -> tuple[SuppliedRow[InventoryAircraft], ...]:
    path.write_text(text)
    return read_supplied_table(path, "aircraft", InventoryAircraft).rows


def test_what_is_planted_is_there(planted: Path) -> None:
    """Without it the other tests would prove nothing."""
    held = [path for path in logs_in(planted) if CANARY.encode() in path.read_bytes()]
    assert len({path.parent.name for path in held}) >= 20
