"""The same in two lines of Python: flights and audits of a file or folder."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import parsers
from dji_audit.compliance.camera_view import cameras_declared_for
from dji_audit.compliance.context import NO_CONTEXT, ContextFiles, load_context
from dji_audit.compliance.policy import DEFAULT, load_policy
from dji_audit.fleet.discovery import find_copies, find_inputs
from dji_audit.fleet.run import RunOptions, Run, run, check_keychains
from dji_audit.flights import (
    SIGHTING_COLUMNS,
    Flight,
    assemble,
    find_sightings,
    unjoined_recordings,
    sighting_rows,
)

__all__ = ["Audit", "ContextFiles", "audit", "read_flights"]

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit as tables."""

    run: Run

    @property
    def findings(self) -> pd.DataFrame:
        """One row for each finding; evidence is a list of mappings."""
        return pd.DataFrame(list(self.run.contents.findings))

    @property
    def flights(self) -> pd.DataFrame:
        """One row for each flight."""
        return pd.DataFrame(list(self.run.contents.flights))

    @property
    def results(self) -> pd.DataFrame:
        """One row for each rule on each flight: its outcome and reason."""
        return pd.DataFrame(list(self.run.contents.results))

    @property
    def contacts(self) -> pd.DataFrame:
        """One row for each host that the devices of a flight met, known or not."""
        return pd.DataFrame(list(self.run.contents.contacts))

    @property
    def network(self) -> pd.DataFrame:
        """One row for each flight: how much of its window was watched, and by what."""
        return pd.DataFrame(list(self.run.contents.network))

    @property
    def verdict(self) -> str:
        """The line that says what was found and how much was not checked."""
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
    keys: Iterable[str | os.PathLike[str]] = (),
    out: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    context_files: ContextFiles = NO_CONTEXT,
) -> Audit:
    """Audit a file, a folder or several, and write pages and reports if ``out`` is given.

    ``brief`` names what the unit brings besides: inventory, operations log, authorisations,
    lists of endpoints, the addresses of its devices, heights of the ground, cameras.

    Raises:
        PolicyError: If the policy cannot be used.
        CaseError: If what the unit brings cannot be used.
        OutputError: If the results cannot be written.
        parsers.EncryptedLogError: If what is given as keys is none.
    """
    keychains = tuple(Path(key) for key in keys)
    for key in keychains:
        parsers.load_keychains(key.read_bytes())
    options = RunOptions(
        policy=load_policy(policy),
        keychains=keychains,
        out=Path(out) if out is not None else None,
        jobs=jobs,
        context_files=context_files,
    )
    return Audit(run(_paths(paths), options))


def read_flights(paths: Paths, *, keys: Iterable[str | os.PathLike[str]] = ()) -> list[Flight]:
    """Return the flights that the logs below some paths tell of, each told by all its files.

    Files that are no logs are passed over; ``audit`` accounts for them.

    Raises:
        parsers.EncryptedLogError: If what is given as keys is none.
    """
    return list(assemble(*_read_logs(paths, keys)))


def _read_logs(paths: Paths, keys: Iterable[str | os.PathLike[str]]) -> list[parsers.Log]:
    found = find_inputs(_paths(paths))
    beside, _ = check_keychains(found.keychains)
    chains = [parsers.load_keychains(Path(key).read_bytes()) for key in (*keys, *beside)]
    twins = find_copies(found.inputs)
    out = []
    for item in found.inputs:
        if item.path in twins:
            continue
        try:
            out.append(parsers.read(item.path, keys=chains, name=item.name))
        except (parsers.LogError, OSError):
            continue
    return out


def in_view(
    paths: Paths,
    latitude: float,
    longitude: float,
    *,
    keys: Iterable[str | os.PathLike[str]] = (),
    elevation: str | os.PathLike[str] | None = None,
    cameras: Iterable[str] = (),
) -> pd.DataFrame:
    """Return when a place was in view of a camera, over every flight below some paths.

    One row for each sighting, and one with ``unknown_reason`` for each flight that
    cannot tell; a flight without a row had the place never in view. Photos that
    belong to no flight have rows without one.

    Args:
        paths: Logs, or folders of them.
        latitude: Degrees, WGS 84.
        longitude: Degrees, WGS 84.
        keys: Keychains.
        elevation: An SRTM tile, a folder of tiles, or a GeoTIFF; without, the
            ground is the plane of each take-off.
        cameras: Declared where logs do not tell how wide they saw, such as ``M30T`` or
            ``1581F5BKD229C00A=71.5x56.6``.

    Raises:
        CaseError: If the heights of the ground or a camera cannot be used.
        parsers.EncryptedLogError: If what is given as keys is none.
    """
    heights = None if elevation is None else Path(elevation)
    case = load_context(ContextFiles(elevation=heights, cameras=tuple(cameras)))
    logs = _read_logs(paths, keys)
    flights = assemble(*logs)
    lone = unjoined_recordings(logs, flights)
    told = find_sightings(
        flights,
        latitude,
        longitude,
        case.elevation,
        recordings=lone,
        declared_cameras=lambda one: cameras_declared_for(one, case),
    )
    return pd.DataFrame(list(sighting_rows(told)), columns=list(SIGHTING_COLUMNS))


def _paths(paths: Paths) -> list[Path]:
    if isinstance(paths, str | os.PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]
