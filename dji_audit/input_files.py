"""The files below what the user named: which may be logs, and which are copies."""

import hashlib
import os
import stat
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import parsers
from dji_audit._os_errors import os_error_reason

#: File name suffixes of flight logs.  A file with another suffix is tried all the
#: same; if no format claims it, it is counted and not reported as unread.
LOG_SUFFIXES = frozenset(
    (
        ".txt",
        ".log",
        ".bin",
        ".px4log",
        ".tlog",
        ".mavlink",
        ".ulg",
        ".ulge",
        ".dat",
        ".srt",
        ".csv",
    )
)
KEYCHAINS_SUFFIX = ".keychains.json"
#: Why a link is not audited: it may point outside the evidence.
LINK_NOT_FOLLOWED = "a link; not followed"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ContainerFile:
    """A file that holds files: an archive, a compressed file, a backup; itself no evidence.

    Its members are inputs like files.  A container within a container is one of its own.
    """

    #: The file on the disk: of a container within another, the outermost.
    path: Path
    #: Its name in every output, as ``case.zip`` or ``case.zip!/inner.tar``.
    name: str
    named_by_user: bool
    #: Kind of container, such as ``zip``, ``tar.gz`` or ``android-backup``.
    kind: str
    #: Words for the kind, such as "a ZIP archive".
    title: str
    size: int
    sha256: str
    #: SHA-256 of the file on the disk: of a container within another, of the outermost.
    file_sha256: str
    #: Files in it that were listed, those that were left included.
    member_count: int = 0
    #: What of it was left, each with its reason; the container itself, if it was not opened.
    left: tuple[parsers.LeftMember, ...] = ()
    #: Damage to the container itself; offsets are in it.
    issues: tuple[parsers.Issue, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything in it that holds bytes was looked at."""
        return not self.issues and all(
            item.kind in parsers.KINDS_WITHOUT_BYTES for item in self.left
        )


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to be audited: a file on the disk, or a member of a container."""

    #: The file on the disk: of a member, its outermost container.
    path: Path
    #: Its name in every output: the path below what the user named; of a member with its
    #: containers, as ``case.zip!/inner/path``.
    name: str
    #: Whether the user named the file itself, not a folder or container that holds it.
    named_by_user: bool
    #: Path of a member in its outermost container, ``!/`` between containers; ``None``: a file.
    member: str | None = None
    #: SHA-256 of the file on the disk that a member lies in; ``None``: it is no member.
    container_sha256: str | None = None
    #: Size in bytes, of a member; ``None``: a file, ask the disk.
    member_size: int | None = None
    #: SHA-256 of a member, by the listing of its container; ``None``: not computed.
    member_sha256: str | None = None
    #: What is odd about its name and harmless.
    remarks: tuple[str, ...] = ()

    @property
    def looks_like_a_log(self) -> bool:
        """Whether it is worth a line if it cannot be read."""
        return self.named_by_user or PurePosixPath(self.name).suffix.lower() in LOG_SUFFIXES


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A path that the user named, or that a folder holds, which is not a readable file."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class DiscoveredFiles:
    """Everything below the paths that the user named."""

    inputs: tuple[InputFile, ...]
    #: Keychains files, to try on encrypted logs.
    keychains: tuple[Path, ...]
    unreadable: tuple[UnreadablePath, ...]
    #: Containers below the paths, opened or not; no input is one of them.
    containers: tuple[ContainerFile, ...] = ()


def find_inputs(paths: Iterable[Path], excluded_folders: Collection[Path] = ()) -> DiscoveredFiles:
    """Return the files below some paths, each once, in order of their names.

    A path is taken literally, never as a pattern: the names that DJI's app gives
    hold brackets.  Links inside a folder are not followed, and only regular
    files are opened.

    Args:
        paths: Files and folders.
        leave_out: Folders, resolved, whose content is ignored.
    """
    inputs: dict[Path, InputFile] = {}
    keychains: list[Path] = []
    unreadable: list[UnreadablePath] = []
    for path in paths:
        for file in _files_below(path, unreadable):
            key = file.resolve()
            if any(key.is_relative_to(folder) for folder in excluded_folders):
                continue
            if file.name.endswith(KEYCHAINS_SUFFIX):
                keychains.append(file)
            elif key not in inputs:
                is_below_path = file != path
                name = file.relative_to(path).as_posix() if is_below_path else file.name
                inputs[key] = InputFile(file, printable_name(name), not is_below_path)
    ordered = sorted(inputs.values(), key=lambda item: (item.name, str(item.path)))
    unreadable_named = (
        UnreadablePath(printable_name(item.name), item.reason) for item in unreadable
    )
    return DiscoveredFiles(
        tuple(_with_distinct_names(ordered)), tuple(sorted(set(keychains))), tuple(unreadable_named)
    )


def printable_name(name: str) -> str:
    """Return a file's name with bytes that are not UTF-8 escaped, as in ``caf\\xe9.txt``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def find_copies(inputs: Iterable[InputFile]) -> dict[Path, InputFile]:
    """Return, for each file that equals an earlier one byte for byte, the earlier one.

    Only files of equal size are compared, by their SHA-256.
    """
    by_size: dict[int, list[InputFile]] = defaultdict(list)
    for item in inputs:
        try:
            by_size[item.path.stat().st_size].append(item)
        except OSError:
            continue
    originals: dict[Path, InputFile] = {}
    for size, same_size in by_size.items():
        if len(same_size) < 2 or not size:
            continue
        first: dict[str, InputFile] = {}
        for item in same_size:
            sha256 = _sha256(item.path)
            if sha256 is not None and first.setdefault(sha256, item) is not item:
                originals[item.path] = first[sha256]
    return originals


def _files_below(path: Path, unreadable: list[UnreadablePath]) -> Iterator[Path]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        unreadable.append(UnreadablePath(str(path), os_error_reason(error)))
        return
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISDIR(mode):
        yield from _walk_folder(path, path, unreadable)
    else:
        unreadable.append(UnreadablePath(str(path), "not a regular file"))


def _walk_folder(root: Path, folder: Path, unreadable: list[UnreadablePath]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        name = folder.relative_to(root).as_posix() if folder != root else str(root)
        unreadable.append(UnreadablePath(f"{name}/", os_error_reason(error)))
        return
    for entry in entries:
        child = Path(entry.path)
        if entry.is_symlink():
            unreadable.append(UnreadablePath(child.relative_to(root).as_posix(), LINK_NOT_FOLLOWED))
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk_folder(root, child, unreadable)
        elif entry.is_file(follow_symlinks=False):
            yield child
        else:
            unreadable.append(
                UnreadablePath(child.relative_to(root).as_posix(), "not a regular file")
            )


def _with_distinct_names(inputs: list[InputFile]) -> Iterator[InputFile]:
    """Yield inputs with distinct names, where two folders hold a file of the same name.

    The name then includes as many parent folders as it takes.
    """
    names = [item.name for item in inputs]
    while True:
        counts = Counter(names)
        longer = [
            _name_with_parent(item.path, name) if counts[name] > 1 else name
            for item, name in zip(inputs, names, strict=True)
        ]
        if longer == names:
            break
        names = longer
    for item, name in zip(inputs, names, strict=True):
        yield InputFile(item.path, name, item.named_by_user)


def _name_with_parent(path: Path, name: str) -> str:
    """Return a file's name with one more parent folder."""
    return printable_name("/".join(path.absolute().parts[-name.count("/") - 2 :]))


def _sha256(path: Path) -> str | None:
    sha256 = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                sha256.update(chunk)
    except OSError:
        return None
    return sha256.hexdigest()
