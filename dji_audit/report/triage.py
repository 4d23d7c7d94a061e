"""What needs a look first, and what could not be checked with what a unit can do about it."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.compliance.outcomes import NEEDS_LOOK, Outcome
from dji_audit.report import rows as report_rows
from dji_audit.report.file_status import FileStatus
from dji_audit.report.network_contact_rows import ContactRow, host_counts_text
from dji_audit.report.quarantine import QuarantinedFile, quarantined_files
from dji_audit.report.rows import (
    INTERNAL_FAULT,
    PAGE_NOT_WRITTEN,
    TIME_LIMIT,
    UNDECLARED_TRACK,
    ZONE_FILE,
)
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flights
from dji_audit.report.run_verdict import NO_FLIGHT

#: Most files of one kind that are each named with their reason; of more, the first.
_MOST_FILES_NAMED = 3
#: The same of files whose kind is the reason: a few words.
_MOST_KINDS_NAMED = 6
#: What can be done about a file of which little or nothing was read, by words of its reason.
_ACTIONS_BY_REASON = {
    TIME_LIMIT: "give more time with --timeout",
    INTERNAL_FAULT: "report the fault",
    PAGE_NOT_WRITTEN: "see whether the folder of --out can be written",
    "none of its packets of link type": "record the traffic on the tablet or at the router",
}
#: Statuses of files about which something can be done.
_STATUSES_TO_ACT_ON = (
    FileStatus.ENCRYPTED,
    FileStatus.UNREAD,
    FileStatus.UNOPENED,
    FileStatus.PARTIAL,
)
#: How a remedy begins that is told once, by the number of encrypted records, and the word in it
#: that stands for where the logs are.
_KEYS_REMEDY, _LOGS_FOLDER = "dji-audit keys request", "FOLDER"
#: Hosts of network logs of no flight that are named.
_MOST_HOSTS_NAMED = 6
#: The reason of a need that is met by what the unit supplies, and the option that names it.
_NOT_GIVEN, _OPTION = re.compile(r"No (.+) was given\."), re.compile(r"--[a-z-]+")


@dataclass(frozen=True, slots=True)
class UrgentRuleWithWorstFinding:
    """One rule that failed at a severity that needs a look, on some flights."""

    worst: report_rows.FindingRow
    #: The flight of the worst finding.
    flight: report_rows.FlightRow
    #: Number of flights on which it failed so.
    flight_count: int

    @property
    def worst_finding_sentence(self) -> str:
        """The worst finding as a sentence; the name of a file at its beginning stays as it is."""
        text = self.worst.summary.rstrip(".")
        files = (self.flight.file, *(source.file for source in self.flight.sources))
        names = tuple(name for file in files if (name := file.rsplit("/", 1)[-1]))
        return text if text.startswith(names) else sentence_case(text)


@dataclass(frozen=True, slots=True)
class RemedyForUnchecked:
    """One thing that a unit can do so that more is checked."""

    #: What was not checked and why; no full stop at its end.
    reason: str
    #: What to do: a command, an option, or words.
    action: str
    #: How many files the reason counts; 0: it counts none.
    file_count: int = 0
    #: The files to name, each with its own reason: few are all named, of many the first is an
    #: example.
    files_to_name: tuple[report_rows.FileRow, ...] = ()

    def with_log_folder_in_command(self, folder: str) -> "RemedyForUnchecked":
        """Return it with the folder of the logs in its command, where it has one."""
        return replace(self, action=self.action.replace(f" {_LOGS_FOLDER} ", f" {folder} "))

    @property
    def uncut_reason_with_file_names(self) -> str:
        """The reason with its files, uncut."""
        return reason_with_file_names(
            self, [(file.name, file.why_not_read) for file in self.files_to_name]
        )


def reason_with_file_names(remedy: RemedyForUnchecked, named: Sequence[tuple[str, str]]) -> str:
    """Return the reason of a remedy with names of its files, each with why it was not read."""
    if not named:
        return remedy.reason
    join = ": " if len(named) == remedy.file_count else ", such as "
    return remedy.reason + join + ", ".join(f"{name} ({why})" for name, why in named)


@dataclass(frozen=True, slots=True)
class ContactedHostsWithoutFlight:
    """Hosts in network logs that record no time of a flight."""

    #: How many there are, by what is shown of them; empty: there are none.
    counts_text: str
    #: How many lie outside the local network, and how many of these the catalogue knows.
    count: int
    known_count: int
    #: Those to name: the contacted ones first, of these those that the catalogue knows.
    to_name: tuple[ContactRow, ...]


@dataclass(frozen=True, slots=True)
class RunTriage:
    """What a person reads first of a run; as short as it would be for a hundred flights."""

    urgent: tuple[UrgentRuleWithWorstFinding, ...]
    remedies: tuple[RemedyForUnchecked, ...]
    hosts: ContactedHostsWithoutFlight
    #: The files that went wrong while they were read.
    quarantined: tuple[QuarantinedFile, ...]


def triage_of_run(contents: report_rows.RunContents) -> RunTriage:
    """Return what a person reads first of a run."""
    numbers: dict[str, int] = {}
    needs = _UnmetNeedCounts()
    simulated: set[str] = set()
    for number, flight in enumerate(rule_outcomes_of_flights(contents)):
        numbers[flight.id] = number
        if flight.simulated:
            simulated.add(flight.id)
        needs.add_flight(flight)
    return RunTriage(
        _urgent_failed_rules_of_run(contents, numbers, simulated),
        _remedies_for_unchecked_files_and_needs(contents, needs),
        _contacted_hosts_without_flight(contents.contacts),
        quarantined_files(contents.files),
    )


def _contacted_hosts_without_flight(contacts: Sequence[ContactRow]) -> ContactedHostsWithoutFlight:
    of_no_flight = [it for it in contacts if it.flight is None]
    hosts = [it for it in of_no_flight if not it.is_local]
    ordered = sorted(
        hosts,
        key=lambda it: (it.what_is_shown != "contacted", not it.operators, -it.row_count, it.host),
    )
    return ContactedHostsWithoutFlight(
        host_counts_text(of_no_flight),
        len(hosts),
        sum(bool(it.operators) for it in hosts),
        tuple(ordered[:_MOST_HOSTS_NAMED]),
    )


def _urgent_failed_rules_of_run(
    contents: report_rows.RunContents, numbers: Mapping[str, int], simulated: Collection[str]
) -> tuple[UrgentRuleWithWorstFinding, ...]:
    """Return the rules that need a look, the most urgent first, then those of most flights.

    Args:
        contents: The rows of the run.
        numbers: Id of a flight -> its number among them.
        simulated: The ids of the simulated flights, of which nothing is asked.
    """
    worst: dict[str, report_rows.FindingRow] = {}
    flights: dict[str, set[str]] = defaultdict(set)
    for finding in contents.findings:
        is_urgent = finding.severity.rank >= NEEDS_LOOK.rank
        if finding.outcome != Outcome.FAIL or not is_urgent or finding.flight in simulated:
            continue
        flights[finding.rule].add(finding.flight)
        known = worst.get(finding.rule)
        if known is None or _urgency_sort_key(finding) > _urgency_sort_key(known):
            worst[finding.rule] = finding
    shown = {finding.flight for finding in worst.values()}
    rows = {flight: contents.flights[numbers[flight]] for flight in shown}
    urgent = [
        UrgentRuleWithWorstFinding(finding, rows[finding.flight], len(flights[rule]))
        for rule, finding in worst.items()
    ]
    urgent.sort(key=lambda it: (-it.worst.severity.rank, -it.flight_count, it.worst.rule))
    return tuple(urgent)


def _urgency_sort_key(finding: report_rows.FindingRow) -> tuple[int, float, float]:
    """Return what is greatest for the worst finding of a rule, then for the earliest."""
    start = -finding.start.timestamp() if finding.start is not None else float("-inf")
    return finding.severity.rank, finding.peak or 0.0, start


def remedies_for_unchecked(contents: report_rows.RunContents) -> tuple[RemedyForUnchecked, ...]:
    """Return what could not be checked and what to do about it, what helps most first."""
    needs = _UnmetNeedCounts()
    for flight in rule_outcomes_of_flights(contents):
        needs.add_flight(flight)
    return _remedies_for_unchecked_files_and_needs(contents, needs)


def _remedies_for_unchecked_files_and_needs(
    contents: report_rows.RunContents, needs: "_UnmetNeedCounts"
) -> tuple[RemedyForUnchecked, ...]:
    found = []
    # Of the others nothing is to be done, and there may be many.
    to_do = [
        file
        for file in contents.files
        if file.advice
        or file.status in _STATUSES_TO_ACT_ON
        or file.reason.startswith((ZONE_FILE, UNDECLARED_TRACK))
    ]
    if encrypted := sum(file.status == FileStatus.ENCRYPTED and not file.advice for file in to_do):
        verb = "record is" if encrypted == 1 else "records are"
        found.append(
            RemedyForUnchecked(
                f"{encrypted:,} {verb} encrypted", f"{_KEYS_REMEDY} {_LOGS_FOLDER} -o request.json"
            )
        )
    recognised = [file for file in to_do if file.advice]
    found += _remedies_for_known_file_kinds(
        recognised,
        FileStatus.UNREAD,
        "may hold {a flight or a contact} and {was} not read",
    )
    found += _remedies_for_known_file_kinds(
        recognised, FileStatus.ENCRYPTED, "{needs} a password or a key"
    )
    found += _remedies_for_known_file_kinds(
        recognised,
        FileStatus.LEFT_OUT,
        "may hold {a flight or a contact} and {was} left out by the unit",
    )
    if zones := sum(file.reason.startswith(ZONE_FILE) for file in to_do):
        one = zones == 1
        reason = "1 zone file lies" if one else f"{zones:,} zone files lie"
        reason += f" among the logs and {'was' if one else 'were'} not used"
        found.append(RemedyForUnchecked(reason, f"name {'it' if one else 'them'} with --zones"))
    if tracks := sum(file.reason.startswith(UNDECLARED_TRACK) for file in to_do):
        one = tracks == 1
        reason = "1 track lies" if one else f"{tracks:,} tracks lie"
        reason += f" among the logs, and nobody said whose {'it is' if one else 'they are'}"
        found.append(
            RemedyForUnchecked(reason, f"name {'it' if one else 'each'} with --track FILE=pilot")
        )
    found += _clock_remedies(contents)
    if unmatched := contents.unmatched_acknowledgements:
        found.append(
            RemedyForUnchecked(unmatched.rstrip("."), "compare them with --all, or remove them")
        )
    files = [file for file in to_do if not file.advice]
    found += _file_remedies(
        files,
        FileStatus.UNREAD,
        "could not be read",
        "copy {it} again or leave {it} out",
    )
    found += _file_remedies(
        files,
        FileStatus.UNOPENED,
        "could not be opened",
        "check the path and who may read {it}",
    )
    partial = "copy {it} from the card again"
    partly_read = _file_remedies(files, FileStatus.PARTIAL, "could be read only in part", partial)
    found += [it for it in partly_read if it.action in _ACTIONS_BY_REASON.values()]
    found += needs.remedies()
    found += [it for it in partly_read if it.action not in _ACTIONS_BY_REASON.values()]
    found += _remedies_for_files_of_no_flight(contents)
    return tuple(found)


def _remedies_for_files_of_no_flight(
    contents: report_rows.RunContents,
) -> list[RemedyForUnchecked]:
    """Return that files beside flights belong to none of them, so that no rule looked at them."""
    if not contents.flights:
        return []
    count = sum(file.reason.startswith(NO_FLIGHT) for file in contents.files)
    if not count:
        return []
    verb = "belongs" if count == 1 else "belong"
    reason = f"{pluralised_count(count, 'file')} {verb} to no flight, so that no rule was applied"
    action = "add the flight records of that time; the index page lists the files"
    return [RemedyForUnchecked(reason, action)]


def _clock_remedies(contents: report_rows.RunContents) -> list[RemedyForUnchecked]:
    """Return which logs lack what a person could declare, and which declarations are of no use."""
    found = [
        RemedyForUnchecked(
            f"the clock declared for {clock.files} is not used: {clock.unused_because}",
            "correct --clock or leave it out",
        )
        for clock in contents.clocks
        if clock.unused_because
    ]
    by_lack: dict[str, list[str]] = defaultdict(list)
    for log in contents.undeclared_clocks:
        by_lack[log.unstated].append(log.name)
    for lack, names in by_lack.items():
        name = names[0].rpartition("/")[2]
        of_one = len(names) == 1
        count = f"{names[0]} does" if of_one else f"{len(names):,} network logs do"
        reason = f"{count} not state the {lack} of {'its' if of_one else 'their'} times"
        example = f"--clock '{name}=2026-05-14T10:00:00+01:00'"
        found.append(RemedyForUnchecked(reason, f"declare when it was begun: {example}"))
    return found


#: Words of a sentence about one file -> those about more.
_PLURALS = {
    "{a flight or a contact}": "flights or contacts",
    "{was}": "were",
    "{needs}": "need",
}


def _remedies_for_known_file_kinds(
    files: Sequence[report_rows.FileRow], status: str, what: str
) -> list[RemedyForUnchecked]:
    """Return what to do about files whose kind is known and that were not read, told together.

    Args:
        files: The files whose kind says what to do.
        status: The status of those that are meant.
        what: What is the matter with such a file, with words of ``_PLURALS``.
    """
    own = tuple(file for file in files if file.status == status)
    if not own:
        return []
    for singular, plural in _PLURALS.items():
        what = what.replace(singular, singular.strip("{}") if len(own) == 1 else plural)
    advice = {file.advice for file in own}
    each = "the index page and report.json say for each what to do with it"
    action = advice.pop() if len(advice) == 1 else each
    reason = f"{pluralised_count(len(own), 'file')} {what}"
    return [
        RemedyForUnchecked(
            reason, action, len(own), _all_few_files_or_first_of_many(own, _MOST_KINDS_NAMED)
        )
    ]


def _file_remedies(
    files: Sequence[report_rows.FileRow], status: str, what: str, action: str
) -> list[RemedyForUnchecked]:
    """Return what to do about the files of one status.

    Args:
        files: All files of the run.
        status: The status.
        what: What could not be done with such a file.
        action: What to do, with ``{it}`` for the file or files.
    """
    by_action: dict[str, list[report_rows.FileRow]] = defaultdict(list)
    for file in files:
        if file.status == status:
            special = (own for words, own in _ACTIONS_BY_REASON.items() if words in file.reason)
            by_action[next(special, action)].append(file)
    return [
        RemedyForUnchecked(
            f"{pluralised_count(len(own), 'file')} {what}",
            own_action.format(it="it" if len(own) == 1 else "them"),
            len(own),
            _all_few_files_or_first_of_many(own, _MOST_FILES_NAMED),
        )
        for own_action, own in by_action.items()
    ]


def _all_few_files_or_first_of_many(
    files: Sequence[report_rows.FileRow], most: int
) -> tuple[report_rows.FileRow, ...]:
    """Return all files where they are few, of many the first as an example."""
    return tuple(files[: len(files) if len(files) <= most else 1])


class _UnmetNeedCounts:
    """What rules lack on flights, by what the unit can do about it; nothing of simulated ones."""

    def __init__(self) -> None:
        self._reasons: dict[str, Counter[str]] = defaultdict(Counter)
        self._rules: dict[str, set[str]] = defaultdict(set)

    def add_flight(self, flight: report_rows.FlightRuleOutcomes) -> None:
        """Count what the rules lack on a flight."""
        for each in () if flight.simulated else flight.unmet_needs:
            if not each.remedy.startswith(_KEYS_REMEDY):
                self._reasons[each.remedy][each.reason] += 1
                self._rules[each.remedy].add(each.rule)

    def remedies(self) -> list[RemedyForUnchecked]:
        """Return what the unit can do so that more rules are checked.

        What was simply not given, and has an option, is told together.
        """
        reasons, rules = self._reasons, self._rules
        found, missing = [], {}
        for action in sorted(reasons, key=lambda it: (-reasons[it].total(), it)):
            reason, _ = reasons[action].most_common(1)[0]
            given, option = _NOT_GIVEN.fullmatch(reason), _OPTION.search(action)
            if given and option:
                missing[given[1]] = option[0], rules[action]
            else:
                text = f"{reason.rstrip('.')} ({_unchecked_rule_count_text(rules[action])})"
                found.append(RemedyForUnchecked(text, action[:1].lower() + action[1:].rstrip(".")))
        if missing:
            names = ", ".join(missing)
            what = f"No {names} was given" if len(missing) == 1 else f"Not given: {names}"
            options = ", ".join(dict.fromkeys(option for option, _ in missing.values()))
            every = set().union(*(own for _, own in missing.values()))
            found.insert(
                0, RemedyForUnchecked(f"{what} ({_unchecked_rule_count_text(every)})", options)
            )
        return found


def _unchecked_rule_count_text(rules: Collection[str]) -> str:
    return f"{pluralised_count(len(rules), 'rule')} not checked"
