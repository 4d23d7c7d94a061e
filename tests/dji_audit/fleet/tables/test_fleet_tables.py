"""The tables of a fleet open in other programs, and say what the rows of the run say."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from datasette.app import Datasette

from dji_audit.common.supplied_tables import parse_supplied_table
from dji_audit.compliance.inventory import InventoryAircraft, build_inventory
from dji_audit.compliance.operations_log import load_operations_log
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.tables.column_description import ColumnType
from dji_audit.fleet.tables.database_views import FLEET_VIEWS
from dji_audit.fleet.tables.declared_flights_without_log import rows_of_flights_without_log
from dji_audit.fleet.tables.derived_tables import _JoinedTextsAggregate
from dji_audit.fleet.tables.open_database import (
    DATABASE_FILE,
    TABLES_FOLDER,
    database_path,
    open_fleet_database_read_only,
)
from dji_audit.fleet.tables.run_history import changes_between_two_runs, runs_of_history
from dji_audit.fleet.tables.schema import FLEET_TABLES
from dji_audit.fleet.tables.table_rows import (
    table_rows_of_any_report_row,
    total_media_duration_of_kind_s,
)
from dji_audit.fleet.tables.write_tables import (
    FleetTablesWriter,
    write_fleet_tables_and_return_run_number,
)
from dji_audit.report.media_capture_rows import FlightCaptureRow
from dji_audit.report.rows import FileRow
from tests.dji_audit.conftest import run_to_its_end
from tests.dji_audit.fleet.made_fleet import (
    SHA,
    flight_row,
    instant,
    rows_of_fleet,
    write_made_fleet,
)


def rows(state: Path, statement: str) -> list[tuple[object, ...]]:
    with open_fleet_database_read_only(state) as connection:
        return connection.execute(statement).fetchall()


def test_every_table_has_exactly_the_columns_that_are_described(made_state: Path) -> None:
    for table in FLEET_TABLES:
        found = rows(made_state, f"PRAGMA table_info('{table.name}')")
        assert tuple(row[1] for row in found) == table.column_names
        file = made_state / TABLES_FOLDER / f"{table.name}.parquet"
        schema = pq.read_schema(file)
        assert tuple(schema.names) == table.column_names
        assert {it.name: it.metadata[b"meaning"].decode() for it in schema} == {
            column.name: column.meaning for column in table.columns
        }


def test_descriptions_are_sentences_and_names_are_said_once() -> None:
    names = [table.name for table in FLEET_TABLES] + [view.name for view in FLEET_VIEWS]
    assert len(set(names)) == len(names)
    for table in FLEET_TABLES:
        assert len(set(table.column_names)) == len(table.columns)
        assert set(table.order) <= set(table.column_names)
        for column in table.columns:
            assert column.meaning.endswith("."), column
            if column.type is ColumnType.NUMBER and column.name not in ("peak", "value"):
                assert column.unit, column


def test_sqlite_and_parquet_hold_the_same_rows(made_state: Path) -> None:
    with closing(sqlite3.connect(database_path(made_state))) as connection:
        for table in FLEET_TABLES:
            own = pd.read_sql_query(f'SELECT * FROM "{table.name}"', connection)  # noqa: S608
            other = pd.read_parquet(made_state / TABLES_FOLDER / f"{table.name}.parquet")
            assert len(own) == len(other)
            for column in table.columns:
                left, right = own[column.name].dropna(), other[column.name].dropna()
                if column.type is ColumnType.TIME:
                    left = pd.to_datetime(left, utc=True, format="ISO8601")
                if column.type is ColumnType.FLAG:
                    left = left.astype(bool)
                assert sorted(left) == sorted(right), column


def test_pandas_reads_hours_of_aircraft_from_the_parquet_files(made_state: Path) -> None:
    flights = pd.read_parquet(made_state / TABLES_FOLDER / "flights.parquet")
    flown = flights[~flights["simulated"]].groupby("serial")["duration_s"].sum()
    aircraft = pd.read_parquet(made_state / TABLES_FOLDER / "aircraft.parquet")
    stated = aircraft.dropna(subset=["serial"]).set_index("serial")["flight_s"]
    assert stated.to_dict() == flown.to_dict() == {"SERIAL1": 3000.0, "SERIAL2": 600.0}
    assert str(flights["start"].dtype) in ("datetime64[us, UTC]", "datetime64[ns, UTC]")


def test_datasette_serves_every_table_and_view(made_state: Path) -> None:
    async def answers() -> dict[str, int]:
        datasette = Datasette([], immutables=[str(database_path(made_state))])
        await datasette.invoke_startup()
        found = {}
        for name in (*(it.name for it in FLEET_TABLES), *(it.name for it in FLEET_VIEWS)):
            response = await datasette.client.get(f"/fleet/{name}.json?_shape=array")
            found[name] = response.status_code
            if name == "data_sync":
                hosts = {row["host"] for row in response.json()}
                assert hosts == {"upload.example", "maps.example", "late.example"}
        for database in datasette.databases.values():
            database.close()
        return found

    assert set(run_to_its_end(answers()).values()) == {200}


def test_flights_and_tracks_open_as_layers_in_gdal_which_qgis_uses(made_state: Path) -> None:
    file = made_state / TABLES_FOLDER / "tracks.parquet"
    assert b"geo" in pq.read_schema(file).metadata
    layers = dict(pyogrio.list_layers(database_path(made_state)).tolist())
    assert layers == {"tracks": "MultiLineString", "flights": "Point"}
    flights = pyogrio.read_dataframe(database_path(made_state), layer="flights")
    first = flights[flights["flight"] == "aa-1"].geometry.iloc[0]
    assert (round(first.x, 4), round(first.y, 4)) == (0.765, 51.4405)
    assert flights.crs.to_epsg() == 4326


def test_a_contact_says_what_the_rule_on_local_data_mode_says_of_its_host(made_state: Path) -> None:
    found = rows(made_state, "SELECT host, local_data_mode FROM contacts ORDER BY host")
    assert found == [
        ("late.example", None), ("maps.example", None), ("upload.example", "fail"),
    ]  # fmt: skip


def test_the_coverage_of_a_flight_stands_with_the_flight(made_state: Path) -> None:
    found = rows(made_state, "SELECT flight, network_share FROM flights WHERE entry = 'log'")
    assert {row[0]: row[1] for row in found} == {
        "aa-1": 1.0,
        "bb-1": 0.25,
        "cc-1": None,
        "dd-1": None,
        "ee-1": None,
    }
    assert rows(made_state, "SELECT blind_spots FROM coverage WHERE flight = 'aa-1'") == [
        ("vpn: 2",)
    ]


def test_firmware_says_since_when_and_who_is_behind(made_state: Path) -> None:
    found = rows(
        made_state,
        "SELECT serial, version, is_latest, is_behind, age_days FROM firmware "
        "WHERE serial IS NOT NULL ORDER BY serial, version",
    )
    # From 1 May 10:00 to 2 June 9:00, the last flight of the fleet with a time: 31.96 days.
    assert found == [
        ("SERIAL1", "1.0", 0, 1, 32.0), ("SERIAL1", "1.1", 1, 0, 0.0),
        ("SERIAL2", "2.0", 1, 0, 32.0),
    ]  # fmt: skip


def test_a_version_is_behind_where_an_aircraft_of_the_model_replaced_it(tmp_path: Path) -> None:
    def flown(flight: str, day: str, serial: str, model: str, **firmware: str) -> object:
        return flight_row(
            flight, instant(f"{day}T10:00"), serial=serial, aircraft=model, firmware=firmware
        )

    flown_rows = [
        flown("a-1", "05-01", "S1", "M30T", aircraft="1.0", battery="7"),
        flown("b-1", "05-02", "S1", "M30T", aircraft="1.1", battery="8"),
        # Joins the fleet later, with what the first had before, and with what it has now.
        flown("c-1", "05-03", "S2", "M30T", aircraft="1.0", battery="7"),
        flown("d-1", "05-04", "S3", "M30T", aircraft="1.1"),
        # A version that nobody replaced, first seen last of all; and another model.
        flown("e-1", "05-05", "S4", "M30T", aircraft="0.9"),
        flown("f-1", "05-06", "S5", "M3T", aircraft="1.0"),
    ]
    write_fleet_tables_and_return_run_number(tmp_path, flown_rows, {})
    behind = rows(
        tmp_path, "SELECT serial, part, version FROM firmware WHERE is_behind ORDER BY serial"
    )
    assert behind == [("S1", "aircraft", "1.0"), ("S2", "aircraft", "1.0")]


def test_batteries_are_counted_over_aircraft_and_with_their_lowest_charge(made_state: Path) -> None:
    found = rows(made_state, "SELECT serial, flights, aircraft_serials, flight_s, least_pct "
                             "FROM batteries ORDER BY serial")  # fmt: skip
    assert found == [
        ("BAT1", 2, "SERIAL1; SERIAL2", 1200.0, 37.0), ("BAT2", 1, "SERIAL1", 600.0, None),
    ]  # fmt: skip


def test_files_not_read_in_full_are_in_quarantine_with_their_cause(made_state: Path) -> None:
    assert rows(made_state, "SELECT name, status, cause FROM quarantine") == [
        ("card/bb-1.txt", "partial", "cut short at 9"), ("card/x.bin", "unread", "no key"),
    ]  # fmt: skip


def test_what_is_not_known_is_missing_and_never_zero(made_state: Path) -> None:
    found = rows(
        made_state,
        "SELECT start, duration_s, serial, video_s, thermal_s, videos FROM flights "
        "WHERE flight = 'dd-1'",
    )
    assert found == [(None, None, None, None, None, None)]


def test_nothing_can_be_written_through_the_database(made_state: Path) -> None:
    with (
        open_fleet_database_read_only(made_state) as connection,
        pytest.raises(sqlite3.OperationalError),
    ):
        connection.execute("DELETE FROM flights")


def assert_tables_are_refused(state: Path, reason: str) -> None:
    with pytest.raises(OutputError, match=reason), open_fleet_database_read_only(state):
        pass


def test_a_state_without_tables_says_what_to_do(tmp_path: Path) -> None:
    assert_tables_are_refused(tmp_path, "no tables of a fleet")


def test_damaged_tables_are_named(tmp_path: Path) -> None:
    write_made_fleet(tmp_path)
    path = tmp_path / TABLES_FOLDER / DATABASE_FILE
    path.write_bytes(b"not a database" * 100)
    assert_tables_are_refused(tmp_path, DATABASE_FILE)


def test_tables_of_another_schema_are_refused(tmp_path: Path) -> None:
    write_made_fleet(tmp_path)
    with closing(sqlite3.connect(database_path(tmp_path))) as connection, connection:
        connection.execute("UPDATE about SET value = 'dji-audit/fleet/0' WHERE name = 'schema'")
    assert_tables_are_refused(tmp_path, "another version")


def test_a_run_that_fails_leaves_the_tables_of_the_run_before(tmp_path: Path) -> None:
    write_made_fleet(tmp_path)
    before = database_path(tmp_path).read_bytes()

    def broken() -> Iterator[object]:
        yield from rows_of_fleet()
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="no space"):
        write_fleet_tables_and_return_run_number(tmp_path, broken(), {})
    assert database_path(tmp_path).read_bytes() == before
    assert [it.name for it in (tmp_path / TABLES_FOLDER).glob(".*")] == []
    assert [run.number for run in runs_of_history(tmp_path)] == [1]


def test_what_a_killed_writer_left_goes(tmp_path: Path) -> None:
    folder = tmp_path / TABLES_FOLDER
    folder.mkdir()
    for name in (".fleet-half", ".flights.parquet"):
        (folder / name).write_bytes(b"half")
    write_fleet_tables_and_return_run_number(tmp_path, (), {})
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_the_same_rows_give_the_same_rows_and_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_made_fleet(tmp_path / name)
    for file in sorted((tmp_path / "a" / TABLES_FOLDER).iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / TABLES_FOLDER / file.name).read_bytes()


def test_a_name_that_is_no_unicode_is_spelt_out(tmp_path: Path) -> None:
    files = [FileRow(name, "read") for name in ("a", "b\udcff", "c")]
    write_fleet_tables_and_return_run_number(tmp_path, files, {"paths": "/x\udcfe"})
    assert rows(tmp_path, "SELECT name FROM files") == [("a",), ("b\\udcff",), ("c",)]
    assert rows(tmp_path, "SELECT value FROM about WHERE name = 'paths'") == [("/x\\udcfe",)]


def test_a_row_that_no_table_holds_is_an_error() -> None:
    with pytest.raises(TypeError, match="no table of a fleet holds"):
        list(table_rows_of_any_report_row("text"))


def capture(start: str, end: str, sensor: str = "thermal") -> FlightCaptureRow:
    return FlightCaptureRow(
        start=instant(start), end=instant(end), sensor=sensor, kind="video", grade=None,
        source=None, media_file=None, file="x", sha256=SHA, offset=0,
    )  # fmt: skip


def test_recordings_that_overlap_count_once() -> None:
    videos = (
        capture("05-01T10:00", "05-01T10:10"),
        capture("05-01T10:02", "05-01T10:04"),
        capture("05-01T10:09", "05-01T10:11"),
        capture("05-01T10:20", "05-01T10:21"),
        capture("05-01T10:00", "05-01T11:00", "visible"),
    )
    assert total_media_duration_of_kind_s(videos, "video", "thermal") == 12 * 60
    assert total_media_duration_of_kind_s(videos, "video") == 60 * 60
    assert total_media_duration_of_kind_s(videos, "audio") == 0
    assert total_media_duration_of_kind_s(None, "video") is None


def write_operations(path: Path, *lines: str) -> Path:
    head = "operation,start,end,aircraft,no_log"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return path


def test_an_operation_without_a_log_is_a_declared_flight_of_each_aircraft(tmp_path: Path) -> None:
    operations = load_operations_log(
        write_operations(
            tmp_path / "operations.csv",
            "Op 7,2026-05-20T09:00:00Z,2026-05-20T09:30:00Z,SERIAL1;SERIAL2,yes",
            "Op 8,2026-05-21T09:00:00Z,2026-05-21T09:30:00Z,SERIAL1,",
        )
    )
    table = parse_supplied_table(
        b"serial,maker,model\nSERIAL1,DJI,M30T\n", "inventory.csv", "aircraft",
        InventoryAircraft, toml=False,
    )  # fmt: skip
    found = [
        values for _, values in rows_of_flights_without_log(operations, build_inventory(table))
    ]
    assert [it["serial"] for it in found] == ["SERIAL1", "SERIAL2"]
    assert [it["aircraft"] for it in found] == ["M30T", None]
    assert {it["duration_s"] for it in found} == {1800.0}
    assert {it["operation"] for it in found} == {"Op 7"}
    assert len({it["flight"] for it in found}) == 2
    assert [dict(it) for it in found] == [
        dict(values)
        for _, values in rows_of_flights_without_log(operations, build_inventory(table))
    ]
    assert list(rows_of_flights_without_log(None)) == []


def test_a_declared_flight_of_which_there_is_a_log_is_contradicted(tmp_path: Path) -> None:
    operations = load_operations_log(
        write_operations(
            tmp_path / "operations.csv",
            "Op 1,2026-05-01T10:05:00Z,2026-05-01T10:30:00Z,serial1,yes",
            "Op 2,2026-05-01T10:10:00Z,2026-05-01T10:30:00Z,serial1,yes",
            "Op 3,2026-05-01T10:05:00Z,2026-05-01T10:30:00Z,OTHER,yes",
        )
    )
    write_fleet_tables_and_return_run_number(
        tmp_path,
        [flight_row("aa-1", instant("05-01T10:00"))],
        {},
        rows_of_flights_without_log(operations),
    )
    assert rows(
        tmp_path, "SELECT operation, declared_conflict FROM flights WHERE entry = 'declared' "
        "ORDER BY operation",
    ) == [("Op 1", "aa-1"), ("Op 2", None), ("Op 3", None)]  # fmt: skip
    assert rows(tmp_path, "SELECT serial, flights, declared_flights FROM aircraft") == [
        ("OTHER", 0, 1), ("SERIAL1", 1, 2),
    ]  # fmt: skip


def test_the_history_keeps_what_each_run_had_and_grows_by_what_changes(tmp_path: Path) -> None:
    write_made_fleet(tmp_path, policy="one")
    write_made_fleet(tmp_path, policy="one")
    assert changes_between_two_runs(tmp_path, 1, 2) == ()
    changed = flight_row("bb-1", instant("05-01T10:05"), serial="SERIAL9")
    kept = [
        row
        for row in rows_of_fleet()
        if getattr(row, "id", "") not in ("bb-1", "cc-1") and getattr(row, "flight", "") != "cc-1"
    ]
    write_fleet_tables_and_return_run_number(tmp_path, [*kept, changed], {"policy": "two"})
    write_made_fleet(tmp_path, policy="one")
    found = {
        (it.kind, it.key.split(" ")[0]): (it.before, it.after)
        for it in changes_between_two_runs(tmp_path, 2, 3)
    }
    assert set(found) == {
        ("flight", "bb-1"), ("flight", "cc-1"), ("flight", "declared-1"), ("finding", "cc-1"),
    }  # fmt: skip
    before, after = found["flight", "bb-1"]
    assert before is not None
    assert after is not None
    assert (before["serial"], after["serial"]) == ("SERIAL2", "SERIAL9")
    assert found["flight", "cc-1"][1] is None
    # What the third run lacked is there again in the fourth.
    assert changes_between_two_runs(tmp_path, 1, 4) == ()
    assert len(changes_between_two_runs(tmp_path, 3, 4)) == len(found)
    assert [(run.number, run.policy) for run in runs_of_history(tmp_path)] == [
        (1, "one"), (2, "one"), (3, "two"), (4, "one"),
    ]  # fmt: skip


def _plan_steps_within_subqueries(connection: sqlite3.Connection, statement: str) -> list[str]:
    """Return the steps of the plan of a statement that are done again for each row."""
    correlated: set[int] = set()
    steps = []
    for number, parent, _, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
        if parent in correlated:
            steps.append(step)
        if parent in correlated or step.startswith("CORRELATED"):
            correlated.add(number)
    return steps


def test_no_table_is_gone_through_once_for_each_row_of_another(tmp_path: Path) -> None:
    """Ten times the flights would take a hundred times as long."""
    executed: list[str] = []
    writer = FleetTablesWriter(tmp_path / "fleet.sqlite")
    writer.connection.set_trace_callback(executed.append)
    writer.finish({})
    changes = [it for it in executed if it.lstrip().startswith(("INSERT INTO", "UPDATE"))]
    with closing(sqlite3.connect(tmp_path / "fleet.sqlite")) as connection:
        connection.create_aggregate("joined", 1, _JoinedTextsAggregate)
        connection.create_function("is_moved_part", 1, str)
        asked = [f"SELECT * FROM {it.name}" for it in FLEET_VIEWS]  # noqa: S608 - of the schema
        steps = [
            step
            for statement in (*changes, *asked)
            for step in _plan_steps_within_subqueries(connection, statement)
        ]
    assert any("coverage" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []
