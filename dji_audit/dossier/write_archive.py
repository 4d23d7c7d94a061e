"""Write an archive: manifest, sums, signature, then the files that the manifest lists."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dji_audit.common.atomic_files import new_file_permissions
from dji_audit.common.os_errors import os_error_reason
from dji_audit.dossier.manifest_model_and_reader import (
    MANIFEST_FILE,
    SIGNATURE_FILE,
    SUMS_FILE,
    ArchiveMemberEntry,
    Manifest,
    ManifestSigningKey,
)
from dji_audit.dossier.signature import public_key_hex
from dji_audit.dossier.stored_zip import StoredZipWriter, read_file_in_pieces


class DossierError(Exception):
    """A dossier cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class FileForArchive:
    """A file on its way into an archive: its name there, what it is, and its bytes."""

    name: str
    #: As in the manifest, such as ``page`` or ``original``.
    kind: str
    source: Path | bytes
    size: int
    sha256: str

    @property
    def manifest_entry(self) -> ArchiveMemberEntry:
        """The file as a manifest lists it."""
        return ArchiveMemberEntry(
            name=self.name, size=self.size, sha256=self.sha256, kind=self.kind
        )


def hashed_file_for_archive(name: str, kind: str, source: Path | bytes) -> FileForArchive:
    """Return a file for an archive, hashed.

    Raises:
        DossierError: If it cannot be read.
    """
    if isinstance(source, bytes):
        return FileForArchive(name, kind, source, len(source), hashlib.sha256(source).hexdigest())
    sha256, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as stream:
            for piece in read_file_in_pieces(stream):
                sha256.update(piece)
                size += len(piece)
    except OSError as error:
        raise DossierError(f"{source}: {os_error_reason(error)}") from error
    return FileForArchive(name, kind, source, size, sha256.hexdigest())


@dataclass(frozen=True, slots=True)
class WrittenArchive:
    """An archive that was written."""

    path: Path
    manifest: Manifest
    manifest_sha256: str


def write_archive(
    path: Path,
    manifest: Manifest,
    files: Sequence[FileForArchive],
    signing_key: Ed25519PrivateKey | None = None,
) -> WrittenArchive:
    """Write an archive in one go; an archive that is there is kept unless it has the same bytes.

    Args:
        path: The archive.
        manifest: What it holds; its files are replaced by those given.
        files: The files, in the order in which the archive holds them.
        signing_key: Signs the manifest; ``None``: nothing does.

    Raises:
        DossierError: If it cannot be written, a file has changed since it was hashed, or another
            archive is there.
    """
    signature = None
    if signing_key is not None:
        public_key = public_key_hex(signing_key.public_key())
        signature = ManifestSigningKey(algorithm="Ed25519", public_key=public_key)
    manifest = manifest.model_copy(
        update={"files": tuple(it.manifest_entry for it in files), "signature": signature}
    )
    text = manifest.to_bytes()
    sha256 = hashlib.sha256(text).hexdigest()
    with open_archive_for_writing(path) as stream:
        archive = StoredZipWriter(stream)
        heads = [(MANIFEST_FILE, text), (SUMS_FILE, manifest.sha256sums_text(sha256).encode())]
        if signing_key is not None:
            heads.append((SIGNATURE_FILE, signing_key.sign(text)))
        for name, content in heads:
            archive.add(name, len(content), (content,))
        for file in files:
            _write_file_and_refuse_if_changed(archive, file)
        archive.finish()
    return WrittenArchive(path, manifest, sha256)


def _write_file_and_refuse_if_changed(archive: StoredZipWriter, file: FileForArchive) -> None:
    if isinstance(file.source, bytes):
        archive.add(file.name, file.size, (file.source,))
        return
    sha256 = hashlib.sha256()

    def hashed_pieces(stream: BinaryIO) -> Iterator[bytes]:
        for piece in read_file_in_pieces(stream):
            sha256.update(piece)
            yield piece

    try:
        with file.source.open("rb") as stream:
            archive.add(file.name, file.size, hashed_pieces(stream))
    except ValueError as error:
        raise DossierError(f"{file.source} changed while the dossier was made") from error
    if sha256.hexdigest() != file.sha256:
        raise DossierError(f"{file.source} changed while the dossier was made")


@contextmanager
def open_archive_for_writing(path: Path, *, replaces: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that becomes an archive when it is written, and never half of one.

    Args:
        path: The archive.
        replaces: Whether an archive that is there is replaced.

    Raises:
        DossierError: If it cannot be written, or another archive is there.
    """
    part: str | None = None
    try:
        if path.is_dir():
            raise DossierError(f"{path} is a folder; name the file to write")
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
        _move_into_place(Path(part), path, replaces=replaces)
    except OSError as error:
        raise DossierError(f"{path}: {os_error_reason(error)}") from error
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def _move_into_place(part: Path, path: Path, *, replaces: bool) -> None:
    if path.exists() and not replaces:
        if _have_same_bytes(part, path):
            return
        raise DossierError(f"{path} is there already and differs; name another file")
    # mkstemp makes private files; a dossier is as public as its folder.
    part.chmod(new_file_permissions())
    part.replace(path)


def _have_same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        return all(
            a == b
            for a, b in zip(read_file_in_pieces(first), read_file_in_pieces(second), strict=True)
        )
