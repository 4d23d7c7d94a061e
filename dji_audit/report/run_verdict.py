"""The verdict of a run: which flights need a look, and how much was not checked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

import parsers
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import joined_with_and, pluralised_count
from dji_audit.compliance.outcomes import REMARK, Outcome, Severity
from dji_audit.compliance.remarks_made_once_per_run import (
    RemarkOnSeveralFlights,
    remarks_on_several_flights,
)
from dji_audit.report.file_status import FileStatus
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_values import as_json_value
from dji_audit.report.network_contact_rows import host_counts_text
from dji_audit.report.rows import FileRow, FindingRow, RunContents
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flights

#: Statuses of files of which nothing was read, though they may hold evidence.
NOT_READ = (FileStatus.UNREAD, FileStatus.UNOPENED)
#: Statuses of files that could not be audited whole.
INCOMPLETE_STATUSES = (FileStatus.PARTIAL, FileStatus.ENCRYPTED, *NOT_READ)
#: Statuses of files of which nothing is missing.
_NOTHING_MISSING = (
    FileStatus.CONTAINER,
    FileStatus.NO_EVIDENCE,
    FileStatus.UNKNOWN,
    FileStatus.COPY,
    FileStatus.OTHER,
)
#: Kinds of files that a sentence names, of more the most frequent.
_MOST_KINDS = 4
#: How the reason of a file begins in whose log nothing flew, and of one that matches no flight.
DID_NOT_FLY, NO_FLIGHT = "did not fly", "belongs to no flight"
#: The reason of a file that was read and does not show whether anything flew.
_SHOWS_NOTHING = f"{NO_FLIGHT}: {parsers.NO_SIGN_OF_FLIGHT_OR_GROUND}"


#: Status of a file -> what was not checked of it.
_UNCHECKED = {
    FileStatus.ENCRYPTED: "encrypted",
    FileStatus.PARTIAL: "in part",
    FileStatus.UNREAD: "not at all",
    FileStatus.UNOPENED: "could not be opened",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerdict:
    """Counts of a run, the lines that sum them up, and the exit code."""

    #: Findings that break a rule and are not settled, and remarks, by severity.
    severities: Mapping[str, int]
    outcomes: Mapping[str, int]
    files: Mapping[str, int]
    flights_by_verdict: Mapping[FlightVerdict, int]
    flights: int
    flights_read_whole: int
    #: Files in whose log nothing flew.
    did_not_fly: int
    line: str
    #: The line without the kinds of the files that were not read.
    short_line: str
    exit_code: ExitCode
    #: Findings that are authorised, or that somebody looked at; they are counted nowhere else.
    authorised: int = 0
    acknowledged: int = 0
    #: What many flights have in common, said once.
    remarks: tuple[RemarkOnSeveralFlights, ...] = ()


def verdict_as_json(verdict: RunVerdict) -> JsonValue:
    """Return the verdict for the report."""
    return {
        "line": verdict.line,
        "exit_code": verdict.exit_code,
        "findings_by_severity": as_json_value(verdict.severities),
        "findings_authorised": verdict.authorised,
        "findings_acknowledged": verdict.acknowledged,
        "remarks": as_json_value(verdict.remarks),
        "rule_outcomes": as_json_value(verdict.outcomes),
        "files_by_status": as_json_value(verdict.files),
        "files_that_did_not_fly": verdict.did_not_fly,
        "flights": verdict.flights,
        "flights_by_verdict": as_json_value(verdict.flights_by_verdict),
        "flights_read_whole": verdict.flights_read_whole,
    }


@dataclass(frozen=True, slots=True)
class FileCountsByStatus:
    """How many files of a run are what; a kind is ``None`` where it is not known."""

    by_status: Counter[str]
    #: Kind of the files that may hold evidence and were not read, or were left out by the unit.
    unread_evidence: Counter[str | None]
    left_out_evidence: Counter[str | None]
    #: Kind of the files of which nothing is missing, because they are no logs.
    kinds_of_no_logs: Counter[str | None]
    #: Names of the files that could not be audited whole.
    incomplete: frozenset[str]
    did_not_fly: int
    #: Files that were read and do not show whether anything flew.
    shows_nothing: int
    #: Other files that match no flight.
    no_flight: int


def count_files_by_status(rows: Iterable[FileRow]) -> FileCountsByStatus:
    """Return the counts of some files, each of which is looked at once."""
    counts = FileCountsByStatus(Counter(), Counter(), Counter(), Counter(), frozenset(), 0, 0, 0)
    incomplete: set[str] = set()
    did_not_fly = shows_nothing = no_flight = 0
    for file in rows:
        counts.by_status[file.status] += 1
        if file.is_possible_evidence:
            counts.unread_evidence[file.kind] += 1
        if file.is_left_out_evidence:
            counts.left_out_evidence[file.kind] += 1
        if file.status in _NOTHING_MISSING:
            counts.kinds_of_no_logs[file.kind] += 1
        if file.status in INCOMPLETE_STATUSES:
            incomplete.add(file.name)
        did_not_fly += file.reason.startswith(DID_NOT_FLY)
        shows_nothing += file.reason == _SHOWS_NOTHING
        no_flight += file.reason.startswith(NO_FLIGHT) and file.reason != _SHOWS_NOTHING
    return replace(
        counts,
        incomplete=frozenset(incomplete),
        did_not_fly=did_not_fly,
        shows_nothing=shows_nothing,
        no_flight=no_flight,
    )


def verdict_of_run(contents: RunContents, fail_on: Severity, allow_partial: bool) -> RunVerdict:
    """Return the verdict of a run.

    Simulated flights are counted by themselves: their findings decide nothing.

    Args:
        contents: What the run holds.
        fail_on: The least severity that makes the exit code 1.
        allow_partial: Whether an incomplete run may exit with 0 or 1.
    """
    files = count_files_by_status(contents.files)
    flights: Counter[FlightVerdict] = Counter()
    simulated: set[str] = set()
    read_whole = 0
    outcomes: Counter[Outcome] = Counter()
    for flight in rule_outcomes_of_flights(contents):
        flights[flight.verdict] += 1
        outcomes.update(flight.outcomes)
        if flight.simulated:
            simulated.add(flight.id)
        read_whole += files.incomplete.isdisjoint(flight.files)
    severities: Counter[Severity] = Counter()
    settled: Counter[str] = Counter()

    def counted_findings() -> Iterator[tuple[str, FindingRow]]:
        for finding in contents.findings:
            if finding.flight in simulated:
                continue
            settled[finding.outcome] += 1
            if finding.outcome in (Outcome.FAIL, REMARK) and not finding.run_remark:
                is_remark = finding.outcome == REMARK
                severities[Severity.REMARK if is_remark else finding.severity] += 1
            yield finding.flight, finding

    remarks = remarks_on_several_flights(counted_findings())
    if contents.unmatched_acknowledgements:
        remarks += (RemarkOnSeveralFlights("", contents.unmatched_acknowledgements, ()),)
    severities[Severity.REMARK] += len(remarks)
    line, short_line = (
        _verdict_sentences(contents, flights, files, _settled_findings_text(settled), most_kinds)
        for most_kinds in (_MOST_KINDS, 0)
    )
    return RunVerdict(
        severities={level.value: severities[level] for level in reversed(Severity)},
        outcomes={name.value: outcomes[name] for name in Outcome},
        files={
            name.value: files.by_status[name]
            for name in (
                FileStatus.READ,
                *INCOMPLETE_STATUSES,
                FileStatus.LEFT_OUT,
                *_NOTHING_MISSING,
            )
        },
        flights_by_verdict={name: flights[name] for name in FlightVerdict},
        flights=len(contents.flights),
        flights_read_whole=read_whole,
        did_not_fly=files.did_not_fly,
        line=line,
        short_line=short_line,
        exit_code=_exit_code_of_run(contents, files, severities, fail_on, allow_partial),
        authorised=settled[Outcome.FAIL_AUTHORISED],
        acknowledged=settled[Outcome.FAIL_ACKNOWLEDGED],
        remarks=remarks,
    )


def _exit_code_of_run(
    contents: RunContents,
    files: FileCountsByStatus,
    severities: Counter[Severity],
    fail_on: Severity,
    allow_partial: bool,
) -> ExitCode:
    statuses = files.by_status.keys()
    anything = contents.flights or contents.captures or contents.contacts or files.did_not_fly
    if statuses.isdisjoint((FileStatus.READ, FileStatus.PARTIAL)) or not anything:
        is_unopened = FileStatus.UNOPENED in statuses
        return ExitCode.USAGE_OR_IO if is_unopened else ExitCode.NOTHING
    # What the unit itself leaves out was not checked either.
    is_partial = not statuses.isdisjoint(INCOMPLETE_STATUSES) or bool(files.left_out_evidence)
    if not allow_partial and is_partial:
        return ExitCode.INCOMPLETE
    failing = any(severities[level] for level in Severity if level.rank >= fail_on.rank)
    return ExitCode.NEEDS_LOOK if failing else ExitCode.DONE


def _verdict_sentences(
    contents: RunContents,
    flights: Counter[FlightVerdict],
    files: FileCountsByStatus,
    settled: str,
    most_kinds: int,
) -> str:
    """Return the verdict in sentences: what needs a look, what is clean, what was not checked."""
    parts = [*_flight_counts_by_verdict_sentences(flights)] if contents.flights else []
    parts += [settled] if settled else []
    hosts = host_counts_text(it for it in contents.contacts if it.flight is None)
    simulated = flights[FlightVerdict.SIMULATED]
    if not (parts or contents.captures or hosts or files.did_not_fly or simulated):
        return f"Nothing was audited: {'; '.join(_reasons_nothing_was_audited(files))}"
    if not parts:
        parts.append("No flight to audit")
    no_flight = files.no_flight if contents.flights else 0
    if aside := _flights_not_counted_text(
        simulated, files.did_not_fly, files.shows_nothing, no_flight
    ):
        parts.append(f"Not counted: {aside}")
    if contents.captures and not contents.flights:
        parts.append(f"{pluralised_count(len(contents.captures), 'capture')} in media files")
    if hosts:
        parts.append(f"Network logs of no flight: {hosts}")
    parts += _file_count_sentences(files, most_kinds)
    return ". ".join(parts)


def _file_count_sentences(files: FileCountsByStatus, most_kinds: int) -> list[str]:
    """Return what was not read, the files that may hold evidence first, and what was."""
    status, evidence = files.by_status, files.unread_evidence.total()
    sentences = [unread_files_sentence(files.unread_evidence, most_kinds)] if evidence else []
    told_apart = status - Counter({FileStatus.UNREAD: evidence})
    partly = [
        f"{told_apart[name]:,} {text}" for name, text in _UNCHECKED.items() if told_apart[name]
    ]
    total = sum(status[name] for name in (FileStatus.READ, *INCOMPLETE_STATUSES))
    of = pluralised_count(total, "file")
    if partly:
        sentences.append(f"Not read in full: {', '.join(partly)} (of {of})")
    elif evidence:
        sentences.append(f"{status[FileStatus.READ]:,} of {of} read in full")
    else:
        sentences.append(f"{of} read in full")
    sentences += left_out_files_sentences(files, most_kinds)
    if unknown := status[FileStatus.UNKNOWN]:
        verb = "is" if unknown == 1 else "are"
        sentences.append(f"{pluralised_count(unknown, 'file')} {verb} of a kind that is not known")
    return sentences


def _reasons_nothing_was_audited(files: FileCountsByStatus) -> Iterator[str]:
    """Yield why a run audited nothing; each at least one."""
    status, evidence = files.by_status, files.unread_evidence.total()
    if not any(status.values()):
        yield "no log was found"
    if evidence:
        yield unread_files_sentence(files.unread_evidence)
    lost = sum(status[name] for name in NOT_READ) - evidence
    if lost:
        yield f"{pluralised_count(lost, 'file')} could not be read"
    if locked := status[FileStatus.ENCRYPTED]:
        yield f"{pluralised_count(locked, 'file')} {'needs' if locked == 1 else 'need'} a key"
    if partial := status[FileStatus.PARTIAL]:
        was, them = ("was", "it") if partial == 1 else ("were", "them")
        files_in_part = f"{pluralised_count(partial, 'file')} {was} read only in part"
        yield f"{files_in_part}, and no flight was seen in {them}"
    if empty := status[FileStatus.READ]:
        verb = "holds" if empty == 1 else "hold"
        yield f"{pluralised_count(empty, 'file')} {verb} no flight"
    yield from left_out_files_sentences(files)
    if rest := sum(status[name] for name in _NOTHING_MISSING):
        verb = "is not a log" if rest == 1 else "are not logs"
        kinds = most_frequent_file_kinds_text(files.kinds_of_no_logs.elements())
        yield f"{pluralised_count(rest, 'file')} {verb}" + (f" ({kinds})" if kinds else "")


def unread_files_sentence(unread: Counter[str | None], most_kinds: int = _MOST_KINDS) -> str:
    """Return how many files may hold evidence and were not read, and what they look like.

    Args:
        unread: How many of them are of each kind; ``None``: it is not known.
        most_kinds: Kinds that are named.
    """
    one = unread.total() == 1
    what = (
        "may hold a flight or a contact and was" if one else "may hold flights or contacts and were"
    )
    kinds = most_frequent_file_kinds_text(unread.elements(), most_kinds) if most_kinds else ""
    sentence = f"{pluralised_count(unread.total(), 'file')} {what} not read"
    return sentence + (f": {kinds}" if kinds else "")


def left_out_files_sentences(files: FileCountsByStatus, most_kinds: int = _MOST_KINDS) -> list[str]:
    """Return how many files the unit leaves out, those that may hold evidence first."""
    evidence = files.left_out_evidence.total()
    sentences = []
    if evidence:
        one = evidence == 1
        what = "may hold a flight or a contact" if one else "may hold flights or contacts"
        kinds = (
            most_frequent_file_kinds_text(files.left_out_evidence.elements(), most_kinds)
            if most_kinds
            else ""
        )
        sentences.append(
            f"{pluralised_count(evidence, 'file')} that {what} {'was' if one else 'were'} "
            f"left out by the unit{f': {kinds}' if kinds else ''}"
        )
    if others := files.by_status[FileStatus.LEFT_OUT] - evidence:
        more = "other file" if evidence else "file"
        verb = "was" if others == 1 else "were"
        sentences.append(f"{pluralised_count(others, more)} {verb} left out by the unit")
    return sentences


def most_frequent_file_kinds_text(kinds: Iterable[str | None], most: int = _MOST_KINDS) -> str:
    """Return what some files are or look like, the most frequent first; empty: not known of any.

    Args:
        kinds: The kind of each file, if it is known.
        most: Kinds that are named.
    """
    counts = Counter(filter(None, kinds))
    order = sorted(counts, key=lambda kind: (-counts[kind], kind))
    named = [f"{kind} ({counts[kind]:,})" if counts[kind] > 1 else kind for kind in order[:most]]
    rest = len(order) - most
    return ", ".join(named) + (f" and {pluralised_count(rest, 'more kind')}" if rest > 0 else "")


def _settled_findings_text(outcomes: Mapping[str, int]) -> str:
    """Return how many findings are settled, so that they count no more; empty: none."""
    found = [
        f"{outcomes[outcome]:,} {word}"
        for outcome, word in (
            (Outcome.FAIL_AUTHORISED, "authorised"),
            (Outcome.FAIL_ACKNOWLEDGED, "acknowledged"),
        )
        if outcomes[outcome]
    ]
    return f"Findings that no longer count: {', '.join(found)}" if found else ""


def _flight_counts_by_verdict_sentences(flights: Counter[FlightVerdict]) -> list[str]:
    """Return how many flights need a look, have notes, are clean or were not checked."""
    real = sum(flights.values()) - flights[FlightVerdict.SIMULATED]
    if not real:
        return []
    looks, notes = flights[FlightVerdict.NEEDS_LOOK], flights[FlightVerdict.NOTE]
    noun, verb = "flights", "needs" if looks == 1 else "need"
    if looks == real == 1:
        noun = "flight"
    first = f"{looks:,} of {real:,} {noun} {verb} a look"
    first += f", {notes:,} more only a note" if notes else ""
    rest = [f"{flights[FlightVerdict.CLEAN]:,} clean and checked"]
    rest += [
        f"{flights[verdict]:,} {words}"
        for verdict, words in (
            (FlightVerdict.CLEAN_IN_PART, "clean as far as they could be checked"),
            (FlightVerdict.NOT_CHECKED, "could not be checked"),
        )
        if flights[verdict]
    ]
    return [first, ", ".join(rest)]


def _flights_not_counted_text(
    simulated: int, did_not_fly: int, shows_nothing: int, no_flight: int
) -> str:
    """Return what is left out of the verdict on flights; empty: nothing."""
    parts = [pluralised_count(simulated, "simulated flight")] if simulated else []
    if did_not_fly:
        parts.append(f"{pluralised_count(did_not_fly, 'log')} in which nothing flew")
    if shows_nothing:
        verb = "does" if shows_nothing == 1 else "do"
        parts.append(
            f"{pluralised_count(shows_nothing, 'log')} that {verb} not show whether anything flew"
        )
    if no_flight:
        verb = "belongs" if no_flight == 1 else "belong"
        parts.append(f"{pluralised_count(no_flight, 'file')} that {verb} to no flight")
    return joined_with_and(parts)
