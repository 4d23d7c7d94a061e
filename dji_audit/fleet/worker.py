"""What worker processes do: read one file, audit one flight; plain values come back."""

import datetime as dt
import os
import tempfile
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import parsers
from dji_audit import mapper
from dji_audit.compliance.audit import FlightAudit, audit_flight, yardstick
from dji_audit.compliance.camera_view import look_of
from dji_audit.compliance.context import Case, zones_of
from dji_audit.compliance.policy import Policy
from dji_audit.fleet.batch import Job
from dji_audit.fleet.inputs import ZONE_FILE, Input
from dji_audit.fleet.spool import logs_of, put_down, take_up_case
from dji_audit.flights import Digest, Placing, Plan, digests, merge
from dji_audit.keys.store import Store
from dji_audit.media import Stream, is_media, streams
from dji_audit.report import rows
from dji_audit.report.captures import captures_row
from dji_audit.report.contacts import contact_rows, network_row
from dji_audit.report.rows import FileRow, Plain
from dji_audit.view import Look
from dji_audit.zones import zone_format_of


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know of a run besides the file or the flight."""

    policy: Policy
    #: Keychains files to try on encrypted logs.
    keychains: tuple[Path, ...]
    #: Folder for the pages; ``None``: no pages are drawn.
    pages: Path | None
    generated: dt.datetime | None
    zone: str
    #: Where logs wait between being read and being audited.
    spool: Path
    #: Folder of keychains to look up encrypted logs in; ``None``: none.
    key_store: Path | None = None
    #: Which of the logs are of the network.
    network: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One input, and its place among all that are read."""

    place: int
    found: Input


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one file."""

    file: FileRow
    #: What it takes to join the log to flights; none of a log of the network.
    digests: tuple[Digest, ...] = ()
    #: What a media file recorded.
    streams: tuple[Stream, ...] = ()
    network: bool = False


@dataclass(frozen=True, slots=True)
class FlightResult:
    """What came of one flight."""

    flight: Plain | None
    results: tuple[Plain, ...] = ()
    findings: tuple[Plain, ...] = ()
    #: Hosts that its devices met, and how its window was watched.
    contacts: tuple[Plain, ...] = ()
    network: Plain | None = None
    #: How the clock of each member of its plan was placed in the end.
    placings: tuple[Placing, ...] = ()
    #: Why it could not be audited; empty if it was.
    lost: str = ""


def read_file(listed: Listed, task: Task) -> Reading:
    """Read one file and put its log down; one that cannot be read is a result like any other."""
    found = listed.found
    try:
        keys = _keyring(task.keychains, task.key_store)
        log = parsers.read(found.path, keys=keys, name=found.name)
    except parsers.UnknownFormatError as error:
        if (zones := zone_format_of(found.path)) is not None:
            what = f"{ZONE_FILE} ({zones}): named with --zones, flights are held against it"
            return Reading(_unread(found, "other", what))
        status = "unread" if found.looks_like_a_log else "other"
        return Reading(_unread(found, status, str(error)))
    except parsers.LogError as error:
        return Reading(_unread(found, "unread", str(error)))
    except OSError as error:
        return Reading(_unread(found, "unopened", (error.strerror or str(error)).lower()))
    put_down(task.spool, listed.place, log)
    if log.watch is not None:
        return Reading(file_row(log), network=True)
    told = streams(log) if is_media(log) else ()
    return Reading(file_row(log), digests(log, listed.place), told)


def audit_plan(plan: Plan, task: Task) -> FlightResult:
    """Merge the logs of one flight, audit it and draw its page."""
    flight = merge(plan, logs_of(task.spool, plan.logs))
    case = case_of(task)
    audit = audit_flight(flight, task.policy, case)
    found = look_of(flight, case)
    page = _draw(audit, found, task, case)
    return FlightResult(
        {**rows.flight_row(audit, page, found), "captures": captures_row(flight)},
        tuple(rows.result_rows(audit)),
        tuple(rows.finding_rows(audit)),
        tuple(contact_rows(audit)),
        network_row(audit),
        tuple(telling.placing for telling in flight.tellings),
    )


def lose_file(listed: Listed, reason: str) -> Reading:
    """Return the result of a file whose reading went wrong."""
    return Reading(FileRow(listed.found.name, "unread", reason))


def lose_flight(plan: Plan, reason: str) -> FlightResult:
    """Return the result of a flight whose audit went wrong."""
    return FlightResult(None, lost=reason)


READ = Job(read_file, lose_file)
AUDIT = Job(audit_plan, lose_flight)


def case_of(task: Task) -> Case:
    """Return what flights are held against, with the logs of the network."""
    return _case(task.spool, task.network)


@lru_cache(maxsize=1)
def _case(spool: Path, network: tuple[int, ...]) -> Case:
    logs = sorted(logs_of(spool, network).values(), key=lambda log: log.source.name)
    return replace(take_up_case(spool), network=tuple(logs))


def file_row(log: parsers.Log) -> FileRow:
    """Return what became of a file that was read."""
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
        dict(sorted(log.coverage_sizes.items())),
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


def _draw(audit: FlightAudit, found: Look, task: Task, case: Case) -> str | None:
    if task.pages is None:
        return None
    page = mapper.draw(
        audit,
        yardstick=yardstick(task.policy, case),
        generated=task.generated,
        local_zone=task.zone,
        index="../index.html",
        found=found,
        zones=zones_of(audit.flight, case),
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
