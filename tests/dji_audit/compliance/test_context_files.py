"""What a unit brings along is read strictly: each fault is named with its line."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

import parsers
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.context import (
    AuditContext,
    ContextFiles,
    _log_with_aligned_fence_times,
    fences_stored_in_aircraft,
    load_audit_context,
    supplied_zones_then_fences_of_flight,
)
from dji_audit.compliance.inventory import load_inventory
from dji_audit.compliance.operations_log import (
    load_operations_log,
    row_concerns_aircraft_with_serials,
)
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules._shared._aircraft_inventory_row import inventory_row_or_reason
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import Flight, FlightSource, assemble_flights
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from tests.dji_audit.conftest import MakeLog

Write = Callable[[str, str], Path]

INVENTORY = "serial,maker,mass_g,firmware_approved\nS1,DJI,907,flight controller=1.2; app=Fly 1\n"
OPERATIONS = "operation,start,end,purpose\nOP-1,2026-05-14T09:00:00Z,2026-05-14T10:00:00Z,search\n"
AUTHORISATIONS = (
    "reference,by,reason,rules,start,end\n"
    "A-1,Insp A,training,height_limit,2026-05-14T09:00:00Z,2026-05-14T10:00:00Z\n"
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def keep(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return keep


def test_each_row_keeps_the_byte_that_it_begins_at(write: Write) -> None:
    text = 'serial,maker\r\n\r\nS1,"a\nmaker ü"\r\nS2,\r\n'
    path = write("inventory.csv", text)
    table = load_inventory(path).table
    assert [(row.record.serial, row.record.maker, row.number) for row in table.rows] == [
        ("S1", "a\nmaker ü", 3),
        ("S2", None, 5),
    ]
    data = path.read_bytes()
    assert [data[row.offset : (row.offset or 0) + 2] for row in table.rows] == [b"S1", b"S2"]
    assert table.provenance.sha256 == hashlib.sha256(data).hexdigest()
    assert (table.provenance.kind, table.provenance.count) == ("aircraft", 2)


def test_a_mark_of_utf_8_and_semicolons_of_a_spreadsheet_are_read(write: Write) -> None:
    path = write("inventory.csv", "\ufeffSerial;Class Mark\nS1;UK1\n")
    (row,) = load_inventory(path).table.rows
    assert (row.record.serial, row.record.class_mark, row.offset) == ("S1", "UK1", 21)


def test_the_same_rows_can_stand_in_toml(write: Write) -> None:
    path = write(
        "inventory.toml",
        '[[aircraft]]\nserial = "S1"\nmass_g = 907\nfirmware_approved = ["app=Fly 1"]\n'
        "operator_id_until = 2026-01-01\n",
    )
    (row,) = load_inventory(path).table.rows
    assert row.offset == 0
    assert row.record.operator_id_until == dt.date(2026, 1, 1)
    assert row.record.approved_firmware_versions_by_part() == {"app": {"Fly 1"}}


def test_a_table_of_toml_begins_at_its_head_unless_a_text_looks_like_one(write: Write) -> None:
    text = '# ü\n[[aircraft]]\nserial = "S1"\n[[aircraft]]\nserial = "S2"\n'
    rows = load_inventory(write("inventory.toml", text)).table.rows
    assert [row.offset for row in rows] == [5, 32]
    odd = text + 'model = """\n[[aircraft]]\n"""\n'
    assert [row.offset for row in load_inventory(write("odd.toml", odd)).table.rows] == [None, None]


def test_an_aircraft_is_found_by_any_serial_that_a_log_gives(
    write: Write, make_log: MakeLog
) -> None:
    inventory = load_inventory(write("inventory.csv", INVENTORY))
    for aircraft in (
        parsers.Aircraft(serial="s1"),
        parsers.Aircraft(serial="X", flight_controller_serial=" S1 "),
    ):
        row = inventory.find_aircraft(assemble_flights(make_log(aircraft=aircraft))[0])
        assert row is not None
        assert row.record.approved_firmware_versions_by_part() == {
            "flight controller": {"1.2"},
            "app": {"Fly 1"},
        }
    assert (
        inventory.find_aircraft(
            assemble_flights(make_log(aircraft=parsers.Aircraft(serial="S2")))[0]
        )
        is None
    )
    assert inventory.find_aircraft(assemble_flights(make_log())[0]) is None


ANSI_SERIALS = "serial\n1581F5BKD232500001ZY\n1581F5BKD232500002ZY\n"


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        ("1581F5BKD232500001ZY", 2), ("1581f5bkd232500002zy\0\0", 3),
        # The maker's own, as older logs state it, and one that a field of 18 characters cuts.
        ("5BKD232500002ZY", 3), ("1581F5BKD232500001", 2),
        # Cut so that it may be either; another aircraft; too short to be told.
        ("1581F5BKD2325000", None), ("1581F5BKD232500003ZY", None), ("1581F5BKD", None),
    ],
)  # fmt: skip
def test_an_aircraft_is_found_by_a_serial_that_a_log_states_in_part(
    write: Write, make_log: MakeLog, stated: str, line: int | None
) -> None:
    inventory = load_inventory(write("inventory.csv", ANSI_SERIALS))
    (flight,) = assemble_flights(make_log(aircraft=parsers.Aircraft(serial=stated)))
    row = inventory.find_aircraft(flight)
    assert (row.number if row is not None else None) == line
    inputs = RuleInputs(
        rule="height_limit", context=AuditContext(inventory=inventory), severity=Severity.MEDIUM
    )
    _, reason = inventory_row_or_reason(flight, inputs)
    assert reason == (
        ""
        if line is not None
        else "The log states the serial 1581F5BKD2325000, which may be that of any of 2 aircraft "
        "of the inventory cut short."
        if stated == "1581F5BKD2325000"
        else f"The inventory holds no aircraft with the serial {stated}."
    )


def test_a_serial_of_the_flight_controller_alone_is_called_so(
    write: Write, make_log: MakeLog
) -> None:
    inventory = load_inventory(write("inventory.csv", ANSI_SERIALS))
    log = make_log(aircraft=parsers.Aircraft(flight_controller_serial="0002"))
    inputs = RuleInputs(
        rule="height_limit", context=AuditContext(inventory=inventory), severity=Severity.MEDIUM
    )
    _, reason = inventory_row_or_reason(assemble_flights(log)[0], inputs)
    assert reason == (
        "The inventory holds no aircraft with the serial 0002 of its flight controller."
    )


def test_the_serial_of_an_aircraft_goes_before_that_of_its_flight_controller(
    write: Write, make_log: MakeLog
) -> None:
    inventory = load_inventory(write("inventory.csv", "serial\nFC1\nS1\n"))
    aircraft = parsers.Aircraft(serial="s1", flight_controller_serial="FC1")
    (flight,) = assemble_flights(make_log(aircraft=aircraft))
    row = inventory.find_aircraft(flight)
    assert row is not None
    assert row.record.serial == "S1"


def test_a_row_concerns_an_aircraft_whose_serial_a_log_states_in_part() -> None:
    listed = ("1581f5bkd 232500001zy",)
    for stated in ("1581F5BKD232500001ZY", "5BKD232500001ZY", "1581F5BKD2325000"):
        assert row_concerns_aircraft_with_serials(listed, frozenset({stated})), stated
    for stated in ("5BKD232500002ZY", "1581F5BKD"):
        assert not row_concerns_aircraft_with_serials(listed, frozenset({stated})), stated


def test_an_operation_covers_what_lies_within_it_and_is_flown_with_its_aircraft(
    write: Write,
) -> None:
    text = OPERATIONS.replace("purpose\n", "purpose,aircraft\n").replace(
        "search\n", "search,S1; S2\n"
    )
    operations = load_operations_log(write("operations.csv", text))
    start = pd.Timestamp("2026-05-14T09:30:00Z")
    inside, late = start + pd.Timedelta(minutes=5), start + pd.Timedelta(minutes=31)
    assert list(operations.operations_containing_interval(start, inside, frozenset({"S2"})))
    assert not list(operations.operations_containing_interval(start, late, frozenset({"S2"})))
    assert not list(operations.operations_containing_interval(start, inside, frozenset({"S3"})))


@pytest.mark.parametrize(
    ("column", "accepted", "rejected"),
    [("mass_g", "0.1", "0"), ("retention_days", "0", "-1"), ("class_mark", "UK6", "UK7"),
     ("class_mark", "none", "None"), ("class_mark", "C0", "D0"), ("serial", "S", " ")],
)  # fmt: skip
def test_a_column_of_the_inventory_has_its_range(
    write: Write, column: str, accepted: str, rejected: str
) -> None:
    head = "serial" if column == "serial" else f"serial,{column}"
    row = "" if column == "serial" else "S1,"
    load_inventory(write("a.csv", f"{head}\n{row}{accepted}\n"))
    with pytest.raises(SuppliedFileError):
        load_inventory(write("b.csv", f"{head},maker\n{row}{rejected},DJI\n"))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "", "empty; the first line must name the columns"),
        ("a.csv", "serial,makr\n", "line 1: no such column: makr; did you mean maker?"),
        ("a.csv", "serial,x1,\n", "line 1: no such column: x1, without a name"),
        ("a.csv", "maker\n", "line 1: no column serial"),
        ("a.csv", "serial,serial\n", "line 1: a column appears twice"),
        ("a.csv", "serial,mass_g\nS1,heavy\n", "line 2: mass_g: Input should be a valid number"),
        ("a.csv", "serial,mass_g\nS1,nan\n", "line 2: mass_g: Input should be a finite number"),
        ("a.csv", "serial\nS1,more\n", "line 2: 2 cells, 1 columns"),
        ("a.csv", "serial,maker\n,DJI\n", "line 2: serial: must be given"),
        ("a.csv", "serial,class_mark\nS1,UK9\n", "line 2: class_mark: String should match"),
        ("a.csv", "serial,operator_id_until\nS1,14/05/2026\n", "is not a date; use YYYY-MM-DD"),
        ("a.csv", "serial,operator_id_until\nS1,1700000000\n", "is not a date; use YYYY-MM-DD"),
        ("a.csv", "serial,firmware_approved\nS1,1.2.3\n", "'1.2.3' is not part=version"),
        ("a.csv", 'serial\n"S1\n', "line 2: a quotation mark is never closed"),
        ("a.csv", "serial\nS1\n s1\n", "aircraft 3:  s1".replace("  ", " ")),
        (
            "a.toml",
            "aircraft = 3\n",
            "write each aircraft as a table [[aircraft]], in two brackets",
        ),
        ("a.toml", '[[plane]]\nserial = "S1"\n', "expected [[aircraft]] tables only, found plane"),
        ("a.toml", "[[aircraft]\n", "not TOML: "),
        ("a.toml", '[[aircraft]]\nserial = "S1"\nmass = 3\n', "table 1: mass: no such key"),
    ],
)
def test_a_fault_of_an_inventory_is_named_with_its_line(
    write: Write, name: str, text: str, told: str
) -> None:
    with pytest.raises(SuppliedFileError) as caught:
        load_inventory(write(name, text))
    assert str(caught.value).startswith(name)
    assert told in str(caught.value)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"serial\n\xff\n")
    with pytest.raises(SuppliedFileError, match="not UTF-8 at byte 7"):
        load_inventory(path)


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-05-14T09:00:00", "2026-05-14T10:00:00Z", "has no UTC offset; add Z or"),
        ("1700000000", "2026-05-14T10:00:00Z", "'1700000000' is not a time"),
        ("2026-05-14T11:00:00Z", "2026-05-14T10:00:00Z", "end is before start"),
    ],
)
def test_a_time_needs_its_zone_and_its_order(write: Write, start: str, end: str, told: str) -> None:
    with pytest.raises(SuppliedFileError, match="line 2") as caught:
        load_operations_log(write("o.csv", f"operation,start,end\nOP-1,{start},{end}\n"))
    assert told in str(caught.value)


def test_a_case_names_what_it_was_made_of(write: Write) -> None:
    brief = ContextFiles(
        write("i.csv", INVENTORY), write("o.csv", OPERATIONS), write("a.csv", AUTHORISATIONS)
    )
    case = load_audit_context(brief)
    assert [(it.kind, it.name, it.count) for it in case.supplied_files] == [
        ("aircraft", "i.csv", 1),
        ("operation", "o.csv", 1),
        ("authorisation", "a.csv", 1),
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuppliedFileError, match=r"gone\.csv: no such file"):
        load_audit_context(ContextFiles(inventory=tmp_path / "gone.csv"))


# Which files, and which fences


def test_each_file_has_its_kind_and_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    names = (
        "inventory.csv", "operations.csv", "authorisations.csv", "hosts.csv", "one.kml",
        "zones/b.kml", "areas/c.kml", "watch.gpx", "tiles/N50W005.hgt", "tiles/note.txt",
        "acknowledged.csv", "clocks.csv", "map.pmtiles", "dji-audit.toml",
    )  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    given = {name: tmp_path / name for name in names}
    files = ContextFiles(
        given["inventory.csv"], given["operations.csv"], given["authorisations.csv"],
        endpoints=(given["hosts.csv"],), zones=(given["one.kml"], tmp_path / "zones"),
        operating_areas=(tmp_path / "areas",), tracks=(given["watch.gpx"],),
        elevation=tmp_path / "tiles", acknowledged=given["acknowledged.csv"],
        clocks=given["clocks.csv"], basemap=given["map.pmtiles"],
        configuration=given["dji-audit.toml"],
    )  # fmt: skip
    found = list(files.files_and_kinds())
    assert [(path.relative_to(tmp_path).as_posix(), kind) for path, kind in found] == [
        ("inventory.csv", "inventory"), ("operations.csv", "operations log"),
        ("authorisations.csv", "authorisations"), ("hosts.csv", "list of endpoints"),
        ("one.kml", "zones"), ("zones/b.kml", "zones"), ("areas/c.kml", "operating areas"),
        ("watch.gpx", "supplied track"), ("tiles/N50W005.hgt", "elevation"),
        ("acknowledged.csv", "acknowledgements"), ("clocks.csv", "declared clocks"),
        ("map.pmtiles", "base map"), ("dji-audit.toml", "configuration"),
    ]  # fmt: skip
    tile = ContextFiles(elevation=given["tiles/N50W005.hgt"])
    assert list(tile.files_and_kinds()) == [(given["tiles/N50W005.hgt"], "elevation")]
    assert list(ContextFiles().files_and_kinds()) == []


BEGIN = pd.Timestamp("2026-05-14T09:00:00Z")


def circle(radius_m: float, second: float | None = None, *, here: bool = True) -> parsers.Geofence:
    """Return a fence that is set at a second after 9:00; not here: around home."""
    return parsers.Geofence(
        use="inclusion", shape="circle", points=((50.0, -4.0),) if here else (),
        radius_m=radius_m, height_m=None, enabled=True,
        start=None if second is None else BEGIN + pd.Timedelta(seconds=second), end=None,
        record="FENCE", source_offset=5,
    )  # fmt: skip


def fenced(
    make_log: MakeLog, *logs: tuple[parsers.Geofence, ...], home: bool = False, offset_s: float = 0
) -> Flight:
    """Return what is seen of a flight whose logs hold fences, on clocks that are so far off."""
    sources = tuple(
        SimpleNamespace(
            log=make_log(fences=fences, name=f"{number}.BIN"),
            alignment=ClockAlignment("a", "track", offset_s, None),
        )
        for number, fences in enumerate(logs)
    )
    at_home = SimpleNamespace(latitude_deg=50.0, longitude_deg=-4.0) if home else None
    return cast("Flight", SimpleNamespace(sources=sources, home=at_home))


def test_a_fence_that_two_logs_hold_is_one_and_of_two_periods_two(make_log: MakeLog) -> None:
    flight = fenced(make_log, (circle(100), circle(60, 5), circle(100, 9)), (circle(60),))
    own = fences_stored_in_aircraft(flight)
    assert [zone.source.name for zone in own] == ["0.BIN"] * 3
    more = fenced(make_log, (circle(100),), (circle(100), circle(80)))
    assert [zone.source.name for zone in fences_stored_in_aircraft(more)] == ["0.BIN", "1.BIN"]
    # Zones that the unit gives go first.
    given = SimpleNamespace(zones=("zone",))
    context = cast("AuditContext", SimpleNamespace(zones=given))
    assert supplied_zones_then_fences_of_flight(flight, context) == ("zone", *own)
    assert supplied_zones_then_fences_of_flight(flight, AuditContext()) == own


def test_a_fence_around_home_needs_a_home(make_log: MakeLog) -> None:
    around = (circle(100, here=False), circle(60))
    assert len(fences_stored_in_aircraft(fenced(make_log, around, home=True))) == 2
    assert len(fences_stored_in_aircraft(fenced(make_log, around))) == 1


@pytest.mark.parametrize(("offset_s", "second"), [(0.0, 30), (10.0, 40), (-10.0, 20), (None, 30)])
def test_a_fence_is_set_by_the_clock_of_the_flight(
    make_log: MakeLog, offset_s: float | None, second: float
) -> None:
    for fences in ((circle(100, 30),), ()):
        log = make_log(fences=fences)
        alignment = ClockAlignment("a", "track", offset_s, None)
        source = cast("FlightSource", SimpleNamespace(log=log, alignment=alignment))
        found = _log_with_aligned_fence_times(source)
        assert (found is log) == (not offset_s or not fences)
        for fence in found.fences:
            assert fence.start == BEGIN + pd.Timedelta(seconds=second)
            assert fence.end is None
