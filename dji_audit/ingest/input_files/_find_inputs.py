"""Find everything below some paths: files, members of containers, and what was left."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import parsers
from dji_audit.ingest.input_files._app_folder_completeness import app_folder_completeness
from dji_audit.ingest.input_files._container_members import (
    ContainerContents,
    container_contents_or_none,
    may_be_container_file,
)
from dji_audit.ingest.input_files._files_on_disk import find_files
from dji_audit.ingest.input_files._itunes_backups import (
    ManifestOfBackup,
    ReadManifests,
    give_backup_files_phone_names,
    read_backup_manifest_of_folder,
)
from dji_audit.ingest.input_files._leave_out_patterns import LeaveOutPatterns
from dji_audit.ingest.input_files._model import (
    KEYCHAINS_SUFFIX,
    ContainerFile,
    ContainerListingError,
    DiscoveredFiles,
    FileOnDisk,
    InputFile,
    KeychainsFile,
    LeftOutFile,
    UnreadablePath,
)


@dataclass(frozen=True, slots=True)
class ContainerOpeningFunctions:
    """How containers, and the manifests of backups, are opened: here, or in another process.

    Both functions raise ``ContainerListingError`` where the other process was ended.
    """

    list_members: Callable[[FileOnDisk, Sequence[bytes]], ContainerContents | None]
    read_manifests: ReadManifests


#: Nothing stops a container that hangs, crashes or takes all memory.
IN_THIS_PROCESS = ContainerOpeningFunctions(
    container_contents_or_none, read_backup_manifest_of_folder
)


def find_inputs(
    paths: Iterable[Path],
    excluded_folders: Collection[Path] = (),
    *,
    passwords: Sequence[bytes] = (),
    not_opened: Collection[Path] = (),
    leave_out: Sequence[str] = (),
    reading: ContainerOpeningFunctions = IN_THIS_PROCESS,
) -> DiscoveredFiles:
    """Return the files below some paths, those in containers too, each once, in order of names.

    Args:
        paths: Files and folders; a member of a container may be named, as ``case.zip!/inner``.
        excluded_folders: Folders, resolved, whose content is ignored.
        passwords: Tried on encrypted members.
        not_opened: Files, resolved, that are taken as they are although they are containers.
        leave_out: Patterns of names of files that are not read; one that the user named is.
        reading: How containers are opened.

    Raises:
        LeaveOutPatternError: If a pattern cannot be used.
    """
    patterns = LeaveOutPatterns(leave_out)
    unreadable: list[UnreadablePath] = []
    inputs: list[InputFile] = []
    keychains: list[KeychainsFile] = []
    containers: list[ContainerFile] = []
    manifests: dict[str, ManifestOfBackup] = {}
    folders: list[str] = []
    left_out: list[LeftOutFile] = []
    named, wanted = _disk_paths_and_members_by_container(paths)
    for file in find_files([*named, *wanted], excluded_folders, unreadable, folders):
        pattern = None if file.named_by_user else patterns.matching_pattern(file.name)
        if pattern is not None and file.path.resolve() not in not_opened:
            left_out.append(LeftOutFile(InputFile(file.path, file.name, False), pattern))
            continue
        if file.path.name.endswith(KEYCHAINS_SUFFIX):
            keychains.append(file.path)
            continue
        is_opened = file.path.resolve() not in not_opened
        try:
            contents = _contents_if_container(file, passwords, reading) if is_opened else None
        except ContainerListingError as error:
            reason = f"a container whose members could not be listed: {error.reason}"
            unreadable.append(UnreadablePath(file.name, reason, cause=error.cause))
            wanted.pop(file.path, None)
            continue
        if contents is None:
            inputs.append(InputFile(file.path, file.name, file.named_by_user))
            continue
        containers += contents.containers
        keychains += contents.keychains
        manifests |= contents.manifests
        folders += contents.folders
        inputs += contents.inputs
    if wanted:
        inputs = _keep_only_named_members(inputs, wanted, named, unreadable)
    backups = give_backup_files_phone_names(inputs, manifests, reading.read_manifests)
    for item in backups.inputs:
        if item.member is not None and not item.named_by_user:
            pattern = patterns.matching_pattern(item.name)
            left_out += [] if pattern is None else [LeftOutFile(item, pattern)]
    patterns_of_files = {(it.input.name, it.input.path): it.pattern for it in left_out}
    on_disk = [it.input for it in left_out if it.input.member is None]
    ordered = sorted(
        (*backups.inputs, *on_disk),
        key=lambda item: (item.name, str(item.path)),
    )
    distinct = _inputs_with_redacted_names(ordered)
    # What is left out is no gap in the numbers of logs.
    app_folders = app_folder_completeness(distinct, folders, backups.missing)
    patterns_of_inputs = [patterns_of_files.get((item.name, item.path)) for item in ordered]
    apps = [replace(item, app=app_folders.apps.get(item.name)) for item in distinct]
    return DiscoveredFiles(
        tuple(
            item for item, pattern in zip(apps, patterns_of_inputs, strict=True) if pattern is None
        ),
        tuple(sorted(set(keychains), key=str)),
        parsers.redact_dataclass_text_fields(unreadable),
        parsers.redact_dataclass_text_fields(
            sorted((*containers, *backups.backups), key=lambda item: item.name)
        ),
        parsers.redact_dataclass_text_fields(app_folders.remarks),
        tuple(
            LeftOutFile(item, pattern)
            for item, pattern in zip(apps, patterns_of_inputs, strict=True)
            if pattern is not None
        ),
    )


def _inputs_with_redacted_names(inputs: Sequence[InputFile]) -> tuple[InputFile, ...]:
    """Return inputs whose names hold no secret, such as the signature of a download's address.

    Those that differ in their secrets only are told apart by a number.
    """
    names = parsers.redact_secrets(tuple(item.name for item in inputs))
    taken = {item.name for item in inputs}
    out = []
    for item, name in zip(inputs, names, strict=True):
        number, distinct = 1, name
        while distinct != item.name and distinct in taken:
            number += 1
            distinct = f"{name} ({number})"
        taken.add(distinct)
        out.append(item if distinct == item.name else replace(item, name=distinct))
    return tuple(out)


def container_and_member_of_path(path: Path) -> tuple[Path, str] | None:
    """Return the container and the member that a path such as ``case.zip!/inner`` names.

    ``None``: it names no member.  A file of that very name comes first.
    """
    text = str(path)
    at = text.find(parsers.MEMBER_SEPARATOR)
    while at > 0 and not path.exists():
        container = Path(text[:at])
        if container.is_file():
            return container, text[at + len(parsers.MEMBER_SEPARATOR) :]
        at = text.find(parsers.MEMBER_SEPARATOR, at + 1)
    return None


def _disk_paths_and_members_by_container(
    paths: Iterable[Path],
) -> tuple[list[Path], dict[Path, list[str]]]:
    """Return the paths on the disk, and of containers the members that alone were named."""
    named: list[Path] = []
    wanted: dict[Path, list[str]] = {}
    for path in paths:
        split = container_and_member_of_path(path)
        if split is not None:
            wanted.setdefault(split[0], []).append(split[1])
        else:
            named.append(path)
    return named, wanted


def _contents_if_container(
    file: FileOnDisk, passwords: Sequence[bytes], reading: ContainerOpeningFunctions
) -> ContainerContents | None:
    """Return what a container holds; ``None``: it is none, or cannot be opened."""
    try:
        if not may_be_container_file(file):
            return None
    except OSError:
        # Whoever reads the file says so.
        return None
    return reading.list_members(file, passwords)


def _keep_only_named_members(
    inputs: Sequence[InputFile],
    wanted: Mapping[Path, Sequence[str]],
    whole: Collection[Path],
    unreadable: list[UnreadablePath],
) -> list[InputFile]:
    """Return inputs, of containers of which only members were named only those and what is below.

    Args:
        inputs: All inputs.
        wanted: A container and the members that were named.
        whole: Paths that were named as they are.
        unreadable: Gets members that are not there.
    """
    kept: list[InputFile] = []
    found: set[tuple[Path, str]] = set()
    for item in inputs:
        if item.path not in wanted or item.path in whole or item.member is None:
            kept.append(item)
            continue
        for member in wanted[item.path]:
            is_below = any(
                item.member.startswith(member.rstrip("/") + between)
                for between in ("/", parsers.MEMBER_SEPARATOR)
            )
            if item.member == member or is_below:
                found.add((item.path, member))
                kept.append(replace(item, named_by_user=item.member == member))
                break
    unreadable += (
        UnreadablePath(f"{path}{parsers.MEMBER_SEPARATOR}{member}", "no such member")
        for path, members in wanted.items()
        for member in members
        if (path, member) not in found
    )
    return kept
