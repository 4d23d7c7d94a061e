"""Backups of phones among the inputs: their files get the names that they had on the phone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import parsers
from dji_audit.ingest.input_files._model import ContainerFile, InputFile

_KIND, _TITLE = "itunes-backup", "an iTunes or Finder backup"
_MANIFESTS = (parsers.MANIFEST_DATABASE, parsers.MANIFEST_PLIST, parsers.OLD_MANIFEST)


@dataclass(frozen=True, slots=True)
class NamedBackups:
    """Inputs with their names on the phone, and the backups that gave them."""

    inputs: tuple[InputFile, ...]
    backups: tuple[ContainerFile, ...]
    #: Names on the phone, with the backup, that a backup lists and does not hold.
    missing: tuple[str, ...]


def is_manifest(name: str) -> bool:
    """Return whether a file may say what a backup holds, by its name."""
    return name.rpartition("/")[2] in _MANIFESTS


def name_backup_files(
    inputs: Sequence[InputFile], copies: Mapping[str, parsers.Content]
) -> NamedBackups:
    """Give the files of backups the names that they had on the phone.

    Args:
        inputs: All inputs, with distinct names.
        copies: Name of a manifest in a container -> its bytes.
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
        contents = {base: _content(item, copies) for base, item in found.items()}
        manifest = parsers.read_backup_manifest(*(contents.get(base) for base in _MANIFESTS))
        if manifest is None:
            continue
        shown, files = _backup_name(folder, found), hashed.get(folder, {})
        for file_hash, path in manifest.names.items():
            name = f"{shown}{parsers.MEMBER_SEPARATOR}{path}"
            if file_hash in files:
                stored = files[file_hash]
                renamed[stored.name] = replace(stored, name=name, stored_as=stored.name)
            else:
                missing.append(name)
        backups.append(_backup_file(shown, found, contents, manifest, len(files)))
    return NamedBackups(
        tuple(renamed.get(item.name, item) for item in inputs), tuple(backups), tuple(missing)
    )


def _content(item: InputFile, copies: Mapping[str, parsers.Content]) -> parsers.Content | None:
    """Return the bytes of a manifest; ``None``: it cannot be opened."""
    if item.member is not None:
        return copies.get(item.name)
    try:
        return parsers.open_content(item.path, item.name)
    except OSError:
        return None


def _backup_name(folder: str, found: Mapping[str, InputFile]) -> str:
    """Return the name of a backup: of its folder, also where that is what the user named."""
    if folder:
        return folder.rstrip("/")
    path = next(iter(found.values())).path
    return path.absolute().parent.name or "backup"


def _backup_file(
    name: str,
    found: Mapping[str, InputFile],
    contents: Mapping[str, parsers.Content | None],
    manifest: parsers.BackupManifest,
    count: int,
) -> ContainerFile:
    """Return a backup as a container; its hash is that of the list of its files."""
    base = next(base for base in _MANIFESTS if base in found)
    item, content = found[base], contents[base]
    left: tuple[parsers.LeftMember, ...] = ()
    if manifest.left_kind is not None:
        left = (parsers.LeftMember(name, manifest.left_kind, manifest.left_reason),)
    sha256 = content.sha256 if content is not None else ""
    return ContainerFile(
        item.path,
        name,
        False,
        _KIND,
        _TITLE,
        len(content) if content is not None else 0,
        sha256,
        item.container_sha256 or sha256,
        0 if left else count,
        left,
        manifest.issues,
    )
