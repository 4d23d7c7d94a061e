"""What a person reads first: in a few lines what needs a look, what was not checked, the verdict.

Whatever the run holds, there are never more than ``MAX_LINES`` lines of ``WIDTH`` cells.  What
does not fit is in ``--all``, on the pages and in the report.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dji_audit.cli._text_table import shorten_middle, text_width, wrap_text
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.output_folder import INDEX_FILE
from dji_audit.fleet.run import FinishedRun
from dji_audit.report.rows import FileRow
from dji_audit.report.triage import (
    ContactedHostsWithoutFlight,
    RemedyForUnchecked,
    RunTriage,
    UrgentRuleWithWorstFinding,
    reason_with_file_names,
)

#: Lines of the summary, and cells of each.
MAX_LINES, WIDTH = 15, 80
#: Cells of the word that begins a paragraph.
_HEAD = 9
#: Most lines of one finding where there is room.
_LINES_SENTENCE = 5
#: Lines of one finding, of one thing that was not checked, and of the verdict.
_LINES_FINDING, _LINES_REMEDY, _LINES_VERDICT = 2, 3, 7
#: Lines for the hosts of logs of no flight: where there is no flight, and beside flights.
_LINES_HOSTS, _LINES_HOSTS_BESIDE_FLIGHTS = 5, 2
#: Lines kept for what was not checked, however much needs a look.
_LINES_UNCHECKED = 4
#: Cells of a path beside which a command still fits on its line.
_SHORT_PLACE = 10
#: Cells of the name of a file that was not read.
_NAME_WIDTH = 44
#: Letters of a hash by which a person finds the file in the report.
_HASH_LETTERS = 8
#: How a user gets the pages that were not drawn.
_HOW_TO_DRAW_PAGES = "'dji-audit map LOG -o PAGE' draws one, 'audit --pages all' draws all"
#: Where the first clause of a reason ends, and the letters that make one.
_CLAUSE_END, _LEAST_CLAUSE = re.compile(r"[,;(]"), 15


@dataclass(frozen=True, slots=True)
class SummaryParagraph:
    """One thing to tell: the word that begins it, and its text."""

    head: str
    text: str
    #: Lines that it may take; a longer text ends with an ellipsis.
    most: int
    #: Text where there are fewer lines; empty: the same.
    shorter: str = ""

    def lines(self, room: int = MAX_LINES) -> list[str]:
        """Return it in lines of at most ``WIDTH`` cells, no more than there is room for."""
        wrapped = wrap_text(terminal_safe_text(self.text), WIDTH - _HEAD, min(self.most, room))
        return [
            f"{self.head if number == 0 else '':{_HEAD}}{line}".rstrip()
            for number, line in enumerate(wrapped)
        ]


def run_summary_lines(finished: FinishedRun, paths: Sequence[Path], out: Path | None) -> list[str]:
    """Return the summary of a run: at most ``MAX_LINES`` lines of ``WIDTH`` cells.

    Args:
        finished: The run.
        paths: What the user gave, for commands to run next.
        out: Folder of the results; ``None``: none were written.
    """
    end = _verdict_and_page_path_lines(finished, out)
    room = MAX_LINES - len(end)
    triage, folder = finished.triage, _evidence_path_or_word_if_too_long(paths)
    unchecked = [
        _unchecked_paragraph(remedy.with_log_folder_in_command(folder))
        for remedy in triage.remedies
    ]
    has_flights = finished.verdict.flights > 0
    first = _triage_paragraphs(triage, _LINES_FINDING, has_flights=has_flights)
    rest = _summary_lines_that_fit(
        unchecked, max(_LINES_UNCHECKED, room - _line_count_of_paragraphs(first))
    )
    left = room - len(rest)
    for most in range(_LINES_SENTENCE, _LINES_FINDING, -1):
        # Sentences are cut only where something else needs their lines.
        whole = _triage_paragraphs(triage, most, has_flights=has_flights)
        if _line_count_of_paragraphs(whole) <= left:
            first = whole
            break
    return [*_summary_lines_that_fit(first, left), *rest, *end]


def _triage_paragraphs(
    triage: RunTriage, most: int, *, has_flights: bool
) -> list[SummaryParagraph]:
    """Return what needs a look in some lines each, and the hosts of logs of no flight."""
    found = [
        SummaryParagraph("LOOK", text, most) for text in _urgent_rule_texts(triage.urgent, most)
    ]
    if hosts := _hosts_without_flight_text(triage.hosts):
        lines = _LINES_HOSTS_BESIDE_FLIGHTS if has_flights else _LINES_HOSTS
        found.append(SummaryParagraph("HOSTS", hosts, lines))
    return found


def _line_count_of_paragraphs(paragraphs: Sequence[SummaryParagraph]) -> int:
    return sum(len(paragraph.lines()) for paragraph in paragraphs)


def _verdict_and_page_path_lines(finished: FinishedRun, out: Path | None) -> list[str]:
    verdict = finished.verdict
    end = f". Exit {verdict.exit_code}."
    text, width = verdict.line + end, WIDTH - _HEAD
    if len(wrap_text(terminal_safe_text(text), width, _LINES_VERDICT + 1)) > _LINES_VERDICT:
        # The kinds are in the lines about what was not checked, and on the pages.
        text = verdict.short_line + end
    lines = SummaryParagraph("VERDICT", text, _LINES_VERDICT).lines()
    if finished.basis.as_of is not None:
        day = f"as of {finished.basis.as_of}, not of each flight's own date"
        lines += SummaryParagraph("RULES", day, 1).lines()
    if without := finished.flights_without_page:
        have = f"{pluralised_count(without, 'flight')} {'has' if without == 1 else 'have'} no page"
        lines += SummaryParagraph("PAGES", f"{have}: {_HOW_TO_DRAW_PAGES}", 2).lines()
    return [*lines, f"{'OPEN':{_HEAD}}{_path_of_page_to_open(out)}"]


def _path_of_page_to_open(out: Path | None) -> str:
    if out is None:
        return "nothing was written: add --out FOLDER for pages and report"
    path = terminal_safe_text(out / INDEX_FILE)
    # Half a path leads nowhere, and the user knows the folder.
    return path if text_width(path) <= WIDTH - _HEAD else f"{INDEX_FILE} in the folder of --out"


def _summary_lines_that_fit(paragraphs: Sequence[SummaryParagraph], room: int) -> list[str]:
    """Return as many paragraphs as fit whole in some lines, and a line that counts the others."""
    lines: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        rest = len(paragraphs) - number
        # The last line is kept for the count, unless this is the last paragraph.
        space = room - len(lines) - (rest > 1)
        if paragraph.shorter and len(paragraph.lines()) > space:
            paragraph = replace(paragraph, text=paragraph.shorter)
        if space < 1 or (number and len(paragraph.lines()) > space):
            text = f"and {rest} more: on the pages, or with --all"
            return [*lines, *SummaryParagraph(paragraph.head, text, 1).lines()]
        lines += paragraph.lines(space)
    return lines


def _urgent_rule_texts(rules: Sequence[UrgentRuleWithWorstFinding], most: int) -> Iterator[str]:
    """Yield what needs a look, the most urgent first: each failed rule by its worst finding.

    Args:
        rules: The rules that failed.
        most: Lines of each.
    """
    for urgent in rules:
        finding, flight = urgent.worst, urgent.flight
        aircraft = f"{wrap_text(flight.aircraft, 24, 1)[0]}, " if flight.aircraft else ""
        where = f"{aircraft}flight {flight.id}"
        if urgent.flight_count > 1:
            # Of the others the sentence need not be true.
            more = pluralised_count(urgent.flight_count - 1, "more flight")
            where += f"; {more} for the same rule, {finding.rule}"
        # The flight is what the reader opens next, so that the sentence is shortened first.
        room = most * (WIDTH - _HEAD) - text_width(where) - len(finding.severity) - 12
        local = f", {finding.local_time_text}" if finding.local_time_text else ""
        if text_width(urgent.worst_finding_sentence + local) <= room:
            # Where there is no room for both, the sentence with its UTC says more.
            where += local
        sentence = wrap_text(urgent.worst_finding_sentence, max(room, 30), 1)[0]
        yield f"{finding.severity.upper()}: {sentence} ({where})"


def _what_was_not_checked_and_remedy_text(remedy: RemedyForUnchecked) -> str:
    """Return what was not checked and what to do; the reason is shortened before the action."""
    # Words do not fill their lines: some cells of each are lost.
    room = max(_LINES_REMEDY * (WIDTH - _HEAD) - text_width(remedy.action) - 16, 40)
    reason = remedy.reason
    if text_width(reason) > room:
        # Its first clause says more than as many letters.
        first = _CLAUSE_END.split(reason, maxsplit=1)[0]
        reason = first if len(first) >= _LEAST_CLAUSE else reason
    return f"{wrap_text(reason, room, 1)[0]}: {remedy.action}"


def _unchecked_paragraph(remedy: RemedyForUnchecked) -> SummaryParagraph:
    """Return what was not checked and what to do, and where files are named a shorter form."""
    if not remedy.file_count:
        return SummaryParagraph(
            "CHECK", _what_was_not_checked_and_remedy_text(remedy), _LINES_REMEDY
        )
    return SummaryParagraph(
        "CHECK",
        _remedy_text_naming_files(remedy, remedy.files_to_name),
        _LINES_REMEDY - 1 + len(remedy.files_to_name),
        _remedy_text_naming_files(remedy, remedy.files_to_name[:1]),
    )


def _remedy_text_naming_files(remedy: RemedyForUnchecked, named: Sequence[FileRow]) -> str:
    """Return which files were not read, why, and what to do.

    Each file has a line. Its hash is left out and its reason shortened until the whole fits.
    """
    most = _LINES_REMEDY - 1 + len(named)
    all_named = len(named) == remedy.file_count
    action = remedy.action + ("" if all_named else "; --all and the index page name each")
    for room, has_hash in ((WIDTH, True), *((room, False) for room in range(WIDTH, 1, -1))):
        parts = [
            (
                _shortened_file_name(file.name),
                _first_clause_of_reason(file.why_not_read, room)
                + (_beginning_of_hash(file) if has_hash else ""),
            )
            for file in named
        ]
        text = f"{reason_with_file_names(remedy, parts)}: {action}"
        if len(wrap_text(text, WIDTH - _HEAD, most + 1)) <= most:
            break
    return text


def _beginning_of_hash(file: FileRow) -> str:
    """Return the beginning of the hash of a file whose kind is told; of others nothing."""
    if file.sha256 is None or file.why_not_read != file.kind:
        return ""
    return f", SHA-256 {file.sha256[:_HASH_LETTERS]}…"


def _shortened_file_name(path: str) -> str:
    """Return the name of a file or folder for a line that also gives a reason."""
    name = terminal_safe_text(path)
    if text_width(name) > _NAME_WIDTH and "/" in name.rstrip("/"):
        # The folders stand on the pages and in ``--all``.
        name = f"…/{name[name.rstrip('/').rfind('/') + 1 :]}"
    return shorten_middle(name, _NAME_WIDTH)


def _first_clause_of_reason(reason: str, room: int) -> str:
    """Return the first clause of the reason for a file, in some cells."""
    return wrap_text(terminal_safe_text(reason).split("; ", maxsplit=1)[0], room, 1)[0]


def _evidence_path_or_word_if_too_long(paths: Sequence[Path]) -> str:
    """Return where the logs are if a command with it fits on a line, else a word for it."""
    place = " ".join(map(str, paths))
    return place if place and text_width(place) <= _SHORT_PLACE else "FOLDER"


def _hosts_without_flight_text(hosts: ContactedHostsWithoutFlight) -> str:
    """Return which hosts the network logs that record no time of a flight show; empty: none."""
    if not hosts.count:
        return hosts.counts_text
    named = []
    for contact in hosts.to_name:
        notes = [*contact.operators[:1]]
        if contact.what_is_shown != "contacted":
            notes.append(contact.what_is_shown)
        named.append(contact.host + (f" ({'; '.join(notes)})" if notes else ""))
    unnamed = hosts.count - len(hosts.to_name)
    more = f" and {unnamed:,} more" if unnamed else ""
    known = f"{hosts.known_count:,} in the catalogue"
    return f"{hosts.counts_text}; {known}: {', '.join(named)}{more}"
