"""The dry run: what lies below some paths, by class, before anything is read.

Of each file its first bytes are looked at, and where no format claims it some of its middle and
end; nothing is hashed or decoded, so that damage shows only in an audit.  Containers are the
exception: what they hold is known only after they were unpacked, in place and within bounds.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count, without_article
from dji_audit.file_kinds import MAX_LOOKED_AT, FileKindRelevance, FileSample, recognise_file_kind
from dji_audit.ingest import IngestSettings, InputFilesAndKeychains, find_input_files_and_keychains
from dji_audit.ingest.input_files import (
    LINK_NOT_FOLLOWED,
    ContainerFile,
    InputFile,
    LeftOutFile,
    MemberInput,
    open_members,
)
from dji_audit.report.file_status import FileStatus
from dji_audit.report.json_values import as_json_value
from dji_audit.report.rows import UNDECLARED_TRACK

SCHEMA = "dji-audit/scan/0.1"
#: Bytes that one worker reads and audits in a second, by format; measured in November 2026 on the
#: real samples, on one core of a shared machine.  What is not listed is read at ``_OTHER_SPEED``.
READING_SPEED = {
    "dataflash": 12e6,
    "dji-csv": 4e6,
    "dji-dat": 20e6,
    "dji-photo": 30e6,
    "dji-srt": 5e6,
    "dji-txt": 6e6,
    "mavlink-tlog": 6e6,
    "ulog": 12e6,
    "video": 50e6,
}
_OTHER_SPEED = 2.5e6
#: Seconds that a file takes whatever its size: a flight log with its audit and page, another file.
_SECONDS_OF_FLIGHT_LOG, _SECONDS_OF_FILE = 0.6, 0.02
#: What files that no format claims mean for an audit.
STATUS_OF_RELEVANCE = {
    FileKindRelevance.MAY_HOLD_EVIDENCE: FileStatus.UNREAD,
    FileKindRelevance.CONTAINER: FileStatus.UNREAD,
    FileKindRelevance.LOCKED: FileStatus.ENCRYPTED,
    FileKindRelevance.ZONES: FileStatus.NO_EVIDENCE,
    FileKindRelevance.NO_EVIDENCE: FileStatus.NO_EVIDENCE,
    FileKindRelevance.NOT_KNOWN: FileStatus.UNKNOWN,
}
#: What containers, or members, mean that were not looked into, by why; else they were not read.
_STATUS_OF_LEFT_KIND = {
    "locked": FileStatus.ENCRYPTED,
    **dict.fromkeys(parsers.KINDS_WITHOUT_BYTES, FileStatus.OTHER),
}
#: Classes of files in which a flight or a contact may be missed where they are left out.
_MAY_BE_MISSED = (
    FileStatus.READ,
    FileStatus.PARTIAL,
    FileStatus.ENCRYPTED,
    FileStatus.UNREAD,
    FileStatus.UNOPENED,
)
#: What a member is that was not looked into.
LEFT_MEMBER = "member of a container, not looked into"
#: Bytes hashed in a second, of files that are not read.
_HASHING_SPEED = 400e6


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedFile:
    """One file, as far as its first bytes tell."""

    name: str
    #: What an audit will make of it: one of ``FileStatus``; ``read`` if no damage is found.
    status: FileStatus
    #: What it is, or looks like; ``None``: it could not be opened.
    kind: str | None
    #: Bytes; ``None``: the disk does not tell.
    size: int | None
    #: Name of the log format that claims it; ``None``: none does.
    format: str | None = None
    #: Bytes that were looked at.
    looked_at: int = 0
    #: What shows its class, or why it could not be opened.
    reason: str = ""
    #: What a unit can do about it; empty: nothing is needed.
    advice: str = ""

    @property
    def estimated_read_seconds(self) -> float:
        """Roughly how long one worker will take for it."""
        if self.format is None:
            return (self.size or 0) / _HASHING_SPEED + _SECONDS_OF_FILE
        speed = READING_SPEED.get(self.format, _OTHER_SPEED)
        each = _SECONDS_OF_FLIGHT_LOG if self.format in _FLIGHT_LOGS else _SECONDS_OF_FILE
        return (self.size or 0) / speed + each


_FLIGHT_LOGS = frozenset(READING_SPEED) - {"dji-photo", "video"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDryRun:
    """Everything below some paths, by class."""

    files: tuple[ScannedFile, ...]
    #: Keychains files that were found or given.
    keychains: int
    #: Whether a key store was given, where more keychains may be.
    has_key_store: bool

    @property
    def examined_bytes(self) -> int:
        """Bytes that were looked at."""
        return sum(file.looked_at for file in self.files)

    @property
    def total_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size or 0 for file in self.files)

    @property
    def file_counts_by_status(self) -> Counter[FileStatus]:
        """Files of each class."""
        return Counter(file.status for file in self.files)

    @property
    def byte_counts_by_status(self) -> Counter[FileStatus]:
        """Bytes of each class."""
        total: Counter[FileStatus] = Counter()
        for file in self.files:
            total[file.status] += file.size or 0
        return total

    def estimated_audit_seconds(self, jobs: int) -> float:
        """Return roughly how many seconds an audit with some workers will take.

        No audit is faster than its slowest file.
        """
        each = [file.estimated_read_seconds for file in self.files]
        return max(sum(each) / max(jobs, 1), max(each, default=0.0))

    def to_json(self, jobs: int) -> str:
        """Return it as JSON, with the time that an audit with some workers will take."""
        counts, sizes = self.file_counts_by_status, self.byte_counts_by_status
        document: dict[str, JsonValue] = {
            "schema": SCHEMA,
            "bytes": self.total_bytes,
            "bytes_looked_at": self.examined_bytes,
            "classes": {
                status.value: {
                    "files": counts[status],
                    "bytes": sizes[status],
                    "kinds": dict(
                        sorted(
                            Counter(
                                file.kind or "not looked at"
                                for file in self.files_of_status(status)
                            ).items()
                        )
                    ),
                }
                for status in FileStatus
            },
            "files": as_json_value(self.files),
            "keychains": self.keychains,
            "seconds": round(self.estimated_audit_seconds(jobs), 1),
            "workers": jobs,
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True) + "\n"

    def files_of_status(self, *statuses: FileStatus) -> tuple[ScannedFile, ...]:
        """Return the files of some classes."""
        return tuple(file for file in self.files if file.status in statuses)


def scan_evidence_paths(
    paths: Iterable[Path],
    settings: IngestSettings,
    progress: Callable[[int, int, str], None] | None = None,
) -> EvidenceDryRun:
    """Return what lies below some paths, by class.

    Args:
        paths: Files and folders.
        settings: How files are found; its keychains are counted.
        progress: Called with files done, files in all, and the file's name.
    """
    return scan_input_files(find_input_files_and_keychains(paths, settings), settings, progress)


def scan_input_files(
    files: InputFilesAndKeychains,
    settings: IngestSettings,
    progress: Callable[[int, int, str], None] | None = None,
) -> EvidenceDryRun:
    """Return the classes of files that were found, as ``scan_evidence_paths`` does."""
    inputs = files.discovered.inputs
    scanned: list[ScannedFile] = []
    for file in _scan_inputs(inputs, settings):
        scanned.append(file)
        if progress is not None:
            progress(len(scanned), len(inputs), file.name)
    scanned += scan_left_out_files(files.discovered.left_out, settings)
    scanned += [_container_as_scanned_file(container) for container in files.discovered.containers]
    scanned += [
        ScannedFile(
            name=left.name,
            status=status_of_skipped_member(left),
            kind=LEFT_MEMBER,
            size=left.size,
            reason=left.reason,
        )
        for container in files.discovered.containers
        for left in container.left
        if left.name != container.name
    ]
    scanned += [
        ScannedFile(
            name=path.name,
            status=FileStatus.OTHER if path.reason == LINK_NOT_FOLLOWED else FileStatus.UNOPENED,
            kind=None,
            size=None,
            reason=path.reason,
        )
        for path in files.discovered.unreadable
    ]
    return EvidenceDryRun(
        files=tuple(sorted(scanned, key=lambda file: file.name)),
        keychains=len(files.keychains),
        has_key_store=settings.key_store is not None,
    )


def scan_left_out_files(
    left_out: Sequence[LeftOutFile], settings: IngestSettings
) -> Iterator[ScannedFile]:
    """Yield what the files look like that the unit leaves out, by their first bytes.

    One that may hold a flight or a contact, so that something may be missed, has ``advice``.
    """
    patterns = {left.input.name: left.pattern for left in left_out}
    for scanned in _scan_inputs([left.input for left in left_out], settings):
        pattern = patterns[scanned.name]
        may_hold_evidence = scanned.status in _MAY_BE_MISSED
        yield replace(
            scanned,
            status=FileStatus.LEFT_OUT,
            format=None,
            reason=f"the unit leaves out {pattern}",
            advice=f"take {pattern} out of leave_out" if may_hold_evidence else "",
        )


def _scan_inputs(inputs: Sequence[InputFile], settings: IngestSettings) -> Iterator[ScannedFile]:
    """Yield the class of each file, of members of one container in the order they lie in it."""
    members: dict[Path, list[InputFile]] = defaultdict(list)
    formats = list(parsers.formats())
    for item in inputs:
        if item.member is None:
            yield classify_file(item, formats)
        else:
            members[item.path].append(item)
    for path, own in members.items():
        seen: set[str] = set()
        for opened in _reopen_listed_members(path, own, settings):
            seen.add(opened.input.name)
            size = opened.input.member_size or 0
            beginning = opened.data.read(MAX_LOOKED_AT)
            content = parsers.Content(opened.input.name, beginning, opened.input.member)
            # To list it all of it was unpacked and hashed.
            yield replace(classify_content(opened.input, content, size, formats), looked_at=size)
        for item in own:
            if item.name not in seen:
                yield ScannedFile(
                    name=item.name,
                    status=FileStatus.UNREAD,
                    kind=None,
                    size=item.member_size,
                    reason="it could not be unpacked again",
                )


def _reopen_listed_members(
    path: Path, members: Sequence[InputFile], settings: IngestSettings
) -> Iterator[MemberInput]:
    """Yield members of a container that was listed before, as far as it can still be opened."""
    try:
        yield from open_members(path, members, settings.passwords)
    except OSError:
        return


def container_status_and_reason(container: ContainerFile) -> tuple[FileStatus, str]:
    """Return the class of a container and the reason; one that was not opened may hold evidence."""
    members = _member_count_text(container)
    own = next((left for left in container.left if left.name == container.name), None)
    if not container.was_opened and own is not None:
        return status_of_skipped_member(own), own.reason
    if own is not None or container.issues:
        reason = own.reason if own is not None else container.issues[0].reason
        return FileStatus.PARTIAL, f"{members}; {reason}"
    return FileStatus.CONTAINER, members


def container_kind_noun(container: ContainerFile) -> str:
    """Return what a container is, without an article, as kinds of files are named."""
    return without_article(container.title)


def _member_count_text(container: ContainerFile) -> str:
    """Return how many members a container has, and how many of them were left, by the reason."""
    words = pluralised_count(container.member_count, "member")
    left = Counter(left.kind for left in container.left if left.name != container.name)
    if left:
        words += ", of which were left: " + ", ".join(
            f"{number:,} {kind.replace('_', ' ')}" for kind, number in sorted(left.items())
        )
    return words


def status_of_skipped_member(left: parsers.SkippedMember) -> FileStatus:
    """Return the class of a member, or of a container, that was not looked into."""
    return _STATUS_OF_LEFT_KIND.get(left.kind, FileStatus.UNREAD)


def _container_as_scanned_file(container: ContainerFile) -> ScannedFile:
    """Return the class of a container: of one that was not opened it says why."""
    status, reason = container_status_and_reason(container)
    return ScannedFile(
        name=container.name,
        status=status,
        kind=container_kind_noun(container),
        size=container.size,
        looked_at=container.size,
        reason=reason,
    )


def classify_file(item: InputFile, formats: list[parsers.Format]) -> ScannedFile:
    """Return the class of one file on the disk by its first bytes; its bytes are not hashed.

    Args:
        item: The file.
        formats: Every format, in the order in which they are tried, as of ``classify_content``.
    """
    try:
        content = parsers.open_content(item.path, item.name)
    except OSError as error:
        reason = os_error_reason(error)
        return ScannedFile(
            name=item.name, status=FileStatus.UNOPENED, kind=None, size=None, reason=reason
        )
    return classify_content(item, content, len(content), formats)


def classify_content(
    item: InputFile, content: parsers.Content, size: int, formats: list[parsers.Format]
) -> ScannedFile:
    """Return the class of some bytes.

    Args:
        item: The file that they are of.
        content: The file, or its beginning.
        size: Bytes of the whole file.
        formats: Every format, in the order in which they are tried. That which claims the file
            comes first for the next one: files of one folder are mostly of one kind.
    """
    format_ = next((known for known in formats if known.claims(content)), None)
    if format_ is not None:
        formats.remove(format_)
        formats.insert(0, format_)
        locked = format_.needs_keys is not None and format_.needs_keys(content)
        return ScannedFile(
            name=item.name,
            status=FileStatus.ENCRYPTED if locked else FileStatus.READ,
            kind=format_.title,
            size=size,
            format=format_.name,
            looked_at=min(size, len(content.head)),
            reason="opens with a keychain only"
            if locked
            else UNDECLARED_TRACK * format_.states_no_owner,
        )
    sample = FileSample(content, size)
    kind = recognise_file_kind(sample)
    status = STATUS_OF_RELEVANCE[kind.relevance]
    if item.named_by_user and kind.relevance in (
        FileKindRelevance.NO_EVIDENCE,
        FileKindRelevance.NOT_KNOWN,
    ):
        # A person who names a file means that it should be read.
        status = FileStatus.UNREAD
    return ScannedFile(
        name=item.name,
        status=status,
        kind=kind.name,
        size=size,
        looked_at=sample.looked_at,
        reason=kind.sign,
        advice=kind.advice,
    )
