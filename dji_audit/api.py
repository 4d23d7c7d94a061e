"""The Python interface: audits and flights of a file or folder."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pandas as pd

from dji_audit.compliance.camera_poses_with_declared_cameras import declared_cameras_of_flight
from dji_audit.compliance.context import NO_CONTEXT, ContextFiles, load_audit_context
from dji_audit.compliance.declared_clocks import declared_clocks_from_options_and_table
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import DEFAULT, load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.flights import (
    SIGHTING_COLUMNS,
    Flight,
    assemble_flights,
    find_point_sightings_in_flights,
    logs_of_unjoined_media,
    point_sighting_rows,
)
from dji_audit.ingest import (
    IngestSettings,
    ingest_evidence_paths,
    keychain_files_named_by_user,
    load_passwords,
)
from dji_audit.ingest.input_files import container_and_member_of_path
from dji_audit.report.json_values import as_json_value
from dji_audit.report.network_contact_rows import ContactRow, NetworkCoverageOfFlightRow
from dji_audit.report.rows import FindingRow, FlightRow, RuleResultRow

__all__ = ["Audit", "ContextFiles", "audit", "in_view", "read_flights"]

AnyPath = str | os.PathLike[str]
Paths = AnyPath | Iterable[AnyPath]
#: Called with how much is done, how much there is, and the name of a file or flight.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit: tables for pandas, and the same rows as typed objects in ``run.contents``.

    Every time in a table is ``datetime64[ns, UTC]``, a missing one ``NaT``.  A table
    without rows has its columns all the same.
    """

    run: FinishedRun

    @property
    def findings(self) -> pd.DataFrame:
        """One row for each finding; evidence is a list of mappings."""
        return _rows_to_data_frame(FindingRow, self.run.contents.findings)

    @property
    def typed_findings(self) -> tuple[FindingRow, ...]:
        """The findings as objects."""
        return tuple(self.run.contents.findings)

    @property
    def flights(self) -> pd.DataFrame:
        """One row for each flight."""
        return _rows_to_data_frame(FlightRow, self.run.contents.flights)

    @property
    def results(self) -> pd.DataFrame:
        """One row for each rule on each flight: its outcome and reason."""
        return _rows_to_data_frame(RuleResultRow, self.run.contents.results)

    @property
    def contacts(self) -> pd.DataFrame:
        """One row for each host that the devices of a flight contacted, in the catalogue or not."""
        return _rows_to_data_frame(ContactRow, self.run.contents.contacts)

    @property
    def network(self) -> pd.DataFrame:
        """One row for each flight: how much of it the network logs recorded, and which logs."""
        return _rows_to_data_frame(NetworkCoverageOfFlightRow, self.run.contents.network)

    @property
    def verdict(self) -> str:
        """The line that says which flights need a look and how much was not checked."""
        return self.run.verdict.line

    def _repr_html_(self) -> str:
        """Show the flights in a notebook; pandas escapes every text."""
        columns = ["id", "start", "aircraft", "max_height_ato_m", "findings", "worst"]
        table = self.flights
        shown = table[columns].to_html(index=False) if len(table) else ""
        return pd.DataFrame({"verdict": [self.verdict]}).to_html(index=False) + shown


def audit(
    paths: Paths,
    *,
    policy: str | Path = DEFAULT,
    keys: Iterable[AnyPath] = (),
    key_store: AnyPath | None = None,
    password_file: AnyPath | None = None,
    context_files: ContextFiles = NO_CONTEXT,
    acknowledged: AnyPath | None = None,
    out: AnyPath | None = None,
    jobs: int = 0,
    timeout_s: float = 600.0,
    fail_on: Severity = Severity.MEDIUM,
    allow_partial: bool = False,
    generated: dt.datetime | None = None,
    timezone: str | None = None,
    camera_timezone: str | None = None,
    clocks: Iterable[str] = (),
    progress: Progress | None = None,
) -> Audit:
    """Audit a file, a folder or several, and write pages and reports if ``out`` is given.

    Args:
        paths: Logs, or folders of them.
        policy: A policy pack that ships, or a TOML file.
        keys: Keychains files, or folders of them, besides those beside the logs.
        key_store: Folder of keychains to look up encrypted logs in; ``None``: none.
        password_file: Passwords of encrypted ZIP archives, one a line; ``None``: none.
        context_files: What the unit supplies besides the logs: inventory, operations,
            authorisations, zones, lists of endpoints, the addresses of its devices,
            elevation, cameras, the date of the rules.
        acknowledged: CSV or TOML of findings that a named person has looked at, which no
            longer count; ``None``: that of ``context_files``, if any.
        out: Folder for pages, index.html, flights.csv and report.json; ``None``: nothing
            is written.
        jobs: Worker processes; 0: all is done in this one, where nothing stops a file that
            hangs or crashes its reader.
        timeout_s: Seconds after which a worker gives a file up.
        fail_on: Least severity at which the verdict's exit code is 1.
        allow_partial: Whether logs read in part leave the exit code as it is.
        generated: Time of the run to print in the results; ``None``: none is printed.
        timezone: IANA time zone shown beside UTC; ``None``: that of the place flown.
        camera_timezone: IANA time zone of cameras' clocks where nothing else states it.
        clocks: Clocks of files that cannot state them, such as
            ``pihole.log=2026-05-14T10:00:00+01:00``, besides the table of ``context_files``.
        progress: Called after each file and each flight.

    Raises:
        FileNotFoundError: If a path does not exist.
        PolicyError: If the policy cannot be used.
        SuppliedFileError: If a context file cannot be used.
        OutputError: If the results cannot be written.
        parsers.InvalidKeysError: If a file given as keys is not keychains.
    """
    options = RunOptions(
        policy=load_policy(policy),
        ingest=_ingest_settings_from_arguments(
            keys, key_store, password_file, clocks, context_files.clocks
        ),
        out=Path(out) if out is not None else None,
        jobs=jobs,
        timeout_s=timeout_s,
        fail_on=fail_on,
        allow_partial=allow_partial,
        generated=generated,
        timezone=timezone,
        context_files=context_files
        if acknowledged is None
        else replace(context_files, acknowledged=Path(acknowledged)),
        camera_timezone=camera_timezone,
    )
    return Audit(audit_paths(_paths_as_list(paths), options, progress))


def read_flights(
    paths: Paths,
    *,
    keys: Iterable[AnyPath] = (),
    key_store: AnyPath | None = None,
    password_file: AnyPath | None = None,
    camera_timezone: str | None = None,
    clocks: Iterable[str] = (),
) -> list[Flight]:
    """Return the flights that the logs below some paths record, each from all its sources.

    Files that are not logs are skipped; ``audit`` accounts for them.  The other arguments are
    those of ``audit``.

    Raises:
        FileNotFoundError: If a path does not exist.
        SuppliedFileError: If a declared clock cannot be used.
        parsers.InvalidKeysError: If a file given as keys is not keychains.
    """
    logs = ingest_evidence_paths(
        _paths_as_list(paths),
        _ingest_settings_from_arguments(keys, key_store, password_file, clocks),
    ).logs
    return list(assemble_flights(*logs, timezone=camera_timezone))


def in_view(
    paths: Paths,
    latitude: float,
    longitude: float,
    *,
    keys: Iterable[AnyPath] = (),
    key_store: AnyPath | None = None,
    password_file: AnyPath | None = None,
    camera_timezone: str | None = None,
    clocks: Iterable[str] = (),
    elevation: AnyPath | None = None,
    cameras: Iterable[str] = (),
) -> pd.DataFrame:
    """Return when a place was in view of a camera, over every flight below some paths.

    One row for each sighting, and one with ``unknown_reason`` for each flight for
    which this is unknown; a flight without a row never had the place in view. Photos that
    belong to no flight have rows without a flight.

    Args:
        paths: Logs, or folders of them.
        latitude: Degrees, WGS 84.
        longitude: Degrees, WGS 84.
        keys: Keychains files, or folders of them.
        key_store: Folder of keychains to look up encrypted logs in.
        password_file: Passwords of encrypted ZIP archives, one a line; ``None``: none.
        camera_timezone: IANA time zone of cameras' clocks where nothing else states it.
        clocks: Clocks of files that cannot state them, as of ``audit``.
        elevation: An SRTM tile, a folder of tiles, or a GeoTIFF; without, the
            ground is the plane of each take-off.
        cameras: Cameras where logs do not state the field of view, such as ``M30T`` or
            ``1581F5BKD229C00A=71.5x56.6``.

    Raises:
        FileNotFoundError: If a path does not exist.
        SuppliedFileError: If the elevation or a camera cannot be used.
        parsers.InvalidKeysError: If a file given as keys is not keychains.
    """
    elevation_path = None if elevation is None else Path(elevation)
    context = load_audit_context(ContextFiles(elevation=elevation_path, cameras=tuple(cameras)))
    logs = ingest_evidence_paths(
        _paths_as_list(paths),
        _ingest_settings_from_arguments(keys, key_store, password_file, clocks),
    ).logs
    flights = assemble_flights(*logs, timezone=camera_timezone)
    sightings = find_point_sightings_in_flights(
        flights,
        latitude,
        longitude,
        context.elevation,
        recordings=logs_of_unjoined_media(logs, flights),
        declared_cameras=lambda source: declared_cameras_of_flight(source, context),
    )
    return pd.DataFrame(list(point_sighting_rows(sightings)), columns=list(SIGHTING_COLUMNS))


def _ingest_settings_from_arguments(
    keys: Iterable[AnyPath],
    key_store: AnyPath | None,
    password_file: AnyPath | None,
    clocks: Iterable[str],
    clock_table: Path | None = None,
) -> IngestSettings:
    return IngestSettings(
        keychains=keychain_files_named_by_user(Path(key) for key in keys),
        key_store=Path(key_store) if key_store is not None else None,
        clocks=declared_clocks_from_options_and_table(clocks, clock_table),
        passwords=load_passwords(Path(password_file)) if password_file is not None else (),
    )


def _paths_as_list(paths: Paths) -> list[Path]:
    """Return paths as a list.

    Raises:
        FileNotFoundError: If one does not exist.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    given = [Path(path) for path in several]
    for path in given:
        if not path.exists() and container_and_member_of_path(path) is None:
            raise FileNotFoundError(f"{path}: no such file or folder")
    return given


def _rows_to_data_frame(row_class: type, rows: Sequence[object]) -> pd.DataFrame:
    """Return typed rows as a table: times in UTC, a column for each outcome, inner rows as JSON."""
    columns: dict[str, pd.Series] = {}
    for item in fields(row_class):
        values = [getattr(row, item.name) for row in rows]
        if item.name == "outcomes":
            columns |= _outcome_count_columns(values)
        elif "Timestamp" in str(item.type):
            columns[item.name] = pd.Series(pd.to_datetime(values, utc=True)).astype(
                "datetime64[ns, UTC]"
            )
        else:
            columns[item.name] = pd.Series([as_json_value(value) for value in values])
    return pd.DataFrame(columns)


def _outcome_count_columns(counts: Sequence[Mapping[Outcome, int]]) -> dict[str, pd.Series]:
    return {
        outcome.value: pd.Series([count.get(outcome, 0) for count in counts], dtype="int64")
        for outcome in Outcome
    }
