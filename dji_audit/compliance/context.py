"""The context of an audit: everything that the unit supplies besides the logs of one flight.

Logs often do not give the field of view of the camera, so a unit may declare its cameras.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import parsers
from dji_audit.basemap.supplied_map import SuppliedMap, SuppliedMapError, read_supplied_maps
from dji_audit.camera_view import (
    Camera,
    CameraError,
    ElevationError,
    ElevationModel,
    parse_declared_cameras,
    read_elevation_model,
)
from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import SuppliedFileError, SuppliedFileProvenance
from dji_audit.compliance.acknowledgements import Acknowledgements, load_acknowledgements
from dji_audit.compliance.authorisations_of_findings import Authorisations, load_authorisations
from dji_audit.compliance.declared_clocks import (
    ClockDeclarations,
    declared_clocks_from_options_and_table,
    load_clock_declarations,
)
from dji_audit.compliance.declared_tracks import (
    DeclaredTrack,
    declared_track_provenance,
    load_declared_tracks,
)
from dji_audit.compliance.inventory import Inventory, load_inventory
from dji_audit.compliance.operations_log import OperationsLog, load_operations_log
from dji_audit.endpoints import Catalogue, load_catalogue, shipped_catalogue
from dji_audit.flights import Flight, FlightSource
from dji_audit.geo.elevation_files import srtm_tile_paths_in_folder
from dji_audit.zones import (
    Point,
    SuppliedZones,
    Zone,
    ZoneError,
    completeness_text,
    load_zones,
    read_log_fences,
)


@dataclass(frozen=True, slots=True)
class DeclaredCamerasOfAircraft:
    """The cameras of one aircraft, as the unit declares them."""

    #: Serial or model; empty: every aircraft whose cameras nothing else names.
    aircraft: str
    cameras: tuple[Camera, ...]


def parse_camera_declaration(text: str) -> DeclaredCamerasOfAircraft:
    """Return the camera that a text such as ``1581F5BKD229C00A=M30T`` or ``M30T`` declares.

    Raises:
        SuppliedFileError: If it is neither a name in the table of cameras nor a field of view.
    """
    aircraft, separator, camera = text.rpartition("=")
    if separator and not aircraft.strip():
        raise SuppliedFileError(f"camera {text}: there is no aircraft before the =")
    try:
        return DeclaredCamerasOfAircraft(aircraft.strip(), parse_declared_cameras(camera))
    except CameraError as error:
        raise SuppliedFileError(f"camera {text}: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class AuditContext:
    """Everything that the flights of a run are compared with; ``None``: not supplied."""

    catalogue: Catalogue = field(default_factory=shipped_catalogue)
    #: Network logs of the run, each with a capture window, in order of their names.
    network: tuple[parsers.Log, ...] = ()
    #: Devices of the unit as network logs name them, several names of one device separated
    #: by commas; empty: none is declared.
    devices: tuple[str, ...] = ()
    inventory: Inventory | None = None
    operations: OperationsLog | None = None
    authorisations: Authorisations | None = None
    acknowledgements: Acknowledgements | None = None
    clock_declarations: ClockDeclarations | None = None
    zones: SuppliedZones | None = None
    #: Areas that operations declare and keep to.
    operating_areas: SuppliedZones | None = None
    #: Tracks of people and of other aircraft, with whose they are.
    tracks: tuple[DeclaredTrack, ...] = ()
    #: Heights of the terrain.
    elevation: ElevationModel | None = None
    elevation_files: tuple[SuppliedFileProvenance, ...] = ()
    cameras: tuple[DeclaredCamerasOfAircraft, ...] = ()
    #: The configuration of the unit, from which options came.
    configuration: SuppliedFileProvenance | None = None
    #: Maps to draw behind the path; no rule reads them.
    basemaps: tuple[SuppliedMap, ...] = ()
    #: Date whose rules apply; ``None``: for each flight its own date.
    as_of: dt.date | None = None
    #: Date of the run, if the user gave a time; ``None``: ages are not known.
    today: dt.date | None = None

    @property
    def supplied_files(self) -> tuple[SuppliedFileProvenance, ...]:
        """The files that the unit supplied, for the report."""
        tables = (
            self.inventory,
            self.operations,
            self.authorisations,
            self.acknowledgements,
            self.clock_declarations,
        )
        files = [table.table.provenance for table in tables if table is not None]
        for kind, supplied in (("zone", self.zones), ("operating area", self.operating_areas)):
            for file in supplied.files if supplied is not None else ():
                source = file.source
                files.append(
                    SuppliedFileProvenance(
                        kind=kind,
                        name=source.name,
                        sha256=source.sha256,
                        count=len(file.zones),
                        note=completeness_text(file),
                    )
                )
        maps = (
            SuppliedFileProvenance(
                kind="base map",
                name=each.name,
                sha256=each.sha256,
                count=1,
                note=each.description,
            )
            for each in self.basemaps
        )
        configuration = () if self.configuration is None else (self.configuration,)
        tracks = map(declared_track_provenance, self.tracks)
        return (*configuration, *files, *tracks, *self.elevation_files, *maps)


@dataclass(frozen=True, slots=True)
class ContextFiles:
    """The context files of a run, as the user names them."""

    inventory: Path | None = None
    operations: Path | None = None
    authorisations: Path | None = None
    as_of: dt.date | None = None
    #: Lists of endpoints that extend the shipped catalogue, first to last.
    endpoints: tuple[Path, ...] = ()
    #: Devices of the unit as network logs name them, several names separated by commas.
    devices: tuple[str, ...] = ()
    #: Zone files, and folders of them.
    zones: tuple[Path, ...] = ()
    #: Zone files, and folders of them, with the areas that operations declare and keep to.
    operating_areas: tuple[Path, ...] = ()
    #: Tracks of people and of other aircraft, GPX, KML or KMZ.
    tracks: tuple[Path, ...] = ()
    #: Of each of ``tracks`` whose it is, one of ``declared_tracks.OWNERS``.
    track_owners: tuple[str, ...] = ()
    #: Clocks that the user declares besides the table; `parsers.parse_declared_clock` reads them.
    declared_clocks: tuple[str, ...] = ()
    #: Heights of the terrain: an SRTM tile, a folder of tiles, or a GeoTIFF.
    elevation: Path | None = None
    #: Declared cameras, each as `parse_camera_declaration` reads it.
    cameras: tuple[str, ...] = ()
    #: Findings that somebody looked at, and why they are settled.
    acknowledged: Path | None = None
    #: Clocks that the unit declares for files that cannot state them.
    clocks: Path | None = None
    #: A map to draw behind the path, MBTiles, PMTiles or GeoTIFF, or a folder of them.
    basemap: Path | None = None
    #: The configuration of the unit, from which options came; it is stated, and not read again.
    configuration: Path | None = None

    def files_and_kinds(self) -> Iterator[tuple[Path, str]]:
        """Yield each file and its kind."""
        model = self.elevation
        paths_by_kind: tuple[tuple[str, Iterable[Path | None]], ...] = (
            ("inventory", (self.inventory,)),
            ("operations log", (self.operations,)),
            ("authorisations", (self.authorisations,)),
            ("list of endpoints", self.endpoints),
            ("zones", _files_below(self.zones)),
            ("operating areas", _files_below(self.operating_areas)),
            ("supplied track", self.tracks),
            (
                "elevation",
                srtm_tile_paths_in_folder(model)
                if model is not None and model.is_dir()
                else (model,),
            ),
            ("acknowledgements", (self.acknowledged,)),
            ("declared clocks", (self.clocks,)),
            ("base map", _files_below(() if self.basemap is None else (self.basemap,))),
            ("configuration", (self.configuration,)),
        )
        for kind, paths in paths_by_kind:
            yield from ((path, kind) for path in paths if path is not None)


def _files_below(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from path.rglob("*") if path.is_dir() else (path,)


#: No context files: only the data that ships with dji-audit.
NO_CONTEXT = ContextFiles()


def load_audit_context(supplied: ContextFiles, today: dt.date | None = None) -> AuditContext:
    """Return the audit context that some files make up.

    Raises:
        SuppliedFileError: If one of them cannot be used.
        CatalogueError: If a list of endpoints cannot be used.
    """
    elevation, elevation_files = _load_elevation_model_and_provenance(supplied.elevation)
    return AuditContext(
        load_catalogue(supplied.endpoints),
        devices=supplied.devices,
        inventory=load_inventory(supplied.inventory) if supplied.inventory else None,
        operations=load_operations_log(supplied.operations) if supplied.operations else None,
        authorisations=load_authorisations(supplied.authorisations)
        if supplied.authorisations
        else None,
        acknowledgements=load_acknowledgements(supplied.acknowledged)
        if supplied.acknowledged
        else None,
        clock_declarations=load_clock_declarations(supplied.clocks) if supplied.clocks else None,
        zones=_load_supplied_zones(supplied.zones, "zones"),
        operating_areas=_load_supplied_zones(supplied.operating_areas, "operating areas"),
        tracks=_load_declared_people_and_aircraft_tracks(supplied),
        elevation=elevation,
        elevation_files=elevation_files,
        cameras=tuple(parse_camera_declaration(text) for text in supplied.cameras),
        configuration=_configuration_file_provenance(supplied.configuration),
        basemaps=_load_supplied_maps(supplied.basemap),
        as_of=supplied.as_of,
        today=today,
    )


def supplied_zones_then_fences_of_flight(flight: Flight, context: AuditContext) -> tuple[Zone, ...]:
    """Return the zones that a flight is compared with: those supplied, then its own fences."""
    supplied = context.zones.zones if context.zones is not None else ()
    return (*supplied, *fences_stored_in_aircraft(flight))


def fences_stored_in_aircraft(flight: Flight) -> tuple[Zone, ...]:
    """Return the fences set in the aircraft itself; of a fence in two logs, the first copy."""
    home: Point | None = None
    if flight.home is not None:
        home = flight.home.latitude_deg, flight.home.longitude_deg
    fences: list[Zone] = []
    for source in flight.sources:
        # One log may hold the same fence twice, for two periods in which it was in force.
        seen = {_fence_geometry_key(zone) for zone in fences}
        fences += [
            zone
            for zone in read_log_fences(_log_with_aligned_fence_times(source), home).zones
            if _fence_geometry_key(zone) not in seen
        ]
    return tuple(fences)


def _log_with_aligned_fence_times(source: FlightSource) -> parsers.Log:
    """Return a log whose fence times are on the clock of the flight."""
    log, alignment = source.log, source.alignment
    if not log.fences or not alignment.is_aligned or not alignment.shifts_times:
        return log
    return replace(
        log,
        fences=tuple(
            replace(
                fence,
                start=alignment.aligned_instant(fence.start),
                end=alignment.aligned_instant(fence.end),
            )
            for fence in log.fences
        ),
    )


def _fence_geometry_key(zone: Zone) -> tuple[object, ...]:
    """Return what two copies of one fence have in common: shape, limits and kind."""
    return zone.shape, zone.lower, zone.upper, zone.inclusion


def _load_supplied_zones(paths: tuple[Path, ...], kind: str) -> SuppliedZones | None:
    try:
        return load_zones(paths) if paths else None
    except ZoneError as error:
        raise SuppliedFileError(f"{kind}: {error}") from error


def _load_declared_people_and_aircraft_tracks(supplied: ContextFiles) -> tuple[DeclaredTrack, ...]:
    """Return the tracks of people and of other aircraft, by the clocks that the unit declares."""
    if not supplied.tracks:
        return ()
    clocks = declared_clocks_from_options_and_table(supplied.declared_clocks, supplied.clocks)
    return load_declared_tracks(supplied.tracks, supplied.track_owners, clocks)


def _configuration_file_provenance(path: Path | None) -> SuppliedFileProvenance | None:
    """Return a configuration as a report states it."""
    if path is None:
        return None
    try:
        return SuppliedFileProvenance("configuration", path.name, file_sha256(path), 1)
    except OSError as error:
        raise SuppliedFileError(f"configuration: {path}: {os_error_reason(error)}") from error


def _load_supplied_maps(path: Path | None) -> tuple[SuppliedMap, ...]:
    try:
        return () if path is None else read_supplied_maps(path)
    except SuppliedMapError as error:
        raise SuppliedFileError(f"base map: {error}") from error


def _load_elevation_model_and_provenance(
    path: Path | None,
) -> tuple[ElevationModel | None, tuple[SuppliedFileProvenance, ...]]:
    """Return the terrain model, and each of its files as a report states it."""
    if path is None:
        return None, ()
    try:
        model = read_elevation_model(path)
        return model, tuple(
            SuppliedFileProvenance(
                kind="elevation",
                name=file.name,
                sha256=file_sha256(file),
                count=1,
                datum=model.datum,
            )
            for file in model.files
        )
    except ElevationError as error:
        raise SuppliedFileError(f"elevation: {error}") from error
    except OSError as error:
        raise SuppliedFileError(f"elevation: {path}: {os_error_reason(error)}") from error
