"""What a unit brings to an audit besides the logs of one flight."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import parsers
from dji_audit.compliance.authorisations import Authorisations, load_authorisations
from dji_audit.compliance.declared_cameras import DeclaredCamera, declared_camera
from dji_audit.compliance.inventory import Inventory, load_inventory
from dji_audit.compliance.operations import Operations, load_operations
from dji_audit.endpoints import Catalogue, catalogue, load_catalogue
from dji_audit.flights import Flight, Telling
from dji_audit.supplied_tables import CaseError, Document
from dji_audit.view import Elevation, ElevationError, read_elevation, sha256_of, tiles_in
from dji_audit.zones import (
    BroughtZones,
    Point,
    Zone,
    ZoneError,
    fences_of,
    load_zones,
)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What every flight of a run is held against; ``None``: it was not brought."""

    catalogue: Catalogue = field(default_factory=catalogue)
    #: Logs of the network of the run, each with a ``watch``, in order of their names.
    network: tuple[parsers.Log, ...] = ()
    #: The unit's devices as network logs call them, several names of one with commas between;
    #: empty: none is declared.
    devices: tuple[str, ...] = ()
    inventory: Inventory | None = None
    operations: Operations | None = None
    authorisations: Authorisations | None = None
    zones: BroughtZones | None = None
    #: Heights of the ground.
    elevation: Elevation | None = None
    elevation_documents: tuple[Document, ...] = ()
    cameras: tuple[DeclaredCamera, ...] = ()
    #: The day whose rules apply; ``None``: for each flight those of its own day.
    as_of: dt.date | None = None
    #: The day of the run, if the user gave a time; else how old a thing is is not known.
    today: dt.date | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files that were brought, for every report."""
        tables = (self.inventory, self.operations, self.authorisations)
        documents = [each.table.document for each in tables if each is not None]
        for file in self.zones.files if self.zones is not None else ():
            source = file.source
            documents.append(Document("zone", source.name, source.sha256, len(file.zones)))
        return (*documents, *self.elevation_documents)


#: What the files of a brief are called, in its order.
WORDS = ("inventory", "operations log", "authorisations", "list of endpoints", "zones", "elevation")


@dataclass(frozen=True, slots=True)
class Brief:
    """The files that make up a case, as a user names them."""

    inventory: Path | None = None
    operations: Path | None = None
    authorisations: Path | None = None
    as_of: dt.date | None = None
    #: Lists of endpoints over the catalogue that ships, first to last.
    endpoints: tuple[Path, ...] = ()
    #: The unit's devices as network logs call them, several names of one with commas between.
    devices: tuple[str, ...] = ()
    #: Zone files, and folders of them.
    zones: tuple[Path, ...] = ()
    #: Heights of the ground: an SRTM tile, a folder of tiles, or a GeoTIFF.
    elevation: Path | None = None
    #: Cameras that are declared, each as `declared_camera` reads it.
    cameras: tuple[str, ...] = ()

    def files(self) -> Iterator[tuple[Path, str]]:
        """Yield each file and what it is."""
        for path, word in zip(
            (self.inventory, self.operations, self.authorisations), WORDS, strict=False
        ):
            if path is not None:
                yield path, word
        for path in self.endpoints:
            yield path, WORDS[3]
        for path in self.zones:
            inside = path.rglob("*") if path.is_dir() else (path,)
            yield from ((one, WORDS[4]) for one in inside)
        if self.elevation is not None:
            path = self.elevation
            yield from ((one, WORDS[5]) for one in (tiles_in(path) if path.is_dir() else [path]))


#: A case of nothing but what ships.
NOTHING = Brief()


def load_case(brief: Brief, today: dt.date | None = None) -> Case:
    """Return the case that some files make up.

    Raises:
        CaseError: If one of them cannot be used.
        CatalogueError: If a list of endpoints cannot be used.
    """
    elevation, heights = _elevation(brief.elevation)
    return Case(
        load_catalogue(brief.endpoints),
        devices=brief.devices,
        inventory=load_inventory(brief.inventory) if brief.inventory else None,
        operations=load_operations(brief.operations) if brief.operations else None,
        authorisations=load_authorisations(brief.authorisations) if brief.authorisations else None,
        zones=_zones(brief.zones),
        elevation=elevation,
        elevation_documents=heights,
        cameras=tuple(declared_camera(text) for text in brief.cameras),
        as_of=brief.as_of,
        today=today,
    )


def zones_of(flight: Flight, case: Case) -> tuple[Zone, ...]:
    """Return the zones that a flight is held against: those given, then its own fences."""
    given = case.zones.zones if case.zones is not None else ()
    return (*given, *own_fences(flight))


def own_fences(flight: Flight) -> tuple[Zone, ...]:
    """Return the fences that the aircraft itself was to keep; of what two logs tell, the first."""
    home: Point | None = None
    if flight.home is not None:
        home = flight.home.latitude_deg, flight.home.longitude_deg
    told: list[Zone] = []
    for telling in flight.tellings:
        # One log may tell of the same fence twice, for two times at which it was in force.
        known = {_sameness(zone) for zone in told}
        told += [
            zone for zone in fences_of(_placed(telling), home).zones if _sameness(zone) not in known
        ]
    return tuple(told)


def _placed(telling: Telling) -> parsers.Log:
    """Return a log with its fences in force by the flight's clock."""
    log, placing = telling.log, telling.placing
    if not log.fences or not placing.placed or not placing.moves:
        return log
    return replace(
        log,
        fences=tuple(
            replace(fence, start=placing.instant(fence.start), end=placing.instant(fence.end))
            for fence in log.fences
        ),
    )


def _sameness(zone: Zone) -> tuple[object, ...]:
    return zone.shape, zone.lower, zone.upper, zone.inclusion


def _zones(paths: tuple[Path, ...]) -> BroughtZones | None:
    try:
        return load_zones(paths) if paths else None
    except ZoneError as error:
        raise CaseError(f"zones: {error}") from error


def _elevation(path: Path | None) -> tuple[Elevation | None, tuple[Document, ...]]:
    """Return the heights of the ground, and what a report must state of each file of them."""
    if path is None:
        return None, ()
    try:
        found = read_elevation(path)
        return found, tuple(
            Document("elevation", file.name, sha256_of(file), 1, found.datum)
            for file in found.files
        )
    except ElevationError as error:
        raise CaseError(f"elevation: {error}") from error
    except OSError as error:
        raise CaseError(f"elevation: {path}: {(error.strerror or str(error)).lower()}") from error
