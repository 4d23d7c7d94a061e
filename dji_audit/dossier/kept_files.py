"""Which files of the evidence a dossier keeps, and under which names."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes

from dji_audit.compliance.context import ContextFiles
from dji_audit.ingest.input_files import (
    DiscoveredFiles,
    KeychainsMember,
    container_and_member_of_path,
)
from dji_audit.zones import UNIT_EXTENTS_FILE

ORIGINALS_FOLDER, SUPPLIED_FOLDER = "originals", "supplied"
#: Kinds of supplied files besides those of `ContextFiles`.
POLICY_PACK, BESIDE_SUPPLIED = "policy pack", "beside a supplied file"
#: Kind of the maps behind the track: large, no evidence, and not kept.
BASE_MAP = "base map"
#: What a name may not hold on one of the systems where a dossier is unpacked.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"*:<>?\\|%\ud800-\udfff]')
_DEVICE_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)")
#: Bytes.  Names of files are not longer on the usual systems.
_MAX_NAME_BYTES = 240


@dataclass(frozen=True, slots=True)
class EvidenceFileInArchive:
    """A file that is kept: where it lies, and its path in the archive."""

    path: Path
    member: str


def safe_file_name(name: str) -> str:
    """Return a file name that every system can write: other characters as ``%0A``.

    Distinct names stay distinct, but for names of more than 240 bytes, which are cut.
    """
    safe = _NOT_IN_NAMES.sub(lambda found: _percent_encode_every_byte(found[0]), name)
    if safe.strip(".") == "" or _DEVICE_NAMES.match(safe):
        safe = _percent_encode_every_byte(safe[:1]) + safe[1:]
    if safe.endswith((" ", ".")):
        safe = safe[:-1] + _percent_encode_every_byte(safe[-1])
    if len(safe.encode()) > _MAX_NAME_BYTES:
        safe = safe.encode()[:_MAX_NAME_BYTES].decode("utf-8", "ignore")
    return safe


def file_name_before_escaping(safe: str) -> str:
    """Return the name of which `safe_file_name` made a name, as this system writes it."""
    name = os.fsdecode(unquote_to_bytes(safe))
    return safe if "/" in name or "\0" in name or name in ("", ".", "..") else name


def _percent_encode_every_byte(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True)
class EvidenceFilesAndRootsInArchive:
    """The evidence that is kept, and what to name to audit it again."""

    files: tuple[EvidenceFileInArchive, ...]
    #: For each path that the user named, in that order, its path in the archive.
    roots: tuple[str, ...]


def evidence_files_for_archive(
    paths: Sequence[Path], discovered: DiscoveredFiles
) -> EvidenceFilesAndRootsInArchive:
    """Return the files on the disk that were read, each once, below a folder for each path.

    Names in a report may begin with folders above the path, where two files have one name;
    as many are kept.
    """
    names: dict[Path, str] = {}
    for item in discovered.inputs:
        names.setdefault(item.path, item.stored_as or item.name.partition("!/")[0])
    # What was left out stands in the report too, by what it looks like.
    for left in discovered.left_out:
        names.setdefault(left.input.path, left.input.name.partition("!/")[0])
    for container in discovered.containers:
        names.setdefault(container.path, container.name.partition("!/")[0])
    on_disk = [*names, *(it for it in discovered.keychains if not isinstance(it, KeychainsMember))]
    kept: dict[Path, EvidenceFileInArchive] = {}
    roots: list[str] = []
    for number, path in enumerate(paths, 1):
        member = container_and_member_of_path(path)
        root, inner = (path, "") if member is None else (member[0], f"!/{member[1]}")
        below = sorted((it for it in on_disk if _is_path_below(it, root)), key=str)
        above = max(
            [
                1,
                *(
                    _count_root_folders_included_in_name(it, root, names.get(it, ""))
                    for it in below
                ),
            ]
        )
        folder = "/".join(
            [
                ORIGINALS_FOLDER,
                str(number),
                *map(safe_file_name, root.absolute().parts[1:][-above:]),
            ]
        )
        roots.append(folder + inner)
        for it in below:
            parts = it.relative_to(root).parts
            name = "/".join([folder, *map(safe_file_name, parts)])
            kept.setdefault(it, EvidenceFileInArchive(it, name))
    return EvidenceFilesAndRootsInArchive(
        tuple(_files_with_distinct_member_names(kept.values())), tuple(roots)
    )


def _is_path_below(path: Path, root: Path) -> bool:
    return path == root or path.is_relative_to(root)


def _count_root_folders_included_in_name(path: Path, root: Path, name: str) -> int:
    """Return how many parts of the root, and of what lies above, the name of a file has."""
    parts = PurePosixPath(name).parts
    if path.absolute().parts[-len(parts) :] != parts:
        # A backup names files as they were called on the phone.
        return 0
    return len(parts) - len(path.relative_to(root).parts)


def _files_with_distinct_member_names(
    files: Iterable[EvidenceFileInArchive],
) -> Iterator[EvidenceFileInArchive]:
    """Yield files under distinct names, also where a system does not tell capitals apart."""
    taken = set[str]()
    for file in files:
        number, member = 1, file.member
        while member.casefold() in taken:
            number += 1
            member = f"{file.member}.{number}"
        taken.add(member.casefold())
        yield EvidenceFileInArchive(file.path, member)


@dataclass(frozen=True, slots=True)
class SuppliedFileOnDisk:
    """A file that the unit supplied besides the evidence."""

    path: Path
    kind: str
    #: Its path in the archive, where it is kept.
    member: str


@dataclass(frozen=True, slots=True)
class SuppliedFilesAndArchivePathsByInput:
    """The files that the unit supplied, and what to name to use them again."""

    files: tuple[SuppliedFileOnDisk, ...]
    #: Field of `ContextFiles` -> path in the archive, or paths, of what the user named.
    named: Mapping[str, str | tuple[str, ...]]


def supplied_files_for_archive(
    context_files: ContextFiles,
    policy_files: Sequence[Path],
    paths: Sequence[Path],
    evidence: EvidenceFilesAndRootsInArchive,
) -> SuppliedFilesAndArchivePathsByInput:
    """Return the files that the unit supplied; a folder that it named stays a folder.

    One that lies among the evidence is kept there and nowhere else.

    Args:
        context_files: What the user named.
        policy_files: Pack files of the user.
        paths: The evidence as the user named it.
        evidence: How it is kept.
    """
    kinds = {path.resolve(): kind for path, kind in context_files.files_and_kinds()}
    files: dict[tuple[str, Path], SuppliedFileOnDisk] = {}
    named: dict[str, str | tuple[str, ...]] = {}
    for field in fields(context_files):
        value = getattr(context_files, field.name)
        roots = [value] if isinstance(value, Path) else value
        if not isinstance(roots, list | tuple) or not all(isinstance(it, Path) for it in roots):
            continue
        members = []
        for number, root in enumerate(roots, 1):
            member = _member_of_supplied_file_within_evidence(root, paths, evidence)
            if member is None:
                name = safe_file_name(root.absolute().name)
                member = f"{SUPPLIED_FOLDER}/{field.name}/{number}/{name}"
            members.append(member)
            for path, name in _supplied_files_and_archive_paths(root, member):
                kind = kinds.get(path.resolve(), BESIDE_SUPPLIED)
                files.setdefault((name, path), SuppliedFileOnDisk(path, kind, name))
        if members:
            named[field.name] = members[0] if isinstance(value, Path) else tuple(members)
    for member, path in policy_files_by_member_name(policy_files).items():
        files[member, path] = SuppliedFileOnDisk(path, POLICY_PACK, member)
    return SuppliedFilesAndArchivePathsByInput(tuple(files.values()), named)


def _member_of_supplied_file_within_evidence(
    path: Path, paths: Sequence[Path], evidence: EvidenceFilesAndRootsInArchive
) -> str | None:
    """Return where a supplied file or folder that lies in the evidence is kept with it."""
    resolved = path.resolve()
    for root, member in zip(paths, evidence.roots, strict=True):
        if resolved.is_relative_to(root.resolve()):
            parts = resolved.relative_to(root.resolve()).parts
            return "/".join([member, *map(safe_file_name, parts)])
    return None


def _supplied_files_and_archive_paths(root: Path, member: str) -> Iterator[tuple[Path, str]]:
    """Yield a supplied file, or those of a supplied folder, with their paths in the archive."""
    if root.is_dir():
        for path in sorted(root.rglob("*")):
            if path.is_file():
                parts = map(safe_file_name, path.relative_to(root).parts)
                yield path, "/".join([member, *parts])
        return
    yield root, member
    extents = root.with_name(UNIT_EXTENTS_FILE)
    if extents.is_file():
        yield extents, f"{member.rpartition('/')[0]}/{UNIT_EXTENTS_FILE}"


def policy_files_by_member_name(policy_files: Sequence[Path]) -> Mapping[str, Path]:
    """Return the pack files of a policy by their paths in the archive, as they lie to one another.

    A pack names the one that it extends by a path from its own folder.
    """
    if not policy_files:
        return {}
    resolved = [path.resolve() for path in policy_files]
    common = resolved[0].parent
    while not all(path.is_relative_to(common) for path in resolved):
        common = common.parent
    members = {}
    for path in resolved:
        parts = map(safe_file_name, path.relative_to(common).parts)
        members["/".join([SUPPLIED_FOLDER, "policy_pack", *parts])] = path
    return members
