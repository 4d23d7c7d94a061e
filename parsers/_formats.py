"""Find the format of a file and read it."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from . import _errors as errors
from ._byte_coverage import CoverageSpan
from ._clocks._apply_declared_clock import log_with_times_by_declared_clock
from ._declared_clock import DeclaredClock
from ._dji_keychains import Keychains
from ._file_content import Content, open_content
from ._log_in_file._filler_bytes import (
    KEPT_OF_TAIL,
    LEAST_TAIL,
    describe_filler_bytes,
    leading_filler_size_and_period,
    trailing_filler_size_and_period,
)
from ._log_in_file._log_start_offset import MOST_COPIED, LogStartOffset, possible_log_start_offsets
from ._log_in_file._part_to_carrier_offsets import log_with_carrier_offsets
from ._log_in_file._shift_log_offsets import (
    ShiftToFileOffsets,
    file_account_with_shifted_offsets,
    log_with_shifted_offsets,
)
from ._log_in_file._text_as_utf8 import text_head_stored_otherwise, text_stored_otherwise
from ._model import FileAccount, FileReading, Issue, Log
from ._track_values._find_airborne_time import log_with_airborne_time
from ._track_values._mask_contradicted_values import log_without_contradicted_values
from ._which_facts_logs_record import FactDeclaration, find_carried_facts
from .containers import (
    appended_zip_offset,
    identify_appended_container,
    identify_container,
    read_logs_of_container,
)

FAMILIES = ("dji", "klv", "mavlink", "network", "other_makers", "remote_id", "tracks")
#: Parts within parts that are opened; a part that lies deeper is accounted for as bytes.
MAX_DEPTH = 4
#: Issues of one log or file: damage in every record of a hostile file would give millions.
MOST_ISSUES = 10_000


@dataclass(frozen=True, slots=True)
class LogsAndParts:
    """What a file holds that may hold more than one log."""

    #: Logs that the format itself reads; ``source.stream`` names each of several.
    logs: tuple[Log, ...] = ()
    #: Parts that any format may claim, made with ``Content.part``.
    parts: tuple[Content, ...] = ()
    #: What every byte of the file is; bytes of a part are ``member``.
    coverage: Sequence[CoverageSpan] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One log format.

    ``claims`` looks only at the first bytes, the name and the size, and holds only where a
    structure proves itself.  Where two formats claim a file nevertheless, both read it, and that
    reading counts which accounts for more of its bytes.
    """

    name: str
    title: str
    #: Where the facts come from.
    reference: str
    claims: Callable[[Content], bool]
    #: Returns the log of such a file, or the first of those that the format itself reads; raises
    #: ``FileContainsNoLogError`` where it reads none.
    read: Callable[[Content, Sequence[Keychains]], Log]
    #: Whether such a file is a photo or video, or accompanies one, and is no flight log.
    media: bool = False
    #: Whether such a file was made from another log, by an app or a service.
    export: bool = False
    #: Whether such a file holds what another device received or saw of an aircraft, and no record
    #: of the aircraft's own: it confirms or contradicts a flight.
    is_from_receiver: bool = False
    #: Whether such a file is the track of any device, and does not say whose it is: it
    #: begins no flight and is part of none, and a person declares whose it is.
    states_no_owner: bool = False
    #: Facts that its files can carry; what is not declared they never carry.
    facts: tuple[FactDeclaration, ...] = ()
    #: Of a format that may hold several logs or parts of other formats (a container, a capture, a
    #: log of several aircraft): what a file holds.  A format never opens another format: it
    #: returns the parts, and ``read_file`` finds the format of each.
    read_logs_and_parts: Callable[[Content, Sequence[Keychains]], LogsAndParts] | None = None
    #: Whether a file that it claims opens with a key only, by its first bytes; ``None``: none does.
    needs_keys: Callable[[Content], bool] | None = None
    #: Of a format of chained records: where its records begin in a file that no format claims,
    #: because its head is lost or lies behind junk; ``None``: it has none that prove themselves.
    find_start_offset: Callable[[Content], LogStartOffset | None] | None = None
    #: Whether its files are records or lines whose end means nothing, so that a long tail of
    #: filling is left out before they are read.  A video or a database has such bytes of its own.
    skips_filled_tail: bool = False


def _iterate_format_module_names() -> Iterator[str]:
    package = __package__ or ""
    for family in FAMILIES:
        try:
            package_module = importlib.import_module(f".{family}", package)
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{family}":
                raise
            continue
        for module in pkgutil.iter_modules(package_module.__path__):
            if not module.name.startswith("_"):
                yield f".{family}.{module.name}"


@cache
def formats() -> tuple[Format, ...]:
    """Return every format: the ``FORMAT`` of each public module of a family."""
    known_formats = [
        importlib.import_module(name, __package__).FORMAT for name in _iterate_format_module_names()
    ]
    return tuple(sorted(known_formats, key=lambda known: known.name))


@cache
def _formats_by_name() -> dict[str, Format]:
    return {known.name: known for known in formats()}


def format_by_name(name: str | None) -> Format | None:
    """Return the format of a name, such as that of ``Source.format``; ``None``: there is none."""
    return None if name is None else _formats_by_name().get(name)


def claiming_formats(content: Content) -> tuple[Format, ...]:
    """Return every format that claims a file, in the order of their names.

    A text counts as it would be as UTF-8, whatever it is stored in.
    """
    head = text_head_stored_otherwise(content)
    return (() if head is None else _formats_that_claim(head)) or _formats_that_claim(content)


def _formats_that_claim(content: Content) -> tuple[Format, ...]:
    return tuple(known for known in formats() if known.claims(content))


def identify(content: Content) -> Format:
    """Return the format that claims a file; of several, that which accounts for most of it.

    Raises:
        UnknownFormatError: If none does.
    """
    claiming = claiming_formats(content)
    if not claiming:
        raise _build_unknown_format_error(content)
    if len(claiming) == 1:
        return claiming[0]
    text = text_stored_otherwise(content)
    content = content if text is None else text.content
    sizes = [_accounted_byte_count(_read_as_format(content, known, ())) for known in claiming]
    return claiming[sizes.index(max(sizes))]


def _build_unknown_format_error(content: Content) -> errors.UnknownFormatError:
    resemblance, count = _describe_unknown_content(content), len(formats())
    return errors.UnknownFormatError(
        f"{resemblance}; not a flight log of any of the {count} known formats"
    )


def read(
    path: Path | str,
    *,
    keys: Sequence[Keychains] = (),
    name: str | None = None,
    clocks: Sequence[DeclaredClock] = (),
    passwords: Sequence[bytes] = (),
) -> Log:
    """Read the log in a file, which is the usual case.

    Args:
        path: The file; taken as it is, never as a pattern.
        keys: Keychains that may decrypt DJI records of version 13 and later,
            from ``load_keychains``; those of other logs are harmless.  A
            ``Keyring`` also looks up the answer to the log's own request.
        name: What to call the file in every output; its last part by default.
        clocks: Clocks that a person declares, from ``parse_declared_clock``.
        passwords: Tried on encrypted members of a container.

    Raises:
        LogError: If nothing of the file can be decoded.  Damage to a part of it
            is no error: see ``Log.issues``.
        FileContainsNoLogError: If it holds no log.
        FileContainsSeveralLogsError: If it holds more than one; ``read_file`` gives them all.
        OSError: If the file cannot be opened.
    """
    reading = read_file(path, keys=keys, name=name, clocks=clocks, passwords=passwords)
    account, logs = reading.account, reading.logs
    if account.error is not None:
        raise account.error
    if len(logs) > 1:
        raise errors.FileContainsSeveralLogsError(account.name, [log.source.name for log in logs])
    if not logs:
        reasons = [f"{part.name}: {part.error}" for part in account.parts if part.error]
        raise errors.FileContainsNoLogError(
            "; ".join([f"{account.name} holds no log", *reasons[:8]])
        )
    return logs[0]


def read_file(
    path: Path | str,
    *,
    keys: Sequence[Keychains] = (),
    name: str | None = None,
    clocks: Sequence[DeclaredClock] = (),
    passwords: Sequence[bytes] = (),
) -> FileReading:
    """Read every log in a file, and account for every byte of it.

    A file of which nothing can be read raises no error: the reading has no log, and its account
    says what the file is and why (``file_class``, ``issues``, ``error``).

    Args:
        path: The file; taken as it is, never as a pattern.
        keys: As of ``read``.
        name: What to call the file in every output; its last part by default.
        clocks: As of ``read``.
        passwords: Tried on encrypted members of a container.

    Raises:
        OSError: If the file cannot be opened, or temporary files cannot be written.
    """
    return read_content(open_content(Path(path), name, clocks), keys, passwords=passwords)


def read_content(
    content: Content,
    keys: Sequence[Keychains] = (),
    depth: int = 0,
    *,
    passwords: Sequence[bytes] = (),
) -> FileReading:
    """Read every log in some bytes, as ``read_file`` does; ``depth``: parts around them."""
    container = identify_container(content)
    # A container comes first: a log that is stored in it must not be taken for the whole.
    head = text_head_stored_otherwise(content) if container is None else None
    if head is not None and (claiming := _formats_that_claim(head)):
        text = text_stored_otherwise(content)
        if text is not None:
            reading = _read_log_and_tail(text.content, claiming, keys, depth)
            return text.reading_with_file_offsets(reading)
    claiming = _formats_that_claim(content) if container is None else ()
    if not claiming:
        container = container or identify_appended_container(content)
    if container is not None:
        return read_logs_of_container(
            content, container, lambda member: read_content(member, keys, depth + 1), passwords
        )
    reading = _read_log_and_tail(content, claiming, keys, depth)
    start = appended_zip_offset(content) if claiming else None
    if start is None:
        return reading
    reason = "a ZIP archive stands behind the rest of the file and was not opened: cut it out"
    return _reading_with_added_issue(reading, Issue(start, len(content) - start, reason))


def _read_log_and_tail(
    content: Content, claiming: Sequence[Format], keys: Sequence[Keychains], depth: int
) -> FileReading:
    """Read a log that a format claims, or that begins elsewhere; its tail may be filling."""
    if claiming and not all(known.skips_filled_tail for known in claiming):
        return _read_by_best_claiming_format(content, claiming, keys, depth)
    filled, period = trailing_filler_size_and_period(content.array)
    is_long = LEAST_TAIL <= filled < len(content)
    head = (
        content.truncated_to_first_bytes(len(content) - filled + KEPT_OF_TAIL)
        if is_long
        else content
    )
    if claiming:
        reading: FileReading | None = _read_by_best_claiming_format(head, claiming, keys, depth)
    else:
        reading = _read_log_without_header(head, keys, depth)
    if reading is None:
        return _reading_of_unread_file(content, None, _build_unknown_format_error(content))
    return (
        _reading_with_added_filler_tail(reading, content, len(head), period) if is_long else reading
    )


def _reading_with_added_filler_tail(
    reading: FileReading, content: Content, end: int, period: int
) -> FileReading:
    """Return a reading of the first bytes of a file with the tail of filling behind them.

    Args:
        reading: The reading.
        content: The whole file.
        end: The byte after the last that was read.
        period: Bytes of the block that the tail repeats.
    """
    account, size = reading.account, len(content) - end
    if account.error is not None:
        return _reading_of_unread_file(content, None, account.error)
    words = describe_filler_bytes(size, period, content.data[end])
    tail = CoverageSpan(end, size, "padding")
    issue = Issue(end, size, f"{words} up to the end of the file: filling, no records")
    logs = tuple(
        replace(
            log,
            source=replace(log.source, size=len(content)),
            coverage=(*log.coverage, tail),
            issues=(*log.issues, issue),
        )
        if log.source.member is None
        else log
        for log in reading.logs
    )
    account = replace(
        account,
        size=len(content),
        coverage=(*account.coverage, tail),
        issues=(*account.issues, issue),
    )
    return FileReading(account, logs)


def _read_by_best_claiming_format(
    content: Content, claiming: Sequence[Format], keys: Sequence[Keychains], depth: int
) -> FileReading:
    """Return the reading by the format that claims some bytes, or by the best of several."""
    if len(claiming) == 1:
        return _read_as_format(content, claiming[0], keys, depth)
    readings = [_read_as_format(content, known, keys, depth) for known in claiming]
    sizes = [_accounted_byte_count(reading) for reading in readings]
    best = sizes.index(max(sizes))
    others = " and ".join(
        f"{known.title} ({max(0, size):,} bytes)"
        for number, (known, size) in enumerate(zip(claiming, sizes, strict=True))
        if number != best
    )
    doubt = Issue(
        0,
        0,
        f"it begins as {len(claiming)} kinds of file do: read as {claiming[best].title}, which "
        f"accounts for {max(0, sizes[best]):,} of {len(content):,} bytes, and not as {others}",
    )
    return _reading_with_added_issue(readings[best], doubt)


def _accounted_byte_count(reading: FileReading) -> int:
    """Return how many bytes a reading accounts for; -1: nothing could be read."""
    if reading.account.error is not None:
        return -1
    sizes = reading.account.coverage_sizes
    return sum(sizes.values()) - sum(sizes.get(kind, 0) for kind in ("gap", "padding", "opaque"))


def _reading_with_added_issue(reading: FileReading, issue: Issue) -> FileReading:
    account = replace(reading.account, issues=(issue, *reading.account.issues))
    logs = tuple(replace(log, issues=(issue, *log.issues)) for log in reading.logs)
    return FileReading(account, logs)


def _read_as_format(
    content: Content, format_: Format, keys: Sequence[Keychains], depth: int = 0
) -> FileReading:
    """Read some bytes as a file of one format."""
    try:
        if format_.read_logs_and_parts is None:
            log = _log_with_facts_and_declared_clock(format_.read(content, keys), format_, content)
            account = _build_file_account(content, "log", format_.name, log.coverage, log.issues)
            return FileReading(account, (log,))
        file_parts = format_.read_logs_and_parts(content, keys)
    except errors.LogError as error:
        # The traceback would keep the bytes of the file in memory.
        return _reading_of_unread_file(content, format_, error.with_traceback(None))
    readings = [_read_embedded_content(part, keys, depth + 1) for part in file_parts.parts]
    logs = (
        *(_log_with_facts_and_declared_clock(log, format_, content) for log in file_parts.logs),
        *(log for reading in readings for log in reading.logs),
    )
    file_class = "log" if len(file_parts.logs) == 1 and not readings else "carrier"
    account = _build_file_account(
        content, file_class, format_.name, file_parts.coverage, file_parts.issues
    )
    return FileReading(replace(account, parts=tuple(each.account for each in readings)), logs)


def _read_log_without_header(
    content: Content, keys: Sequence[Keychains], depth: int
) -> FileReading | None:
    """Read a log whose head is lost or lies behind junk; ``None``: there is none in the bytes."""
    found = _find_log_start_and_formats(content)
    if found is None:
        return None
    claiming, start = found
    title = claiming[0].title
    if start.assumed_head is None:
        reading = _read_as_format(content, claiming[0], keys, depth)
        lost = (
            f"its first bytes are not a log: read as {title} from the records that follow one "
            f"another from byte {start.offset:,} on"
        )
        return _reading_with_added_issue(reading, Issue(0, 0, lost))
    if len(content) - start.offset > MOST_COPIED:
        reason = (
            f"what looks like a log of the kind {title!r} begins at byte {start.offset:,}; it is "
            "too large to be read from there"
        )
        return _reading_of_unread_file(content, None, errors.UnknownFormatError(reason))
    alone = replace(content, data=start.assumed_head + bytes(content.data[start.offset :]))
    reading = _read_by_best_claiming_format(alone, claiming, keys, depth)
    return _reading_with_file_offsets(reading, content, start, title)


def _find_log_start_and_formats(
    content: Content,
) -> tuple[tuple[Format, ...], LogStartOffset] | None:
    """Return what may read a log that does not begin where the file does, and where it begins."""
    if not len(content) or _has_magic_of_non_log_file(content):
        return None
    for at in possible_log_start_offsets(content):
        probe = replace(content, data=bytes(content.data[at : at + _PROBE_SIZE]))
        claiming = _formats_that_claim(probe)
        if len(claiming) == 1 and claiming[0].find_start_offset is not None:
            # Such a reader finds its records without a copy of the file.
            start = claiming[0].find_start_offset(content)
            if start is not None and start.assumed_head is None:
                return claiming, start
        if claiming:
            return claiming, LogStartOffset(at, 1.0, b"")
    found = [
        (start.share, known, start)
        for known in formats()
        if known.find_start_offset is not None
        and (start := known.find_start_offset(content)) is not None
    ]
    if not found:
        return None
    _, best, start = max(found, key=lambda each: each[0])
    return (best,), start


def _reading_with_file_offsets(
    reading: FileReading, content: Content, start: LogStartOffset, title: str
) -> FileReading:
    """Return a reading of the bytes from a log's start on with the offsets of the whole file."""
    shift = ShiftToFileOffsets(content, start.offset, len(start.assumed_head or b""))
    filled, period = leading_filler_size_and_period(content.array)
    lead = CoverageSpan(0, start.offset, "padding" if filled >= start.offset else "gap")
    issues = []
    if filled >= start.offset > 0:
        words = describe_filler_bytes(start.offset, period, content.data[0])
        issues.append(Issue(0, start.offset, f"{words} before the log, which begins behind them"))
    elif start.offset:
        reason = f"no part of the log ({title}): damaged, overwritten, or something else"
        issues.append(Issue(0, start.offset, reason))
    if start.assumed_head:
        reason = (
            f"the head of the log is lost: read as {title} from the first records that follow one "
            f"another, at byte {start.offset:,}"
        )
        issues.append(Issue(start.offset, 0, reason))
    logs = tuple(log_with_shifted_offsets(log, shift, lead, issues) for log in reading.logs)
    if start.version is not None:
        logs = tuple(
            replace(log, source=replace(log.source, format_version=start.version)) for log in logs
        )
    return FileReading(
        file_account_with_shifted_offsets(reading.account, shift, lead, issues), logs
    )


def _read_embedded_content(part: Content, keys: Sequence[Keychains], depth: int) -> FileReading:
    if depth <= MAX_DEPTH:
        reading = read_content(part, keys, depth)
        return replace(
            reading, logs=tuple(log_with_carrier_offsets(log, part) for log in reading.logs)
        )
    issue = Issue(0, len(part), f"not opened: it lies within {MAX_DEPTH} other parts")
    coverage = [CoverageSpan(0, len(part), "gap")] if len(part) else []
    return FileReading(_build_file_account(part, "too_deep", None, coverage, (issue,)))


def _build_file_account(
    content: Content,
    file_class: str,
    format_name: str | None,
    coverage: Sequence[CoverageSpan],
    issues: tuple[Issue, ...],
) -> FileAccount:
    return FileAccount(
        content.name,
        len(content),
        content.sha256,
        file_class,
        format_name,
        coverage,
        merge_issues_beyond_limit(issues),
    )


#: Kind of error -> what the file is; any other is damage.
_ERROR_CLASSES: tuple[tuple[type[errors.LogError], str], ...] = (
    (errors.UnknownFormatError, "unknown"),
    (errors.UnsupportedVersionError, "unsupported"),
    (errors.InvalidKeysError, "encrypted"),
)


def _reading_of_unread_file(
    content: Content, format_: Format | None, error: errors.LogError
) -> FileReading:
    """Return the account of bytes of which nothing could be read."""
    classes = (name for kind, name in _ERROR_CLASSES if isinstance(error, kind))
    coverage = [CoverageSpan(0, len(content), "gap")] if len(content) else []
    issue = Issue(0, len(content), str(error))
    account = _build_file_account(
        content, next(classes, "corrupt"), format_.name if format_ else None, coverage, (issue,)
    )
    return FileReading(replace(account, error=error))


def _log_with_facts_and_declared_clock(log: Log, format_: Format, content: Content) -> Log:
    """Return a log with what its file, its format and a person say of it."""
    declared = log_with_times_by_declared_clock(log, content.declared_clock)
    if len(declared.issues) > MOST_ISSUES:
        declared = replace(declared, issues=merge_issues_beyond_limit(declared.issues))
    return _log_with_file_and_part_names(
        _log_with_airborne_time_and_facts(declared, format_), content
    )


def _log_with_airborne_time_and_facts(log: Log, format_: Format) -> Log:
    """Return a log with the facts that it carries, as its format declares them."""
    log = log_without_contradicted_values(log)
    log = log_with_airborne_time(log, is_media=format_.media)
    return replace(log, facts=find_carried_facts(format_.facts, log))


def _log_with_file_and_part_names(log: Log, content: Content) -> Log:
    """Return a log whose source names the file and the part."""
    if (content.file, content.member, log.source.stream) == (None, None, None):
        return log
    source, streams = log.source, [content.stream, log.source.stream]
    name = content.name + ("" if source.stream is None else f"#{source.stream}")
    origin = replace(
        source,
        name=name,
        member=content.member,
        stream="#".join(each for each in streams if each is not None) or None,
        file_sha256=content.file_sha256,
    )
    return replace(log, source=origin)


#: First bytes -> what such a file is, for the message about one that is no log.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)

#: Bytes from a possible start on by which a format may claim a log behind junk.
_PROBE_SIZE = 1 << 16


def _has_magic_of_non_log_file(content: Content) -> bool:
    """Return whether a file begins as one of a kind does that is no flight log."""
    return content.head.startswith(tuple(magic for magic, _ in _MAGIC))


#: What stands over each cue of subtitles.
_TIMECODES = re.compile(rb"\d:\d\d:\d\d[,.]\d{1,4}[ \t]{0,4}-->[ \t]{0,4}\d{1,3}:\d\d:\d\d")


def _describe_unknown_content(content: Content) -> str:
    head = content.head
    if not head:
        return "the file is empty"
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return f"it is {what}"
    if head[4:8] == b"ftyp":
        return "it is an MP4 or MOV video"
    filled, period = leading_filler_size_and_period(content.array)
    if period == 1 and filled == len(content):
        value = f"0x{head[0]:02x}" if head[0] else "zeros"
        return f"all its {len(content):,} bytes are {value}: erased, or never written"
    if not any(head):
        return "it begins with zeros only"
    text = head[:512].removeprefix(b"\xef\xbb\xbf")
    if all(byte >= 0x20 or byte in b"\t\r\n" for byte in text):
        if _TIMECODES.search(text):
            return "it is subtitles without telemetry"
        first = text.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        return f"it is {_guess_text_kind(first)} that begins {first[:60]!r}"
    return f"it begins with {head[:8].hex(' ')}"


def _guess_text_kind(first: str) -> str:
    """Return what kind of text begins with a line."""
    if first.startswith("<"):
        return "an XML or HTML document"
    if first.startswith(("{", "[")):
        return "a text in JSON"
    # A sentence has its commas before spaces.
    return "a table (CSV)" if first.count(",") - first.count(", ") > 2 else "a text"


def merge_issues_beyond_limit(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues, those beyond so many as one that counts them and their bytes.

    That data are cut short is always kept: rules rest on it.
    """
    every = tuple(issues)
    if len(every) <= MOST_ISSUES:
        return every
    certain = [issue for issue in every if issue.is_truncated][: MOST_ISSUES // 2]
    others = [issue for issue in every if not issue.is_truncated]
    room = MOST_ISSUES - 1 - len(certain)
    kept, rest = others[:room], others[room:]
    size = sum(issue.size for issue in rest)
    what = (
        f"{len(rest):,} more places like these, with {size:,} bytes that were not decoded, are not "
        "listed one by one; the first is here"
    )
    return (*certain, *kept, Issue(min(issue.offset for issue in rest), size, what))
