"""The files below the paths that the user named, each once; nothing is opened here."""

import errno
import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason
from dji_audit.ingest.input_files._model import LINK_NOT_FOLLOWED, FileOnDisk, UnreadablePath
from dji_audit.report.quarantine import QuarantineCause, cause_of_os_error

#: Folders within folders that are opened.  Systems bound a path to about as many.
MAX_FOLDER_DEPTH = 2000
_TOO_DEEP = f"not opened: it lies within {MAX_FOLDER_DEPTH:,} folders; move it nearer to the top"
_NO_FILE = "not a regular file"


def find_files(
    paths: Iterable[Path],
    excluded_folders: Collection[Path],
    unreadable: list[UnreadablePath],
    folders: list[str],
) -> list[FileOnDisk]:
    """Return the regular files below some paths, each once, in order of their names.

    A path is taken literally, never as a pattern: the names that DJI's app gives
    hold brackets.  Links inside a folder are not followed.

    Args:
        paths: Files and folders.
        excluded_folders: Folders, resolved, whose content is ignored.
        unreadable: Gets what is no readable file.
        folders: Gets the name of every folder, ``/`` at its end.
    """
    files: dict[Path, FileOnDisk] = {}
    lost: list[UnreadablePath] = []
    for path in paths:
        for key, file in _iterate_resolved_path_and_file_below(
            path, excluded_folders, lost, folders
        ):
            files.setdefault(key, file)
    unreadable += (replace(item, name=printable_name(item.name)) for item in lost)
    ordered = sorted(files.values(), key=lambda item: (item.name, str(item.path)))
    return list(_files_renamed_to_distinct_names(ordered))


def printable_name(name: str) -> str:
    """Return a file's name with bytes that are not UTF-8 escaped, as in ``caf\\xe9.txt``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _iterate_resolved_path_and_file_below(
    path: Path,
    excluded_folders: Collection[Path],
    unreadable: list[UnreadablePath],
    folders: list[str],
) -> Iterator[tuple[Path, FileOnDisk]]:
    """Yield each file with its resolved path."""
    try:
        mode, resolved = path.stat().st_mode, path.resolve()
    except OSError as error:
        unreadable.append(_unreadable_path(str(path), error))
        return
    if any(resolved.is_relative_to(each) for each in excluded_folders):
        return
    if stat.S_ISREG(mode):
        yield resolved, FileOnDisk(path, printable_name(path.name), True)
    elif stat.S_ISDIR(mode):
        yield from _walk_folder(path, resolved, excluded_folders, unreadable, folders)
    else:
        unreadable.append(_special_file_as_unreadable_path(str(path)))


def _walk_folder(
    root: Path,
    resolved: Path,
    excluded_folders: Collection[Path],
    unreadable: list[UnreadablePath],
    found_folders: list[str],
) -> Iterator[tuple[Path, FileOnDisk]]:
    """Yield the files of a folder and of those in it, without recursion: it may be very deep."""
    # Links are not followed, so that below the resolved root every path is resolved.
    waiting = [(root, str(resolved), "", 0)]
    excluded = {str(each) for each in excluded_folders}
    while waiting:
        folder, real, name, depth = waiting.pop()
        if depth > MAX_FOLDER_DEPTH:
            unreadable.append(UnreadablePath(name, _TOO_DEEP, cause=QuarantineCause.UNREADABLE))
            continue
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            unreadable.append(_unreadable_path(name or f"{root}/", error))
            continue
        found_folders.append(name)
        folders = []
        for entry in entries:
            child = name + entry.name
            if entry.is_symlink():
                unreadable.append(_unfollowed_symlink(child, entry.path))
            elif entry.is_dir(follow_symlinks=False):
                below = os.path.join(real, entry.name)  # noqa: PTH118 - deep paths, many of them
                if below not in excluded:
                    folders.append((Path(entry.path), below, f"{child}/", depth + 1))
            elif entry.is_file(follow_symlinks=False):
                yield (
                    Path(real, entry.name),
                    FileOnDisk(Path(entry.path), printable_name(child), False),
                )
            else:
                unreadable.append(_special_file_as_unreadable_path(child))
        waiting += reversed(folders)


def _unreadable_path(name: str, error: OSError) -> UnreadablePath:
    return UnreadablePath(name, os_error_reason(error), cause=cause_of_os_error(error))


def _special_file_as_unreadable_path(name: str) -> UnreadablePath:
    return UnreadablePath(name, _NO_FILE, cause=QuarantineCause.NOT_A_FILE)


def _unfollowed_symlink(name: str, path: str) -> UnreadablePath:
    """Return what is said of a link; one that leads back to itself went wrong."""
    cause = None
    try:
        os.stat(path)  # noqa: PTH116 - deep paths, many of them
    except OSError as error:
        cause = QuarantineCause.LINK_LOOP if error.errno == errno.ELOOP else None
    return UnreadablePath(name, LINK_NOT_FOLLOWED, cause=cause)


def _files_renamed_to_distinct_names(files: list[FileOnDisk]) -> Iterator[FileOnDisk]:
    """Yield files with distinct names, where two folders hold a file of the same name.

    The name then includes as many parent folders as it takes.
    """
    names = [item.name for item in files]
    while True:
        counts = Counter(names)
        longer = [
            _name_with_parent(item.path, name) if counts[name] > 1 else name
            for item, name in zip(files, names, strict=True)
        ]
        if longer == names:
            break
        names = longer
    for item, name in zip(files, names, strict=True):
        yield replace(item, name=name)


def _name_with_parent(path: Path, name: str) -> str:
    """Return a file's name with one more parent folder."""
    return printable_name("/".join(path.absolute().parts[-name.count("/") - 2 :]))
