"""The zone files that a unit supplies, and the zones in them."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from dji_audit.zones._completeness_area import ZoneCompletenessArea, completeness_area_of_zone_file
from dji_audit.zones._completeness_texts import skipped_item_position_text
from dji_audit.zones._model import Zone, ZoneError, ZoneFile
from dji_audit.zones._read_zone_file import read_zones_of_file
from dji_audit.zones._user_declared_completeness_boxes import (
    read_completeness_boxes_by_zone_file_hash,
)
from dji_audit.zones.engine._zone_index import ZoneIndex

#: Endings of files that often lie beside zone files and are not zone files.
_OTHER_FILES = re.compile(r"\.(md|txt|pdf|html?)$", re.IGNORECASE)


#: Files of one folder of zones; of more it is the wrong folder.
_MAX_FILES = 100_000


@dataclass(eq=False)
class SuppliedZones:
    """All zones of the supplied files."""

    files: tuple[ZoneFile, ...]
    _index: ZoneIndex | None = field(default=None, repr=False)

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """The zones of all files, in the order of the files."""
        return tuple(zone for file in self.files for zone in file.zones)

    @cached_property
    def completeness_areas(self) -> tuple[ZoneCompletenessArea, ...]:
        """Where each file is complete, in the order of the files."""
        return tuple(completeness_area_of_zone_file(file) for file in self.files)

    @property
    def zone_index(self) -> ZoneIndex:
        """The zones, indexed for comparison with tracks."""
        if self._index is None:
            self._index = ZoneIndex(self.zones)
        return self._index


def load_zones(paths: Sequence[Path]) -> SuppliedZones:
    """Return the zones of some files, and of all files in some folders.

    Files with the same bytes count once.  A text or HTML file in a folder that is not a
    zone file is ignored.

    Raises:
        ZoneError: If the form of a file is broken, or a given file or folder holds no zone.  A
            single area that cannot be read is among the skipped items of its file.
    """
    files: dict[str, ZoneFile] = {}
    for path in paths:
        zone_files = (
            list(_iterate_zone_files_in_folder(path)) if path.is_dir() else [_read_zone_file(path)]
        )
        if not any(zone_file.zones for zone_file in zone_files):
            # An empty folder must not read as an airspace without zones.
            raise ZoneError(f"{path.name or path}: {no_zone_in_files_text(zone_files)}")
        for zone_file in zone_files:
            files.setdefault(zone_file.source.sha256, zone_file)
    # A file of which all was left out says where zones may be that nobody could read.
    return SuppliedZones(
        tuple(
            zone_file
            for zone_file in files.values()
            if zone_file.zones or zone_file.skipped_items_that_may_be_zones
        )
    )


def no_zone_in_files_text(files: Sequence[ZoneFile]) -> str:
    """Return that files hold no zone, with the first of what was left out of them."""
    skipped = [item for file in files for item in file.skipped]
    if not skipped:
        return "holds no zone"
    first = next((item for item in skipped if item.may_be_zone), skipped[0])
    count = (
        "1 item in it is not a zone"
        if len(skipped) == 1
        else (f"{len(skipped):,} items in it are not zones")
    )
    return f"holds no zone; {count}: {skipped_item_position_text(first)}: {first.reason}"


def non_hidden_files_below(folder: Path) -> list[Path]:
    """Return the files below a folder in order of path, but for hidden ones.

    Folders are not followed through links, and may be nested as deeply as the system allows.

    Raises:
        ZoneError: If a folder cannot be read, or holds too many files.
    """
    paths: list[Path] = []
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            entries = [entry for entry in os.scandir(current) if not entry.name.startswith(".")]
        except OSError as error:
            raise ZoneError(f"{current}: {(error.strerror or str(error)).lower()}") from error
        folders += [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
        paths += [Path(entry) for entry in entries if entry.is_file()]
        if len(paths) > _MAX_FILES:
            raise ZoneError(f"{folder}: holds more than {_MAX_FILES:,} files")
    return sorted(paths)


def _iterate_zone_files_in_folder(folder: Path) -> Iterator[ZoneFile]:
    """Yield the zone files below a folder, in order of name."""
    for path in non_hidden_files_below(folder):
        try:
            yield _read_zone_file(path)
        except ZoneError:
            if not _OTHER_FILES.search(path.name):
                raise


def _read_zone_file(path: Path) -> ZoneFile:
    try:
        zone_file = read_zones_of_file(path)
        extents = read_completeness_boxes_by_zone_file_hash(path.parent)
        return replace(zone_file, unit_extent=extents.get(zone_file.source.sha256))
    except OSError as error:
        raise ZoneError(f"{path}: {(error.strerror or str(error)).lower()}") from error
