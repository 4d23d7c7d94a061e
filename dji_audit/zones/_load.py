"""The zone files that a unit brings, and the zones in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dji_audit.zones._formats import read_zones
from dji_audit.zones._model import Zone, ZoneError, ZoneFile
from dji_audit.zones.engine._rtree import ZoneIndex

#: Endings of files that stand beside zone files and are none.
_BESIDE = re.compile(r"\.(md|txt|pdf|html?)$", re.IGNORECASE)


@dataclass(eq=False)
class BroughtZones:
    """All zones of some files."""

    files: tuple[ZoneFile, ...]
    _index: ZoneIndex | None = field(default=None, repr=False)

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """The zones of all files, in the order of the files."""
        return tuple(zone for file in self.files for zone in file.zones)

    @property
    def index(self) -> ZoneIndex:
        """The same, ready to be held against paths."""
        if self._index is None:
            self._index = ZoneIndex(self.zones)
        return self._index


def load_zones(paths: Sequence[Path]) -> BroughtZones:
    """Return the zones of some files, and of all files in some folders.

    A file that stands twice, to the byte, counts once.  A text or page in a folder
    that is no zone file is passed over.

    Raises:
        ZoneError: If a file cannot be read whole, or a file or folder that is named holds no
            zone.
    """
    files: dict[str, ZoneFile] = {}
    for path in paths:
        found = list(_below(path)) if path.is_dir() else [_read(path)]
        if not any(one.zones for one in found):
            # An empty folder is no clear sky.
            left = sum(len(one.left_out) for one in found)
            why = f"; {left} things in it are none" if left else ""
            raise ZoneError(f"{path.name or path}: holds no zone{why}")
        for one in found:
            files.setdefault(one.source.sha256, one)
    return BroughtZones(tuple(one for one in files.values() if one.zones))


def _below(folder: Path) -> Iterator[ZoneFile]:
    """Yield the zone files below a folder, in order of name."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            yield _read(path)
        except ZoneError:
            if not _BESIDE.search(path.name):
                raise


def _read(path: Path) -> ZoneFile:
    try:
        return read_zones(path)
    except OSError as error:
        raise ZoneError(f"{path}: {(error.strerror or str(error)).lower()}") from error
