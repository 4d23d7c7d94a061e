"""One run: from paths to a folder with pages, index, table and report."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import parsers
from dji_audit import mapper
from dji_audit.compliance.audit import Yardstick, check_policy, yardstick
from dji_audit.compliance.case import NOTHING, WORDS, Brief, Case, load_case
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import Policy
from dji_audit.fleet.batch import audit_files
from dji_audit.fleet.inputs import LINK, Found, Input, copies, find
from dji_audit.fleet.worker import FileResult, Task, write_atomically
from dji_audit.media import grouped
from dji_audit.report.documents import SCHEMA, flights_csv, report_json
from dji_audit.report.rows import Contents, FileRow, capture_row
from dji_audit.report.verdict import NOT_READ, Verdict, judge

#: Reasons of files that are known for what they are and hold nothing to audit.
NO_EVIDENCE = ("keychains", *WORDS)
PAGES, INDEX, REPORT, TABLE = "flights", "index.html", "report.json", "flights.csv"


class OutputError(Exception):
    """The folder for the results cannot be used; the message says why."""


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
    case = load_case(options.brief, options.generated.date() if options.generated else None)
    found = find(paths)
    pages, stale = _prepare(options.out, paths) if options.out else (None, frozenset[str]())
    twins = copies(found.inputs)
    brought = _brought(found.inputs, options.brief)
    todo = [item for item in found.inputs if not {item.path} & (twins.keys() | brought.keys())]
    chains, bad = usable(found.keychains)
    task = Task(
        options.policy,
        tuple(dict.fromkeys((*options.keychains, *chains))),
        pages,
        options.generated,
        options.zone,
        options.key_store,
        case,
    )
    done = []
    for result in audit_files(todo, task, options.jobs, options.timeout_s):
        done.append(result)
        if progress:
            progress(len(done), len(todo), result.file.name)
    whole = _collect(done, [*_others(found, twins, brought), *bad], options, case)
    if options.out and pages:
        _write(whole, options, options.out, pages, stale)
    return whole


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


def _collect(
    done: Sequence[FileResult], others: Sequence[FileRow], options: Options, case: Case
) -> Run:
    files = sorted((*(result.file for result in done), *others), key=lambda row: row.name)
    flights = sorted(
        (flight for result in done for flight in result.flights),
        key=lambda flight: (flight["start"] or "9", flight["file"], flight["id"]),
    )
    order = {flight["id"]: place for place, flight in enumerate(flights)}
    results = sorted(
        (row for result in done for row in result.results), key=lambda row: order[row["flight"]]
    )
    findings = sorted(
        (row for result in done for row in result.findings), key=lambda row: order[row["flight"]]
    )
    streams = (stream for result in done for stream in result.streams)
    contents = Contents(
        tuple(files),
        tuple(flights),
        tuple(results),
        tuple(findings),
        tuple(capture_row(capture) for capture in grouped(streams)),
    )
    verdict = judge(contents, options.fail_on, options.allow_partial)
    measure = yardstick(options.policy, case)
    report = report_json(measure, options.generated, contents, verdict)
    return Run(contents, verdict, measure, report)


def _prepare(out: Path, paths: Sequence[Path]) -> tuple[Path, frozenset[str]]:
    """Return the folder for pages, never inside the evidence, and an earlier run's pages."""
    # The folder for pages may be a link that leads elsewhere.
    written = out.resolve(), (out / PAGES).resolve()
    for path in paths:
        if path.is_dir() and any(place.is_relative_to(path.resolve()) for place in written):
            raise OutputError(f"{out} lies inside {path}: nothing is written into evidence")
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file, not a folder")
        earlier = _earlier(out) if out.is_dir() and any(out.iterdir()) else frozenset()
        pages = out / PAGES
        pages.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: {(error.strerror or str(error)).lower()}") from error
    return pages, earlier


def _earlier(out: Path) -> frozenset[str]:
    """Return the names of an earlier run's pages; refuse a folder with anything else's work."""
    try:
        report = json.loads((out / REPORT).read_bytes())
        earlier = report.get("schema") == SCHEMA
        names = [flight.get("page") for flight in report.get("flights", [])]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit") from error
    if not earlier:
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit")
    # Only the name counts: a report is a file like any other and may be forged.
    return frozenset(
        Path(name).name for name in names if isinstance(name, str) and name.endswith(".html")
    )


def _write(whole: Run, options: Options, out: Path, pages: Path, stale: frozenset[str]) -> None:
    contents = whole.contents
    unread = [(row.name, row.reason) for row in contents.files if row.status in NOT_READ]
    index = mapper.draw_index(
        [mapper.IndexRow.of(flight) for flight in contents.flights],
        captures=contents.captures,
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
