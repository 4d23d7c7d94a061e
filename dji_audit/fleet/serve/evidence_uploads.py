"""Deliveries: the files that a person drops, kept below the state, each drop in its own folder."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason

#: Folders below a state: what was delivered whole, and what is on its way.
DELIVERIES_FOLDER, _ARRIVING_FOLDER = "deliveries", "arriving"
#: Most folders that the name of a delivered file leads through, and the longest name of one.
_MAX_DEPTH, _MAX_NAME_BYTES = 16, 255
#: Only its owner reads a delivered file, and nobody writes it: it is evidence.
_READ_ONLY = 0o400


class UploadError(Exception):
    """A file cannot be taken; the message says why, to the person who dropped it."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much a browser may write on this computer."""

    file_bytes: int = 32 << 30
    all_bytes: int = 256 << 30
    files: int = 200_000
    #: What stays free on the disk.
    free_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class UploadedFileCountAndSize:
    """What lies there."""

    files: int
    size: int


class EvidenceUploads:
    """The folder of deliveries below a state."""

    def __init__(self, state: Path, limits: UploadLimits | None = None) -> None:
        """Make the folders where they are missing, and remove what never arrived whole.

        Raises:
            OSError: If they cannot be made.
        """
        self.folder = state / DELIVERIES_FOLDER
        self._arriving = state / _ARRIVING_FOLDER
        self._limits = limits or UploadLimits()
        for folder in (self.folder, self._arriving):
            if folder.is_symlink():
                raise NotADirectoryError(20, "is a link", str(folder))
        shutil.rmtree(self._arriving, ignore_errors=True)
        for folder in (self.folder, self._arriving):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._amount = _file_count_and_size_below(self.folder)

    @property
    def uploaded_file_count_and_size(self) -> UploadedFileCountAndSize:
        """How many files were delivered, and how large they are together."""
        return self._amount

    def create_upload_folder(self) -> str:
        """Make the folder of a new delivery; return its name.

        Raises:
            UploadError: If it cannot be made.
        """
        numbers = [int(it.name) for it in self.folder.iterdir() if it.name.isdecimal()]
        name = f"{max(numbers, default=0) + 1:04}"
        try:
            (self.folder / name).mkdir(mode=0o700)
        except OSError as error:
            raise UploadError(f"no delivery can be begun: {os_error_reason(error)}") from error
        return name

    def target_path(self, delivery: str, name: str) -> Path | None:
        """Return where a file of a delivery goes; ``None``: its name leads elsewhere.

        Args:
            delivery: What `create_upload_folder` returned.
            name: The name of the file, with the folders that it was dropped in, between slashes.
        """
        parts = name.split("/")
        if not delivery.isdecimal() or not 0 < len(parts) <= _MAX_DEPTH:
            return None
        if not all(map(_is_plain_name, parts)):
            return None
        path = self.folder / delivery
        if path.is_symlink() or not path.is_dir():
            return None
        for part in parts[:-1]:
            path = path / part
            if path.is_symlink() or (path.exists() and not path.is_dir()):
                return None
        return path / parts[-1]

    async def write_upload_and_return_size(
        self, target: Path, content: AsyncIterator[bytes]
    ) -> int:
        """Write a delivered file whole, or not at all; return its size.

        Args:
            target: Where it goes, by `target_path`.
            content: Its bytes, piece by piece.

        Raises:
            UploadError: If it is too large, is there already, or cannot be written.
        """
        if target.exists() or target.is_symlink():
            raise UploadError("a file of this name is in this delivery already")
        if self._amount.files >= self._limits.files:
            raise UploadError(f"{self._limits.files:,} files were delivered, and no more are")
        try:
            descriptor, temporary = tempfile.mkstemp(dir=self._arriving)
            arriving = Path(temporary)
            try:
                size = await self._write_chunks(descriptor, content)
                arriving.chmod(_READ_ONLY)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Making it fails where the name is taken; the move alone would replace it.
                target.touch(exist_ok=False)
                arriving.replace(target)
            finally:
                arriving.unlink(missing_ok=True)
        except FileExistsError as error:
            raise UploadError("a file of this name is in this delivery already") from error
        except OSError as error:
            raise UploadError(f"it cannot be written: {os_error_reason(error)}") from error
        self._amount = UploadedFileCountAndSize(self._amount.files + 1, self._amount.size + size)
        return size

    async def _write_chunks(self, descriptor: int, content: AsyncIterator[bytes]) -> int:
        size, limits = 0, self._limits
        room = min(
            limits.all_bytes - self._amount.size,
            shutil.disk_usage(self._arriving).free - limits.free_bytes,
        )
        with os.fdopen(descriptor, "wb") as stream:
            async for piece in content:
                size += len(piece)
                if size > limits.file_bytes:
                    raise UploadError(f"it is larger than {limits.file_bytes:,} bytes")
                if size > room:
                    raise UploadError("there is no room for it on this computer")
                stream.write(piece)
        return size


def _is_plain_name(part: str) -> bool:
    """Return whether a part of a name is one file or folder, here and on any other computer."""
    try:
        size = len(part.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return (
        part not in ("", ".", "..")
        and size <= _MAX_NAME_BYTES
        and part.isprintable()
        and not set(part) & set('\\/:*?"<>|')
    )


def _file_count_and_size_below(folder: Path) -> UploadedFileCountAndSize:
    sizes = [
        (Path(place) / name).lstat().st_size
        for place, _, names in os.walk(folder)
        for name in names
    ]
    return UploadedFileCountAndSize(len(sizes), sum(sizes))
