"""Backups of phones among the inputs: their files get the names that they had on the phone."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import parsers
from dji_audit.ingest.input_files._model import (
    ContainerFile,
    ContainerListingError,
    FileOnDisk,
    InputFile,
)

_KIND, _TITLE = "itunes-backup", "an iTunes or Finder backup"
_MANIFESTS = (parsers.MANIFEST_DATABASE, parsers.MANIFEST_PLIST, parsers.OLD_MANIFEST)


@dataclass(frozen=True, slots=True)
class InputsWithPhoneNames:
    """Inputs with their names on the phone, and the backups that gave them."""

    inputs: tuple[InputFile, ...]
    backups: tuple[ContainerFile, ...]
    #: Names on the phone, with the backup, that a backup lists and does not hold.
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManifestOfBackup:
    """What the manifests in one folder say, and what the first of them is."""

    manifest: parsers.BackupManifest
    #: Bytes and SHA-256 of it; 0 and empty: it could not be opened.
    size: int
    sha256: str


#: Reads the manifests in one folder of the disk; ``None``: they are of no backup.
ReadManifests = Callable[[Sequence[FileOnDisk]], ManifestOfBackup | None]


def may_be_backup_manifest(name: str) -> bool:
    """Return whether a file may say what a backup holds, by its name."""
    return name.rpartition("/")[2] in _MANIFESTS


def folder_of_manifest(name: str) -> str:
    """Return the name of the folder that a manifest lies in, ``/`` at its end; empty: in none."""
    folder, slash, _ = name.rpartition("/")
    return folder + slash


def parse_backup_manifest(contents: Mapping[str, parsers.Content]) -> ManifestOfBackup | None:
    """Return what the manifests of one folder say; ``None``: they are of no backup.

    Args:
        contents: Name of a manifest without its folder -> its bytes.
    """
    manifest = parsers.read_backup_manifest(*(contents.get(base) for base in _MANIFESTS))
    if manifest is None:
        return None
    first = next(contents[base] for base in _MANIFESTS if base in contents)
    return ManifestOfBackup(manifest, len(first), first.sha256)


def backup_manifests_by_folder_name(
    copies: Mapping[str, parsers.Content],
) -> dict[str, ManifestOfBackup]:
    """Return what the manifests in a container say, by the name of their folder.

    Args:
        copies: Name of a manifest -> its bytes.
    """
    folders: dict[str, dict[str, parsers.Content]] = defaultdict(dict)
    for name, content in copies.items():
        folders[folder_of_manifest(name)][name.rpartition("/")[2]] = content
    found = ((folder, parse_backup_manifest(contents)) for folder, contents in folders.items())
    return {folder: manifest for folder, manifest in found if manifest is not None}


def read_backup_manifest_of_folder(files: Iterable[FileOnDisk]) -> ManifestOfBackup | None:
    """Return what the manifests in one folder of the disk say; ``None``: they are of no backup."""
    contents: dict[str, parsers.Content] = {}
    for file in files:
        try:
            contents[file.name.rpartition("/")[2]] = parsers.open_content(file.path, file.name)
        except OSError:
            # Whoever reads the file says so.
            continue
    return parse_backup_manifest(contents)


def give_backup_files_phone_names(
    inputs: Sequence[InputFile],
    manifests_in_containers: Mapping[str, ManifestOfBackup],
    read_manifests: ReadManifests,
) -> InputsWithPhoneNames:
    """Give the files of backups the names that they had on the phone.

    Args:
        inputs: All inputs, with distinct names.
        manifests_in_containers: Name of a folder in a container -> what its manifests say.
        read_manifests: Reads those in a folder of the disk.
    """
    manifests: dict[str, dict[str, InputFile]] = defaultdict(dict)
    hashed: dict[str, dict[str, InputFile]] = defaultdict(dict)
    for item in inputs:
        folder, slash, base = item.name.rpartition("/")
        if base in _MANIFESTS:
            manifests[folder + slash][base] = item
        elif (file_hash := parsers.backup_file_hash(base)) is not None:
            above, slash_above, last = folder.rpartition("/")
            is_divided = last == base[:2]
            hashed[above + slash_above if is_divided else folder + slash][file_hash] = item
    renamed: dict[str, InputFile] = {}
    backups: list[ContainerFile] = []
    missing: list[str] = []
    for folder, found in manifests.items():
        on_disk = [
            FileOnDisk(it.path, it.name, it.named_by_user)
            for it in found.values()
            if it.member is None
        ]
        try:
            read = read_manifests(on_disk) if on_disk else manifests_in_containers.get(folder)
        except ContainerListingError as error:
            reason = f"its list of names was not read: {error.reason}"
            read = ManifestOfBackup(parsers.BackupManifest({}, (), "damaged", reason), 0, "")
        if read is None:
            continue
        shown, files = _backup_folder_name(folder, found), hashed.get(folder, {})
        for file_hash, path in read.manifest.names.items():
            name = f"{shown}{parsers.MEMBER_SEPARATOR}{path}"
            if file_hash in files:
                stored = files[file_hash]
                renamed[stored.name] = replace(stored, name=name, stored_as=stored.name)
            else:
                missing.append(name)
        backups.append(_backup_as_container_file(shown, found, read, len(files)))
    return InputsWithPhoneNames(
        tuple(renamed.get(item.name, item) for item in inputs), tuple(backups), tuple(missing)
    )


def _backup_folder_name(folder: str, found: Mapping[str, InputFile]) -> str:
    """Return the name of a backup: of its folder, also where that is what the user named."""
    if folder:
        return folder.rstrip("/")
    path = next(iter(found.values())).path
    return path.absolute().parent.name or "backup"


def _backup_as_container_file(
    name: str, found: Mapping[str, InputFile], read: ManifestOfBackup, count: int
) -> ContainerFile:
    """Return a backup as a container; its hash is that of the list of its files."""
    item = next(found[base] for base in _MANIFESTS if base in found)
    manifest = read.manifest
    left: tuple[parsers.SkippedMember, ...] = ()
    if manifest.left_kind is not None:
        left = (parsers.SkippedMember(name, manifest.left_kind, manifest.left_reason),)
    return ContainerFile(
        item.path,
        name,
        False,
        _KIND,
        _TITLE,
        read.size,
        read.sha256,
        item.container_sha256 or read.sha256,
        0 if left else count,
        left,
        manifest.issues,
    )
