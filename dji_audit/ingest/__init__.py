"""The one way from paths to readings: the files, the keys that open them, the logs in them.

``audit``, ``map``, ``inspect``, ``demo``, the Python API and the workers all come this
way, so that each finds the same files, the same keychains and the same logs.
"""

import errno
import hashlib
import mmap
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import parsers
from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.declared_clocks import mark_clocks_that_match_several_files
from dji_audit.file_kinds import FileKind, FileKindRelevance, kind_of_unclaimed_content
from dji_audit.ingest.input_files import (
    IN_THIS_PROCESS,
    KEYCHAINS_SUFFIX,
    ContainerFile,
    ContainerOpeningFunctions,
    DiscoveredFiles,
    DuplicatesAndHashes,
    InputFile,
    KeychainsFile,
    LeftOutFile,
    MemberInput,
    UnreadablePath,
    container_and_member_of_path,
    find_duplicates_and_hashes,
    find_inputs,
    open_members,
)
from dji_audit.keys.keychain_store import KeychainFolder

#: Passwords in a file: each costs time for each encrypted member.
_MAX_PASSWORDS, _MAX_PASSWORD_FILE_SIZE = 100, 1 << 16
#: Why a member that was listed could not be read again.
CONTAINER_CHANGED = "its container changed while it was read"


class PasswordFileError(Exception):
    """A file holds no passwords; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How files are found and opened."""

    #: Keychains files that the user named, besides those that lie beside the logs.
    keychains: tuple[Path, ...] = ()
    #: Folder of keychains to look up encrypted logs in; ``None``: none.
    key_store: Path | None = None
    #: Folders below the paths whose content is ignored.
    excluded_folders: tuple[Path, ...] = ()
    #: Passwords to try on encrypted members of containers.
    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    #: Clocks that a person declares for files that cannot state them; the first that means a
    #: file is used.
    clocks: tuple[parsers.DeclaredClock, ...] = ()
    #: Patterns of names of files that the unit leaves out.
    leave_out: tuple[str, ...] = ()


#: What no flight and no contact is missed in, as far as its content tells.
_HARMLESS = (FileKindRelevance.NO_EVIDENCE, FileKindRelevance.ZONES, FileKindRelevance.NOT_KNOWN)
#: No keys but those beside the logs.
DEFAULT_SETTINGS = IngestSettings()


@dataclass(frozen=True)
class InputFilesAndKeychains:
    """The files below some paths, and the keychains that may open them."""

    discovered: DiscoveredFiles
    #: Keychains to try: those that the user named, then those beside the logs.
    keychains: tuple[KeychainsFile, ...]
    #: Files named as keychains that lie beside the logs and are none, with the reason.
    rejected_keychains: tuple[UnreadablePath, ...]
    #: Declared clocks, each with whether it means several of the files.
    clocks: tuple[parsers.DeclaredClock, ...] = ()
    #: Files by their resolved paths, as an earlier run hashed them, where the user trusts the disk.
    hashed_earlier: Mapping[str, FileHashAndStat] = field(default_factory=dict)

    @property
    def originals_by_duplicate_name(self) -> Mapping[str, InputFile]:
        """The name of each input that equals an earlier one in every byte, with the earlier one."""
        return self._duplicates_and_hashes.originals

    @property
    def file_hashes_by_name(self) -> Mapping[str, FileHashAndStat]:
        """The name of each file that was hashed to find copies, or is trusted, with its hash."""
        return self._duplicates_and_hashes.file_hashes_by_name

    @cached_property
    def _duplicates_and_hashes(self) -> DuplicatesAndHashes:
        return find_duplicates_and_hashes(self.discovered.inputs, self.hashed_earlier)

    @property
    def inputs_without_copies(self) -> tuple[InputFile, ...]:
        """The inputs, of identical files only the first."""
        return tuple(
            item
            for item in self.discovered.inputs
            if item.name not in self.originals_by_duplicate_name
        )


@dataclass(frozen=True, slots=True)
class FailedInput:
    """An input of which no log could be read, and why."""

    input: InputFile
    error: parsers.LogError | OSError
    #: What its content looks like; ``None``: a log format claims it, or nobody looked.
    kind: FileKind | None = None

    @property
    def may_hold_evidence(self) -> bool:
        """Whether it is worth a line that it was not read."""
        return self.kind is None or self.kind.relevance not in _HARMLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadAndLeftOutInputs:
    """What below some paths was not read, and what was left of containers."""

    failed: tuple[FailedInput, ...]
    #: Paths that the user named, or that a folder holds, which are not readable files.
    unreadable: tuple[UnreadablePath, ...]
    #: Files named as keychains that are not keychains, with the reason.
    rejected_keychains: tuple[UnreadablePath, ...]
    #: Containers below the paths, and what of them was left.
    containers: tuple[ContainerFile, ...]
    #: Files that the unit leaves out.
    left_out: tuple[LeftOutFile, ...]


@dataclass(frozen=True, slots=True)
class IngestedEvidence:
    """Everything that was read below some paths."""

    readings: tuple[parsers.FileReading, ...]
    unread: UnreadAndLeftOutInputs

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log of every file, in the order of the files' names."""
        return tuple(log for reading in self.readings for log in reading.logs)


def find_input_files_and_keychains(
    paths: Iterable[Path],
    settings: IngestSettings,
    not_opened: Collection[Path] = (),
    hashed_earlier: Mapping[str, FileHashAndStat] = MappingProxyType({}),
    reading: ContainerOpeningFunctions = IN_THIS_PROCESS,
) -> InputFilesAndKeychains:
    """Return the files below some paths, and the keychains that may open them.

    Beside a log that the user named, its own keychains file is looked for; in a
    folder that the user named, every one.

    Args:
        paths: Files and folders; a member of a container may be named, as ``case.zip!/inner``.
        settings: How files are found and opened.
        not_opened: Files, resolved, that are taken as they are although they are containers.
        hashed_earlier: Files by resolved path, to be trusted while the disk states no change.
        reading: How containers are opened.
    """
    excluded = tuple(folder.resolve() for folder in settings.excluded_folders)
    discovered = find_inputs(
        paths,
        excluded,
        passwords=settings.passwords,
        not_opened=not_opened,
        leave_out=settings.leave_out,
        reading=reading,
    )
    beside = dict.fromkeys(discovered.keychains)
    for item in discovered.inputs:
        own = item.path.with_name(item.path.name + KEYCHAINS_SUFFIX)
        if item.named_by_user and item.member is None and own.is_file():
            beside[own] = None
    valid, rejected = valid_and_unreadable_keychains_files(sorted(beside, key=str))
    keychains = tuple(dict.fromkeys((*settings.keychains, *valid)))
    clocks = mark_clocks_that_match_several_files(
        settings.clocks, [item.name for item in discovered.inputs]
    )
    return InputFilesAndKeychains(discovered, keychains, tuple(rejected), clocks, hashed_earlier)


def valid_and_unreadable_keychains_files(
    paths: Iterable[KeychainsFile],
) -> tuple[list[KeychainsFile], list[UnreadablePath]]:
    """Return the files that hold keychains, and those that do not with the reason."""
    valid: list[KeychainsFile] = []
    rejected: list[UnreadablePath] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            rejected.append(UnreadablePath(path.name, os_error_reason(error)))
            continue
        try:
            parsers.load_keychains(data)
        except parsers.LogError as error:
            sha256 = hashlib.sha256(data).hexdigest()
            rejected.append(UnreadablePath(path.name, str(error), len(data), sha256))
        else:
            valid.append(path)
    return valid, rejected


def keychain_files_named_by_user(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the keychains files that a user named, those of a folder included.

    Raises:
        parsers.InvalidKeysError: If a file does not hold keychains; the message names it.
        OSError: If a file cannot be opened.
    """
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.json")) if path.is_dir() else [path]
    for path in files:
        try:
            parsers.load_keychains(path.read_bytes())
        except parsers.InvalidKeysError as error:
            raise parsers.InvalidKeysError(f"{path}: {error}") from error
    return tuple(files)


def load_passwords(path: Path) -> tuple[bytes, ...]:
    """Return the passwords in a file, one a line; empty lines are none.

    A password is the bytes of its line, as archives take it; a byte order mark is no part of it.

    Raises:
        PasswordFileError: If there are none, or too many to be a list of passwords.
        OSError: If the file cannot be opened.
    """
    with path.open("rb") as stream:
        data = stream.read(_MAX_PASSWORD_FILE_SIZE + 1)
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    passwords = tuple(dict.fromkeys(line for line in lines if line))
    if not passwords:
        raise PasswordFileError(f"{path} holds no password; write one a line")
    if len(data) > _MAX_PASSWORD_FILE_SIZE or len(passwords) > _MAX_PASSWORDS:
        raise PasswordFileError(
            f"{path} holds more than {_MAX_PASSWORDS} passwords; each is tried on each member"
        )
    return passwords


def open_keyring(keychains: Iterable[KeychainsFile], key_store: Path | None) -> parsers.Keyring:
    """Return the keychains of some files, and those that a key store holds.

    Raises:
        parsers.InvalidKeysError: If a file does not hold keychains.
        OSError: If a file cannot be opened.
    """
    chains = [parsers.load_keychains(path.read_bytes()) for path in keychains]
    return parsers.Keyring(
        chains, KeychainFolder(key_store).find_keychains if key_store is not None else None
    )


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An input whose bytes can be read, and what is to be said of them."""

    input: InputFile
    content: parsers.Content
    #: Damage to the container that holds it, or an odd name.
    remarks: tuple[parsers.Issue, ...] = ()


def open_input_contents(
    inputs: Sequence[InputFile],
    passwords: Sequence[bytes],
    clocks: Sequence[parsers.DeclaredClock] = (),
) -> Iterator[OpenedFile | FailedInput]:
    """Yield inputs with their bytes, members of one container in the order in which they lie there.

    A member is a private copy, which is given up when the next input is asked for.

    Args:
        inputs: Files and members.
        passwords: Tried on encrypted members.
        clocks: Clocks that a person declared.
    """
    for path, members in group_inputs_by_container(inputs):
        if path is None:
            (item,) = members
            try:
                yield OpenedFile(item, parsers.open_content(item.path, item.name, clocks))
            except OSError as error:
                yield FailedInput(item, error)
            continue
        left = {item.name: item for item in members}
        reason: OSError = OSError(CONTAINER_CHANGED)
        try:
            for opened in open_members(path, members, passwords):
                del left[opened.input.name]
                yield _opened_copy_of_member_or_failure(opened, clocks)
        except OSError as error:
            reason = error
        yield from (FailedInput(item, reason) for item in left.values())


def _opened_copy_of_member_or_failure(
    opened: MemberInput, clocks: Sequence[parsers.DeclaredClock]
) -> OpenedFile | FailedInput:
    try:
        content = parsers.copy_stream_to_content(opened.data, opened.input.name)
        remarks = opened.remarks()
    except OSError as error:
        return FailedInput(opened.input, error)
    return OpenedFile(opened.input, content_of_member(opened.input, content.data, clocks), remarks)


def content_of_member(
    item: InputFile, data: mmap.mmap | bytes, clocks: Sequence[parsers.DeclaredClock]
) -> parsers.Content:
    """Return the copied bytes of a member with its name and the hash of its container."""
    return parsers.Content(
        item.name,
        data,
        item.member,
        declared_clocks=tuple(clocks),
        container_sha256=item.container_sha256,
    )


def group_inputs_by_container(
    inputs: Iterable[InputFile],
) -> Iterator[tuple[Path | None, list[InputFile]]]:
    """Yield each file alone, and the members of each container together where the first one is."""
    members: dict[Path, list[InputFile]] = {}
    order: list[tuple[Path | None, list[InputFile]]] = []
    for item in inputs:
        if item.member is None:
            order.append((None, [item]))
        elif item.path in members:
            members[item.path].append(item)
        else:
            members[item.path] = [item]
            order.append((item.path, members[item.path]))
    yield from order


def read_opened_input(
    opened: OpenedFile, keyring: Sequence[parsers.Keychains]
) -> parsers.FileReading:
    """Read one input: its account and its logs."""
    return parsers.reading_with_remarks(
        parsers.read_content(opened.content, keyring), opened.remarks
    )


@dataclass(frozen=True, slots=True)
class ResultOfReadingOneInput:
    """An input that was read as far as it can be."""

    input: InputFile
    #: Its account and its logs; ``None``: its bytes could not be had.
    reading: parsers.FileReading | None
    #: Why not all of it was read; ``None``: it was.
    failed: FailedInput | None


def read_inputs(
    inputs: Sequence[InputFile], files: InputFilesAndKeychains, settings: IngestSettings
) -> Iterator[ResultOfReadingOneInput]:
    """Read inputs one after another, in this process, members of one container together.

    One that cannot be read stops nothing.

    Args:
        inputs: Some of the inputs of ``files``.
        files: The files below some paths, and the keychains that may open them.
        settings: How files are opened.

    Raises:
        parsers.InvalidKeysError: If a file that the user named as keychains is none.
        OSError: If such a file cannot be opened.
    """
    keyring = open_keyring(files.keychains, settings.key_store)
    for opened in open_input_contents(inputs, settings.passwords, files.clocks):
        if isinstance(opened, FailedInput):
            yield ResultOfReadingOneInput(opened.input, None, opened)
            continue
        reading = read_opened_input(opened, keyring)
        failed = None
        if reading.account.error is not None:
            is_claimed = reading.account.format is not None
            kind = None if is_claimed else kind_of_unclaimed_content(opened.content)
            failed = FailedInput(opened.input, reading.account.error, kind)
        yield ResultOfReadingOneInput(opened.input, reading, failed)


def unread_evidence(
    files: InputFilesAndKeychains, failed: Mapping[str, FailedInput]
) -> UnreadAndLeftOutInputs:
    """Return what was not read of the files below some paths.

    Args:
        files: The files.
        failed: By the name of the input, those that could not be read.
    """
    return UnreadAndLeftOutInputs(
        failed=tuple(
            failed[item.name] for item in files.inputs_without_copies if item.name in failed
        ),
        unreadable=files.discovered.unreadable,
        rejected_keychains=files.rejected_keychains,
        containers=files.discovered.containers,
        left_out=files.discovered.left_out,
    )


def ingest_evidence_paths(paths: Iterable[Path], settings: IngestSettings) -> IngestedEvidence:
    """Read everything below some paths, in this process; of identical files only the first.

    One file that cannot be read stops nothing: see ``IngestedEvidence.unread``.  All logs are in
    memory together; ``read_and_join_evidence`` keeps one.

    Raises:
        parsers.InvalidKeysError: If a file that the user named as keychains is none.
        OSError: If such a file cannot be opened.
    """
    files = find_input_files_and_keychains(paths, settings)
    readings: dict[str, parsers.FileReading] = {}
    failed: dict[str, FailedInput] = {}
    for read in read_inputs(files.inputs_without_copies, files, settings):
        if read.reading is not None:
            readings[read.input.name] = read.reading
        if read.failed is not None:
            failed[read.input.name] = read.failed
    order = [item.name for item in files.inputs_without_copies if item.name in readings]
    return IngestedEvidence(tuple(readings[name] for name in order), unread_evidence(files, failed))


def read_log(path: Path, settings: IngestSettings) -> parsers.Log:
    """Read the one log of a file, or of a member of a container (``case.zip!/inner/path``).

    Raises:
        parsers.LogError: If nothing of it can be read, or it holds several logs.
        OSError: If it cannot be opened.
    """
    files = find_input_files_and_keychains([path], settings)
    keyring = open_keyring(files.keychains, settings.key_store)
    if container_and_member_of_path(path) is None:
        return parsers.read(path, keys=keyring, clocks=files.clocks, passwords=settings.passwords)
    logs: list[parsers.Log] = []
    errors: list[parsers.LogError | OSError] = []
    for opened in open_input_contents(files.discovered.inputs, settings.passwords, files.clocks):
        if isinstance(opened, FailedInput):
            errors.append(opened.error)
            continue
        reading = read_opened_input(opened, keyring)
        logs += reading.logs
        if reading.account.error is not None:
            errors.append(reading.account.error)
    if len(logs) > 1:
        names = [log.source.name for log in logs]
        raise parsers.FileContainsSeveralLogsError(str(path), names)
    if not logs:
        missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        raise errors[0] if errors else missing
    return logs[0]
