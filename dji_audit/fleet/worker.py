"""What is done with one file, in a worker process: read, audit, draw; plain values come back."""

import datetime as dt
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import parsers
from dji_audit import mapper
from dji_audit.compliance.audit import FlightAudit, audit_flight, yardstick
from dji_audit.compliance.case import Case
from dji_audit.compliance.policy import Policy
from dji_audit.fleet.inputs import Input
from dji_audit.flights import assemble
from dji_audit.keys.store import Store
from dji_audit.media import Stream, is_media, streams, tells_a_path
from dji_audit.report import rows
from dji_audit.report.rows import FileRow, Plain


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know of a run besides the file."""

    policy: Policy
    #: Keychains files to try on encrypted logs.
    keychains: tuple[Path, ...]
    #: Folder for the pages; ``None``: no pages are drawn.
    pages: Path | None
    generated: dt.datetime | None
    zone: str
    #: Folder of keychains to look up encrypted logs in; ``None``: none.
    key_store: Path | None = None
    case: Case = field(default_factory=Case)


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one file."""

    file: FileRow
    flights: tuple[Plain, ...] = ()
    results: tuple[Plain, ...] = ()
    findings: tuple[Plain, ...] = ()
    #: What a media file recorded.
    streams: tuple[Stream, ...] = ()


def audit_file(found: Input, task: Task) -> FileResult:
    """Read, audit and draw one file; a file that cannot be read is a result like any other."""
    try:
        keys = _keyring(task.keychains, task.key_store)
        log = parsers.read(found.path, keys=keys, name=found.name)
    except parsers.UnknownFormatError as error:
        status = "unread" if found.looks_like_a_log else "other"
        return FileResult(_unread(found, status, str(error)))
    except parsers.LogError as error:
        return FileResult(_unread(found, "unread", str(error)))
    except OSError as error:
        return FileResult(_unread(found, "unopened", (error.strerror or str(error)).lower()))
    media = is_media(log)
    # A picture is no flight; subtitles or a video that tell a path are drawn as one.
    flights = assemble(log) if not media or tells_a_path(log) else ()
    audits = [audit_flight(flight, task.policy, task.case) for flight in flights]
    pages = [_draw(audit, task) for audit in audits]
    return FileResult(
        file_row(log),
        tuple(rows.flight_row(audit, page) for audit, page in zip(audits, pages, strict=True)),
        tuple(row for audit in audits for row in rows.result_rows(audit)),
        tuple(
            rows.finding_row(finding, audit.flight.id)
            for audit in audits
            for finding in audit.findings
        ),
        streams(log) if media else (),
    )


def file_row(log: parsers.Log) -> FileRow:
    """Return what became of a file that was read."""
    coverage: Counter[str] = Counter()
    for span in log.coverage:
        coverage[span.kind] += span.size
    lost = sum(issue.size for issue in log.issues)
    if log.encrypted:
        status, reason = "encrypted", "needs a key; what is in clear was read"
        reason += f"; {lost} further bytes not decoded" if lost else ""
    elif lost or log.cut_short:
        # The first of what breaks the file says more than a number.
        first = next(issue for issue in log.issues if issue.size or issue.cut_short)
        status, reason = "partial", f"{lost} bytes not decoded: {first.reason}"
    else:
        status, reason = "read", ""
    return FileRow(
        log.source.name,
        status,
        reason,
        log.source.size,
        log.source.sha256,
        log.source.format,
        log.source.format_version,
        dict(sorted(coverage.items())),
        tuple((issue.offset, issue.size, issue.reason) for issue in log.issues),
        log.key_request.sha256 if log.key_request is not None else None,
        log.keychain_sha256,
    )


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        # mkstemp makes private files; a report is as public as its folder.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _draw(audit: FlightAudit, task: Task) -> str | None:
    if task.pages is None:
        return None
    page = mapper.draw(
        audit,
        yardstick=yardstick(task.policy, task.case),
        generated=task.generated,
        local_zone=task.zone,
        index="../index.html",
    )
    name = rows.page_name(audit)
    write_atomically(task.pages / name, page)
    return f"{task.pages.name}/{name}"


@cache
def _keyring(paths: tuple[Path, ...], store: Path | None) -> parsers.Keyring:
    chains = (parsers.load_keychains(path.read_bytes()) for path in paths)
    return parsers.Keyring(chains, Store(store).find if store is not None else None)


def _unread(found: Input, status: str, reason: str) -> FileRow:
    try:
        size: int | None = found.path.stat().st_size
    except OSError:
        size = None
    return FileRow(found.name, status, reason, size)
