"""The zone files that a unit brings, and the zones in them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dji_audit.compliance.zones._formats import read_zones
from dji_audit.compliance.zones._index import ZoneIndex
from dji_audit.compliance.zones._model import Zone, ZoneError, ZoneFile

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
        ZoneError: If a file cannot be read whole, or holds no zone.
    """
    files: dict[str, ZoneFile] = {}
    for path, named in _files(paths):
        try:
            found = read_zones(path)
        except ZoneError:
            if named or not _BESIDE.search(path.name):
                raise
            continue
        except OSError as error:
            raise ZoneError(f"{path}: {(error.strerror or str(error)).lower()}") from error
        if not found.zones and named:
            left = f"; {len(found.left_out)} things in it are none" if found.left_out else ""
            raise ZoneError(f"{path.name}: holds no zone{left}")
        files.setdefault(found.source.sha256, found)
    return BroughtZones(tuple(one for one in files.values() if one.zones))


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file and whether it was named itself, those of a folder in order of name."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        for inside in sorted(path.rglob("*")):
            if inside.is_file() and not inside.name.startswith("."):
                yield inside, False
