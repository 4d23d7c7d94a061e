"""One run: from paths to a folder with pages, index, table and report."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import parsers
from dji_audit import mapper
from dji_audit.compliance.audit import Yardstick, check_policy, yardstick
from dji_audit.compliance.context import NOTHING, WORDS, Brief, Case, load_case
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import Policy
from dji_audit.fleet.batch import Workers
from dji_audit.fleet.inputs import LINK, Found, Input, copies, find
from dji_audit.fleet.output import INDEX, REPORT, TABLE, finish, prepare
from dji_audit.fleet.spool import open_spool, put_down_case
from dji_audit.fleet.worker import (
    AUDIT,
    READ,
    FlightResult,
    Listed,
    Reading,
    Task,
    write_atomically,
)
from dji_audit.flights import Joining, Placing, join
from dji_audit.media import Stream, grouped
from dji_audit.report.documents import flights_csv, report_json
from dji_audit.report.rows import Contents, FileRow, Plain, capture_row
from dji_audit.report.verdict import NOT_READ, Verdict, judge

#: Reasons of files that are known for what they are and hold nothing to audit.
NO_EVIDENCE = ("keychains", *WORDS)


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose of a run."""

    policy: Policy
    keychains: tuple[Path, ...] = ()
    out: Path | None = None
    jobs: int = 1
    timeout_s: float = 600.0
    fail_on: Severity = Severity.MEDIUM
    allow_partial: bool = False
    generated: dt.datetime | None = None
    zone: str = "Europe/London"
    #: Folder of keychains to look up encrypted logs in; ``None``: none.
    key_store: Path | None = None
    #: What the unit brings besides the logs.
    brief: Brief = NOTHING
    #: IANA zone that the user declares for wall clocks of no known zone.
    camera_zone: str | None = None
    #: Folders below what is named, of which nothing is looked at.
    leave_out: tuple[Path, ...] = ()

    @property
    def today(self) -> dt.date | None:
        """The day of the run, if the user gave a time."""
        return self.generated.date() if self.generated is not None else None


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run."""

    contents: Contents
    verdict: Verdict
    yardstick: Yardstick
    report: str


Progress = Callable[[int, int, str], None]


def run(paths: Sequence[Path], options: Options, progress: Progress | None = None) -> Run:
    """Audit everything below some paths, and write the results if a folder is given.

    Args:
        paths: Files and folders.
        options: What the user chose.
        progress: Called with files done, files in all, and the file's name.

    Raises:
        PolicyError: If the policy names an unknown rule or parameter.
        CaseError: If what the unit brings cannot be used.
        OutputError: If the results cannot be written where the user wants them.
    """
    check_policy(options.policy)
    case = load_case(options.brief, options.today)
    found = find(paths, tuple(folder.resolve() for folder in options.leave_out))
    pages, stale = prepare(options.out, paths) if options.out else (None, frozenset[str]())
    twins = copies(found.inputs)
    brought = _brought(found.inputs, options.brief)
    todo = [item for item in found.inputs if not {item.path} & (twins.keys() | brought.keys())]
    chains, bad = usable(found.keychains)
    with open_spool(paths) as spool, Workers(options.jobs, options.timeout_s) as workers:
        task = Task(
            options.policy,
            tuple(dict.fromkeys((*options.keychains, *chains))),
            pages,
            options.generated,
            options.zone,
            spool,
            options.key_store,
        )
        put_down_case(spool, case)
        done = _carry_out(todo, task, workers, options.camera_zone, progress)
    whole = _collect(done, [*_others(found, twins, brought), *bad], options, case)
    if options.out and pages:
        _write(whole, options, options.out, pages, stale)
    return whole


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of every file, and of every flight that they tell of."""

    readings: tuple[Reading, ...]
    joining: Joining
    results: tuple[FlightResult, ...]


def _carry_out(
    todo: Sequence[Input],
    task: Task,
    workers: Workers,
    camera_zone: str | None,
    progress: Progress | None,
) -> _Done:
    """Read every file once, join what was read to flights, and audit each of these."""
    readings: list[Reading] = []
    listed = [Listed(place, item) for place, item in enumerate(todo)]
    for reading in workers.each(READ, listed, task):
        readings.append(reading)
        if progress:
            progress(len(readings), len(todo), reading.file.name)
    network = tuple(place for place, reading in enumerate(readings) if reading.network)
    joining = join([one for reading in readings for one in reading.digests], camera_zone)
    results: list[FlightResult] = []
    plans = joining.plans
    for result in workers.each(AUDIT, plans, replace(task, network=network)):
        results.append(result)
        if progress:
            progress(len(results), len(plans), f"flight {plans[len(results) - 1].id}")
    return _Done(tuple(readings), joining, tuple(results))


def _brought(inputs: Sequence[Input], brief: Brief) -> dict[Path, str]:
    """Return those of the inputs that are no evidence but what the unit brings, and as what."""
    named = {path.resolve(): what for path, what in brief.files()}
    return {
        item.path: named[item.path.resolve()] for item in inputs if item.path.resolve() in named
    }


def _others(found: Found, twins: dict[Path, Input], brought: dict[Path, str]) -> list[FileRow]:
    """Return rows for what is not audited: copies, and what could not be opened."""
    rows = [
        FileRow(item.name, "copy", f"the same bytes as {twins[item.path].name}")
        for item in found.inputs
        if item.path in twins and item.path not in brought
    ]
    rows += [
        FileRow(item.name, "other", brought[item.path])
        for item in found.inputs
        if item.path in brought
    ]
    for lost in found.missing:
        status = "other" if lost.reason == LINK else "unopened"
        rows.append(FileRow(lost.name, status, lost.reason))
    return rows


def usable(keychains: Sequence[Path]) -> tuple[list[Path], list[FileRow]]:
    """Part keychains files found beside the evidence into those that are, and a row for all."""
    good, rows = [], []
    for path in keychains:
        try:
            parsers.load_keychains(path.read_bytes())
        except parsers.LogError as error:
            rows.append(FileRow(path.name, "unread", str(error)))
        except OSError as error:
            rows.append(FileRow(path.name, "unread", (error.strerror or str(error)).lower()))
        else:
            good.append(path)
            rows.append(FileRow(path.name, "other", "keychains"))
    return good, rows


def _collect(done: _Done, others: Sequence[FileRow], options: Options, case: Case) -> Run:
    files = sorted((*_accounts(done), *others), key=lambda row: row.name)
    flights = sorted(
        (result.flight for result in done.results if result.flight is not None),
        key=lambda flight: (flight["start"] or "9", flight["file"], flight["id"]),
    )
    order = {flight["id"]: place for place, flight in enumerate(flights)}

    def of_flights(rows: Iterable[Plain]) -> tuple[Plain, ...]:
        return tuple(sorted(rows, key=lambda row: order[row["flight"]]))

    contents = Contents(
        tuple(files),
        tuple(flights),
        of_flights(row for result in done.results for row in result.results),
        of_flights(row for result in done.results for row in result.findings),
        tuple(capture_row(capture) for capture in grouped(_streams(done))),
        of_flights(row for result in done.results for row in result.contacts),
        of_flights(result.network for result in done.results if result.network is not None),
    )
    verdict = judge(contents, options.fail_on, options.allow_partial)
    measure = yardstick(options.policy, case)
    report = report_json(measure, options.generated, contents, verdict)
    return Run(contents, verdict, measure, report)


def _accounts(done: _Done) -> Iterator[FileRow]:
    """Yield a row for each file that was read: which flights it tells of, or why of none."""
    flights: dict[int, list[str]] = defaultdict(list)
    lost: dict[int, str] = {}
    for plan, result in zip(done.joining.plans, done.results, strict=True):
        for place in plan.logs:
            flights[place].append(plan.id)
            if result.lost:
                lost[place] = result.lost
    alone = {member.log: member.placing.reason for member in done.joining.unjoined}
    unplaced = {
        member.log: member.placing.reason
        for plan in done.joining.plans
        for member in plan.members
        if not member.placing.placed and (member.rivals or len(plan.members) > 1)
    }
    for place, reading in enumerate(done.readings):
        row = replace(reading.file, flights=tuple(flights[place]))
        if place in lost:
            row = replace(row, status="unread", reason=f"its flight was not audited: {lost[place]}")
        elif not flights[place] and place in alone and not row.reason:
            row = replace(row, reason=f"of no flight: {alone[place]}")
        elif place in unplaced and not row.reason:
            row = replace(row, reason=f"not placed in time: {unplaced[place]}")
        yield row


def _streams(done: _Done) -> Iterator[Stream]:
    """Yield what media files recorded, with the times and flights that joining gave them."""
    placed: dict[int, tuple[Placing | None, tuple[str, ...]]] = {}
    for plan, result in zip(done.joining.plans, done.results, strict=True):
        settled = result.placings or tuple(member.placing for member in plan.members)
        for member, placing in zip(plan.members, settled, strict=True):
            _, ids = placed.get(member.log, (None, ()))
            placed[member.log] = placing, tuple(dict.fromkeys((*ids, plan.id)))
    for place, reading in enumerate(done.readings):
        known, ids = placed.get(place, (None, ()))
        for stream in reading.streams:
            yield stream.placed(known, ids)


def _write(whole: Run, options: Options, out: Path, pages: Path, stale: frozenset[str]) -> None:
    contents = whole.contents
    unread = [(row.name, row.reason) for row in contents.files if row.status in NOT_READ]
    index = mapper.draw_index(
        [mapper.IndexRow.of(flight) for flight in contents.flights],
        captures=contents.captures,
        results=contents.results,
        files=[
            {
                "name": row.name,
                "status": row.status,
                "reason": row.reason,
                "format": row.format,
                "flights": row.flights,
            }
            for row in contents.files
        ],
        yardstick=whole.yardstick,
        generated=options.generated,
        verdict=whole.verdict.line,
        unread=unread,
        local_zone=options.zone,
    )
    write_atomically(out / INDEX, index)
    write_atomically(out / TABLE, flights_csv(contents.flights))
    write_atomically(out / REPORT, whole.report)
    drawn = {Path(flight["page"]).name for flight in contents.flights if flight["page"]}
    for name in stale - drawn:
        (pages / name).unlink(missing_ok=True)
    finish(out)
