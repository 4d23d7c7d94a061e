"""The one way from paths to readings: the files, the keys that open them, the logs in them.

``audit``, ``map``, ``inspect``, ``demo``, the Python API and the workers all come this
way, so that each finds the same files, the same keychains and the same logs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import parsers
from dji_audit._os_errors import os_error_reason
from dji_audit.compliance.declared_clocks import clocks_for_files
from dji_audit.input_files import (
    KEYCHAINS_SUFFIX,
    DiscoveredFiles,
    InputFile,
    UnreadablePath,
    find_copies,
    find_inputs,
)
from dji_audit.keys.store import KeyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How files are found and opened."""

    #: Keychains files that the user named, besides those that lie beside the logs.
    keychains: tuple[Path, ...] = ()
    #: Folder of keychains to look up encrypted logs in; ``None``: none.
    key_store: Path | None = None
    #: Folders below the paths whose content is ignored.
    excluded_folders: tuple[Path, ...] = ()
    #: Clocks that a person declares for files that cannot state them; the first that means a
    #: file is used.
    clocks: tuple[parsers.DeclaredClock, ...] = ()


#: No keys but those beside the logs.
DEFAULT_SETTINGS = IngestSettings()


@dataclass(frozen=True)
class InputFiles:
    """The files below some paths, and the keychains that may open them."""

    discovered: DiscoveredFiles
    #: Keychains to try: those that the user named, then those beside the logs.
    keychains: tuple[Path, ...]
    #: Files named as keychains that lie beside the logs and are none, with the reason.
    rejected_keychains: tuple[UnreadablePath, ...]
    #: Declared clocks, each with whether it means several of the files.
    clocks: tuple[parsers.DeclaredClock, ...] = ()

    @cached_property
    def copies(self) -> Mapping[Path, InputFile]:
        """Each file that equals an earlier one byte for byte, with the earlier one."""
        return find_copies(self.discovered.inputs)

    @property
    def without_copies(self) -> tuple[InputFile, ...]:
        """The inputs, of identical files only the first."""
        return tuple(item for item in self.discovered.inputs if item.path not in self.copies)


@dataclass(frozen=True, slots=True)
class FailedInput:
    """An input of which no log could be read, and why."""

    input: InputFile
    error: parsers.LogError | OSError


@dataclass(frozen=True, slots=True)
class Ingested:
    """Everything that was read below some paths."""

    readings: tuple[parsers.FileReading, ...]
    failed: tuple[FailedInput, ...]
    #: Paths that the user named, or that a folder holds, which are not readable files.
    unreadable: tuple[UnreadablePath, ...]
    #: Files named as keychains that are not keychains, with the reason.
    rejected_keychains: tuple[UnreadablePath, ...] = ()

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        """Every log of every file, in the order of the files' names."""
        return tuple(log for reading in self.readings for log in reading.logs)


def find_input_files(paths: Iterable[Path], settings: IngestSettings) -> InputFiles:
    """Return the files below some paths, and the keychains that may open them.

    Beside a log that the user named, its own keychains file is looked for; in a
    folder that the user named, every one.
    """
    excluded = tuple(folder.resolve() for folder in settings.excluded_folders)
    discovered = find_inputs(paths, excluded)
    beside = dict.fromkeys(discovered.keychains)
    for item in discovered.inputs:
        own = item.path.with_name(item.path.name + KEYCHAINS_SUFFIX)
        if item.named_by_user and own.is_file():
            beside[own] = None
    valid, rejected = split_valid_keychains(sorted(beside))
    keychains = tuple(dict.fromkeys((*settings.keychains, *valid)))
    clocks = clocks_for_files(settings.clocks, [item.name for item in discovered.inputs])
    return InputFiles(discovered, keychains, tuple(rejected), clocks)


def split_valid_keychains(paths: Iterable[Path]) -> tuple[list[Path], list[UnreadablePath]]:
    """Return the files that hold keychains, and those that do not with the reason."""
    valid, rejected = [], []
    for path in paths:
        try:
            parsers.load_keychains(path.read_bytes())
        except parsers.LogError as error:
            rejected.append(UnreadablePath(path.name, str(error)))
        except OSError as error:
            rejected.append(UnreadablePath(path.name, os_error_reason(error)))
        else:
            valid.append(path)
    return valid, rejected


def named_keychain_files(paths: Iterable[Path]) -> tuple[Path, ...]:
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


def open_keyring(keychains: Iterable[Path], key_store: Path | None) -> parsers.Keyring:
    """Return the keychains of some files, and those that a key store holds.

    Raises:
        parsers.InvalidKeysError: If a file does not hold keychains.
        OSError: If a file cannot be opened.
    """
    chains = [parsers.load_keychains(path.read_bytes()) for path in keychains]
    return parsers.Keyring(
        chains, KeyStore(key_store).find_keychains if key_store is not None else None
    )


def read_input(
    item: InputFile,
    keyring: Sequence[parsers.Keychains],
    clocks: Sequence[parsers.DeclaredClock] = (),
) -> parsers.FileReading:
    """Read one file: its account and its logs.

    Raises:
        OSError: If it cannot be opened.
    """
    return parsers.read_file(item.path, keys=keyring, name=item.name, clocks=clocks)


def read_inputs(paths: Iterable[Path], settings: IngestSettings) -> Ingested:
    """Read everything below some paths, in this process; of identical files only the first.

    One file that cannot be read stops nothing: see ``Ingested.failed``.

    Raises:
        parsers.InvalidKeysError: If a file that the user named as keychains is none.
        OSError: If such a file cannot be opened.
    """
    files = find_input_files(paths, settings)
    keyring = open_keyring(files.keychains, settings.key_store)
    readings, failed = [], []
    for item in files.without_copies:
        try:
            reading = read_input(item, keyring, files.clocks)
        except OSError as error:
            failed.append(FailedInput(item, error))
            continue
        readings.append(reading)
        if reading.account.error is not None:
            failed.append(FailedInput(item, reading.account.error))
    return Ingested(
        tuple(readings), tuple(failed), files.discovered.unreadable, files.rejected_keychains
    )


def read_log(path: Path, settings: IngestSettings) -> parsers.Log:
    """Read the one log of a file.

    Raises:
        parsers.LogError: If nothing of it can be read, or it holds several logs.
        OSError: If it cannot be opened.
    """
    files = find_input_files([path], settings)
    keyring = open_keyring(files.keychains, settings.key_store)
    return parsers.read(path, keys=keyring, clocks=files.clocks)
