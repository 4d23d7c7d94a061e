"""What a user pointed at: the files, which of them may be logs, and which are copies."""

import hashlib
import os
import stat
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Endings that flight logs carry.  A file with another ending is tried all the
#: same; if no format claims it, it is counted and not called unread.
LOG_ENDINGS = frozenset(
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
KEYCHAINS = ".keychains.json"
#: Why a link is not audited: it may lead out of the evidence.
LINK = "a link; not followed"
#: How the reason begins why a file with zones is no log.
ZONE_FILE = "a zone file"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Input:
    """One file to be audited."""

    path: Path
    #: What it is called in every output: its path below what the user named.
    name: str
    #: Whether the user named the file itself, not a folder that holds it.
    named: bool

    @property
    def looks_like_a_log(self) -> bool:
        """Whether not being able to read it is worth a line."""
        return self.named or self.path.suffix.lower() in LOG_ENDINGS


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the user named, or that a folder holds, that is no readable file."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything below what the user named."""

    inputs: tuple[Input, ...]
    #: Keychains files, to be tried on encrypted logs.
    keychains: tuple[Path, ...]
    missing: tuple[Missing, ...]


def find(paths: Iterable[Path], leave_out: Collection[Path] = ()) -> Found:
    """Return the files below some paths, each once, in order of their names.

    A path is taken as it is, never as a pattern: the names that DJI's app gives
    hold brackets.  Links inside a folder are not followed, and what is no
    regular file is not opened.

    Args:
        paths: Files and folders.
        leave_out: Folders, resolved, of which nothing is looked at.
    """
    inputs: dict[Path, Input] = {}
    keychains: list[Path] = []
    missing: list[Missing] = []
    for path in paths:
        for file in _below(path, missing):
            key = file.resolve()
            if any(key.is_relative_to(folder) for folder in leave_out):
                continue
            if file.name.endswith(KEYCHAINS):
                keychains.append(file)
            elif key not in inputs:
                inside = file != path
                name = file.relative_to(path).as_posix() if inside else file.name
                inputs[key] = Input(file, printable(name), not inside)
    ordered = sorted(inputs.values(), key=lambda found: (found.name, str(found.path)))
    lost = (Missing(printable(item.name), item.reason) for item in missing)
    return Found(tuple(_distinct(ordered)), tuple(sorted(set(keychains))), tuple(lost))


def printable(name: str) -> str:
    """Return a file's name with bytes that are no UTF-8 written out, as in ``caf\\xe9.txt``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def copies(inputs: Iterable[Input]) -> dict[Path, Input]:
    """Return for each file that equals an earlier one byte for byte, that earlier one.

    Only files of equal size are compared, by their SHA-256.
    """
    by_size: dict[int, list[Input]] = defaultdict(list)
    for found in inputs:
        try:
            by_size[found.path.stat().st_size].append(found)
        except OSError:
            continue
    out: dict[Path, Input] = {}
    for size, alike in by_size.items():
        if len(alike) < 2 or not size:
            continue
        first: dict[str, Input] = {}
        for found in alike:
            digest = _sha256(found.path)
            if digest is not None and first.setdefault(digest, found) is not found:
                out[found.path] = first[digest]
    return out


def _below(path: Path, missing: list[Missing]) -> Iterator[Path]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        missing.append(Missing(str(path), _why(error)))
        return
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISDIR(mode):
        yield from _walk(path, path, missing)
    else:
        missing.append(Missing(str(path), "not a regular file"))


def _walk(root: Path, folder: Path, missing: list[Missing]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        name = folder.relative_to(root).as_posix() if folder != root else str(root)
        missing.append(Missing(f"{name}/", _why(error)))
        return
    for entry in entries:
        child = Path(entry.path)
        if entry.is_symlink():
            missing.append(Missing(child.relative_to(root).as_posix(), LINK))
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(root, child, missing)
        elif entry.is_file(follow_symlinks=False):
            yield child
        else:
            missing.append(Missing(child.relative_to(root).as_posix(), "not a regular file"))


def _distinct(inputs: list[Input]) -> Iterator[Input]:
    """Yield inputs with names made distinct, where two folders hold the same name.

    Such a file is called by as many folders above it as it takes.
    """
    names = [found.name for found in inputs]
    while True:
        counted = Counter(names)
        longer = [
            _longer(found.path, name) if counted[name] > 1 else name
            for found, name in zip(inputs, names, strict=True)
        ]
        if longer == names:
            break
        names = longer
    for found, name in zip(inputs, names, strict=True):
        yield Input(found.path, name, found.named)


def _longer(path: Path, name: str) -> str:
    """Return a file's name with one folder more than it has."""
    return printable("/".join(path.absolute().parts[-name.count("/") - 2 :]))


def _sha256(path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
