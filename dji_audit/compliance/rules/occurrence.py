"""There was no event in the air that may have to be reported as an occurrence.

The rule lists what aircraft and app reported between take-off and landing: a control link lost
for long, a fail-safe, a failure of a motor or another part, a crash, an aircraft that could not
return, and motors that stopped while it was above the ground.  A report that lasts for less than a
stated time is a remark; one made on the ground is none.  One happening is one finding.  People
decide whether an occurrence must be reported.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dji_audit.common.plain_english import duration_text, pluralised_count, sentence_case
from dji_audit.compliance.data_needs import fact_in_air_data_need
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import (
    Parameters,
    non_negative_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared import _logged_events as logged_events
from dji_audit.compliance.rules._shared._event_episodes import (
    EventEpisode,
    group_into_event_episodes,
    merge_findings_into_one,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._failed_return_to_home import (
    FailedReturnToHome,
    first_failed_return_to_home,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence, height_text
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    carries_fact_in_understood_form,
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._which_events_were_airborne import FlightStateIndex
from dji_audit.flights import Flight
from parsers import FACTS

#: Faults that end flights; other faults have a lower severity.
_GRAVE = re.compile(
    r"motor|engine|esc\b|propell|thrust|enough force|crash|collision|flip|parachute|critical", re.I
)
_CRASH = re.compile(r"crash|collision|flip", re.I)
_FAILSAFE = re.compile(r"fail-?safe", re.I)
#: What an aircraft does by itself because it can no longer fly on: DJI's flight actions.
_FORCED_ACTION = re.compile(
    r"(smart power|low power warning|low voltage), landing|signal lost|motor blocked|IMU error"
    r"|flight controller protection|forced landing, battery|counterfeit battery",
    re.I,
)
#: What the aircraft reports of a landing that it began by itself.
_FORCED_LANDING = re.compile(r"forced landing", re.I)
#: Fail-safes and actions that answer a lost link.
_OF_THE_LINK = re.compile(
    r"signal lost|radio fail-?safe|fail-?safe RTH|\brc\b.{0,200}fail-?safe", re.I
)
_LANDING_MODE = re.compile(r"\bauto(matic)?[ .]?land(ing)?\b|\bq?land\b|force landing", re.I)
_CHECKED_BEFORE_FLIGHT = re.compile(r"^pre-?(arm|flight)", re.I)
#: Seconds before the take-off in which the motors already carry part of the weight.
_BEFORE_S = 2.0
#: Seconds after the landing in which a crash may still be reported.
_AFTERMATH_S = 10.0
#: A landing that was under way for so long was not forced by what is reported during it.
_UNDER_WAY_S = 2.0
#: Reports of one kind no farther apart than this are one happening.
_BRIDGE_S = 60.0
#: Reports that stand as evidence of one finding.
_MAX_EVIDENCE = 20


class OccurrenceParameters(Parameters):
    """Parameters of the rule."""

    link_lost_s: float = non_negative_parameter_field(
        10.0, "Seconds from which a lost link is an occurrence."
    )
    fault_s: float = non_negative_parameter_field(
        3.0, "Seconds in the air from which a fault is an occurrence."
    )
    motors_off_above_m: float = non_negative_parameter_field(
        5.0, "Metres above take-off from which stopped motors are an occurrence."
    )
    fly_away_m: float = positive_parameter_field(
        100.0, "Metres by which an aircraft that is to return may come farther from home."
    )


@dataclass(frozen=True, slots=True)
class _EventJudgedAsOccurrence(logged_events.ClassifiedEvent):
    """One report in the air, and what it amounts to."""

    #: What is said of it.
    text: str
    #: ``None``: a remark.
    severity: Severity | None


_NEEDED_FACTS = ("motor_fault", "link_loss", "failsafe")
_KINDS = ("link.lost", "failsafe", "fault", "battery", "action", "disarm")


def check(flight: Flight, parameters: OccurrenceParameters, inputs: RuleInputs) -> CheckResult:
    """List the occurrences reported in the air."""
    states = FlightStateIndex(flight)
    reports = [
        report
        for event in logged_events.logged_events_of_kinds(flight, _KINDS)
        if (
            report := _judge_event_as_occurrence(flight, states, event, parameters, inputs.severity)
        )
    ]
    fly_away = first_failed_return_to_home(
        flight, states, _propulsion_faults(reports), parameters.fly_away_m
    )
    findings = [
        _episode_finding(flight, episode, inputs)
        for episode in group_into_event_episodes(
            _without_consequential_events(reports), _key_shared_by_same_occurrence, _BRIDGE_S
        )
    ]
    if fly_away is not None:
        findings = _merge_findings_into_fly_away(flight, states, fly_away, findings, inputs)
    count = sum(not finding.informational for finding in findings)
    if not count and _may_have_stopped_in_air(flight, states):
        return CheckResult.not_assessable_because(
            "The motors stopped at an unknown height, and no log shows a landing: it is not known "
            "whether the aircraft was on the ground.",
            findings,
        )
    if not count:
        reason = "No occurrence was reported in the air; this is not proof."
        if findings:
            reason = (
                "What was reported in the air was too brief for an occurrence "
                f"({pluralised_count(len(findings), 'remark')}); this is not proof."
            )
        reason += _records_that_would_show_occurrences_text(flight)
        return CheckResult(Outcome.PASS, reason, tuple(findings))
    return CheckResult(
        Outcome.FAIL, f"{pluralised_count(count, 'occurrence')} in the air.", tuple(findings)
    )


def _records_that_would_show_occurrences_text(flight: Flight) -> str:
    """Return what would have shown each kind of occurrence, as sentences; empty: nothing would."""
    shown = defaultdict[str, list[str]](list)
    for fact in _NEEDED_FACTS:
        bases = dict.fromkeys(
            source.log.facts[fact].basis
            for source in flight.sources
            if carries_fact_in_understood_form(source.log, fact)
        )
        shown[" or ".join(bases)].append(FACTS[fact])
    told = {basis: ", ".join(facts) for basis, facts in shown.items() if basis}
    return "".join(
        f" {sentence_case(facts)} would show in {basis}." for basis, facts in told.items()
    )


def _judge_event_as_occurrence(
    flight: Flight,
    states: FlightStateIndex,
    event: logged_events.LoggedEvent,
    parameters: OccurrenceParameters,
    full: Severity,
) -> _EventJudgedAsOccurrence | None:
    """Return what an event amounts to; ``None``: nothing, or it was on the ground."""
    span = states.airborne_part_of_event(
        event,
        _BEFORE_S if _is_fail_safe(event) else 0.0,
        _AFTERMATH_S if _CRASH.search(event.text) else 0.0,
    )
    if span is None or _CHECKED_BEFORE_FLIGHT.search(event.text):
        return None
    if event.kind == "disarm":
        return _judge_motor_stop(event, flight.landing, states, parameters.motors_off_above_m, full)
    low = span.height_m is not None and span.height_m <= parameters.motors_off_above_m
    if event.kind == "action":
        forced = _FORCED_ACTION.search(event.text)
        return _EventJudgedAsOccurrence(event, event.text, full) if forced and not low else None
    if event.severity in ("info", "notice") or event.grade == "inferred":
        # An event inferred from a gap in the log is not a report of the aircraft.
        return None
    height = "" if span.height_m is None else f", {height_text(span.height_m)}"
    text = f"{event.text.rstrip('.')}{height}"
    if _is_fail_safe(event):
        # The bit stands in the last metres of a landing by hand too.
        if low and _FORCED_LANDING.search(event.text):
            return None
        return (
            None
            if _is_landing_under_way(states, event)
            else _EventJudgedAsOccurrence(event, text, full)
        )
    if event.kind == "battery":
        return _EventJudgedAsOccurrence(event, text, full) if event.severity == "serious" else None
    if event.kind == "link.lost":
        return _judge_lost_link(event, text, span.duration_s, parameters, full)
    if span.duration_s is not None and span.duration_s < parameters.fault_s:
        # What began with the landing was not in the air; what one record states is just brief.
        began_at_landing = span.duration_s == 0 and bool(event.duration_s)
        return None if began_at_landing else _EventJudgedAsOccurrence(event, text, None)
    lighter = min(Severity.LOW, full, key=lambda it: it.rank)
    return _EventJudgedAsOccurrence(event, text, full if _GRAVE.search(event.text) else lighter)


def _is_fail_safe(event: logged_events.LoggedEvent) -> bool:
    return event.kind == "failsafe" or bool(_FAILSAFE.search(event.text))


def _judge_lost_link(
    event: logged_events.LoggedEvent,
    text: str,
    duration_s: float | None,
    parameters: OccurrenceParameters,
    full: Severity,
) -> _EventJudgedAsOccurrence | None:
    if duration_s is None:
        return _EventJudgedAsOccurrence(event, f"{text}, for how long is not known,", full)
    return _EventJudgedAsOccurrence(
        event, text, full if duration_s >= parameters.link_lost_s else None
    )


def _judge_motor_stop(
    event: logged_events.LoggedEvent,
    landing: pd.Timestamp | None,
    states: FlightStateIndex,
    above_m: float,
    full: Severity,
) -> _EventJudgedAsOccurrence | None:
    """Return a report if the motors stopped above a height, or may have.

    Motors that stop before a landing in the log are an occurrence at an unknown height too.
    """
    time = event.time
    if time is None or (landing is not None and time >= landing):
        return None
    height = states.height_above_takeoff_m_at(time)
    if height is None:
        if landing is None:
            return None
        text = f"{event.text}, before the landing, at an unknown height"
        return _EventJudgedAsOccurrence(event, text, full)
    if height <= above_m or states.stood_on_ground_before(time):
        return None
    return _EventJudgedAsOccurrence(event, f"{event.text}, {height_text(height)}", full)


def _may_have_stopped_in_air(flight: Flight, states: FlightStateIndex) -> bool:
    """Return whether motors stopped, perhaps in the air: at no known height, without a landing."""
    return flight.landing is None and any(
        span.height_m is None
        for event in logged_events.logged_events_of_kinds(flight, ["disarm"])
        if (span := states.airborne_part_of_event(event))
    )


def _is_landing_under_way(states: FlightStateIndex, event: logged_events.LoggedEvent) -> bool:
    """Return whether the aircraft was already landing by itself when an event began."""
    mode, since_s = states.flight_mode_and_duration_s_at(event.time)
    return bool(_LANDING_MODE.search(mode)) and since_s >= _UNDER_WAY_S


def _propulsion_faults(
    reports: Sequence[_EventJudgedAsOccurrence],
) -> list[logged_events.LoggedEvent]:
    return [
        report.event
        for report in reports
        if report.event.kind == "fault" and report.severity is not None
    ]


def _without_consequential_events(
    reports: Sequence[_EventJudgedAsOccurrence],
) -> Iterator[_EventJudgedAsOccurrence]:
    """Yield reports without motor stops that a crash explains, and actions that a report tells."""
    crashes = group_into_event_episodes(
        (it for it in reports if _CRASH.search(it.event.text) or it.event.kind == "disarm"),
        lambda _report: "",
        _AFTERMATH_S,
    )
    explained = {
        id(report)
        for episode in crashes
        if any(_CRASH.search(it.event.text) for it in episode.parts)
        for report in episode.parts
        if report.event.kind == "disarm"
    }
    yield from (report for report in reports if id(report) not in explained)


def _key_shared_by_same_occurrence(report: _EventJudgedAsOccurrence) -> str:
    """Return what reports of one happening share: brief ones never join those that count.

    A lost link and the fail-safe that answers it are one; so is a crash in several words.
    """
    name = re.sub(r"(?<![\d.,])[\d.,]++ ?s\b", "", report.event.text)
    what = f"{report.event.kind}|{name}"
    if report.event.kind == "link.lost" or _OF_THE_LINK.search(report.event.text):
        what = "link"
    if _CRASH.search(report.event.text):
        what = "crash"
    return f"{report.severity is None}|{what}"


def _episode_finding(
    flight: Flight, episode: EventEpisode[_EventJudgedAsOccurrence], inputs: RuleInputs
) -> Finding:
    """Return reports of one kind that follow one another as one finding."""
    reports = episode.parts
    first = reports[0]
    is_remark = all(report.severity is None for report in reports)
    severity = max(
        (report.severity or Severity.REMARK for report in reports), key=lambda it: it.rank
    )
    text = first.text
    names = dict.fromkeys(_event_text_without_duration(report) for report in reports)
    if len(names) > 1 and not is_remark:
        text = text.rstrip(",") + f", then {'; '.join(list(names)[1:])},"
    elif len(reports) > 1:
        text = text.rstrip(",") + f", the first of {len(reports)} such reports"
        lasted = [it for report in reports if (it := report.event.duration_s) is not None]
        text += f", at most {duration_text(max(lasted))} long," if lasted else ","
    elif first.event.time is None and first.event.duration_s:
        # The sentence states no times that would show it.
        text += f", for {duration_text(first.event.duration_s)}"
    summary = finding_sentence(
        text, flight, episode.start, episode.end, how=f"{first.event.grade} by aircraft or app"
    )
    parts = [
        replace(
            logged_events.event_finding(
                flight, report.event, inputs, summary=summary, severity=severity
            ),
            informational=is_remark,
            subject=report.event.kind,
        )
        for report in reports[:_MAX_EVIDENCE]
    ]
    return merge_findings_into_one(parts, summary, severity=severity)


def _event_text_without_duration(report: _EventJudgedAsOccurrence) -> str:
    """Return what was reported, without how long it lasted."""
    return re.sub(r" for [\d.,]+ ?s\b", "", report.event.text).rstrip(".")


def _merge_findings_into_fly_away(
    flight: Flight,
    states: FlightStateIndex,
    fly_away: FailedReturnToHome,
    findings: Sequence[Finding],
    inputs: RuleInputs,
) -> list[Finding]:
    """Return findings of which those of a fly-away are one that tells it as a whole."""
    slack = pd.Timedelta(seconds=_BRIDGE_S)
    parts: list[Finding] = []
    others: list[Finding] = []
    for finding in findings:
        is_part = (
            finding.start is not None and fly_away.start <= finding.start <= fly_away.end + slack
        )
        (parts if is_part else others).append(finding)
    causes = "; ".join(dict.fromkeys(part.evidence[0].value for part in parts))
    duration = duration_text((fly_away.end - fly_away.start).total_seconds())
    height = states.height_above_takeoff_m_at(fly_away.end)
    summary = (
        f"the aircraft could not return: {fly_away.first_m:.0f} m from its home point when the "
        f"return began at {fly_away.start:%H:%M:%S} UTC, {fly_away.farthest_m:.0f} m from it "
        f"{duration} later"
        + (f", {height_text(height)}" if height is not None else "")
        + (f"; reported meanwhile: {causes}" if causes else "")
        + ("; the log ends in the air" if flight.landing is None else "")
    )
    own = logged_events.event_finding(flight, fly_away.event, inputs, summary=summary)
    whole = merge_findings_into_one([own, *parts], summary, peak=fly_away.farthest_m)
    return [*others, whole]


_TAKEOFF = {"kind": "takeoff", "time": 0}
_FLOWN = (_TAKEOFF, {"kind": "landing", "time": 29})
_HIGH = [20.0] * 30
_UNKNOWN_HEIGHT = [float("nan")] * 30


def _make_example_event(
    kind: str, time: float, text: str, seconds: float = 0.0
) -> dict[str, object]:
    severity = "serious" if "failed" in text else "warning"
    end = {"end": time + seconds} if seconds else {}
    return {"kind": kind, "time": time, "severity": severity, "text": text} | end


def _example_lost_link(seconds: float) -> dict[str, object]:
    return _make_example_event("link.lost", 5, f"controller signal lost for {seconds:g} s", seconds)


def _example_flight_with_occurrences(
    outcome: Outcome,
    description: str,
    *reports: dict[str, object],
    heights: Sequence[float] = _HIGH,
    flown: tuple[dict[str, object], ...] = _FLOWN,
) -> ExampleFlight:
    """Return an example: a flight of half a minute with some reports."""
    track = hover_example_track_at_heights(*heights)
    return ExampleFlight(outcome, description, track, events=(*flown, *reports))


_NEEDS = (
    *(fact_in_air_data_need(fact) for fact in _NEEDED_FACTS),
    takeoff_and_landing_data_need(),
)
_EXAMPLES = (
    _example_flight_with_occurrences(
        Outcome.PASS, "a control link that is lost for 3 s", _example_lost_link(3)
    ),
    _example_flight_with_occurrences(
        Outcome.FAIL, "a control link that is lost for 12 s", _example_lost_link(12)
    ),
    _example_flight_with_occurrences(
        Outcome.FAIL,
        "motors that stop 20 m above the take-off point",
        {"kind": "disarm", "time": 9, "text": "off"},
        flown=(_TAKEOFF,),
    ),
    _example_flight_with_occurrences(
        Outcome.FAIL,
        "motors that stop before the landing, at a height that is not known",
        {"kind": "disarm", "time": 9, "text": "off"},
        heights=_UNKNOWN_HEIGHT,
    ),
    _example_flight_with_occurrences(
        Outcome.NOT_ASSESSABLE,
        "motors that stop at a height that is not known, and no landing",
        {"kind": "disarm", "time": 29, "text": "off"},
        heights=_UNKNOWN_HEIGHT,
        flown=(_TAKEOFF,),
    ),
    _example_flight_with_occurrences(
        Outcome.FAIL,
        "a motor that fails",
        _make_example_event("fault", 9, "a motor has failed"),
    ),
    _example_flight_with_occurrences(
        Outcome.PASS,
        "a motor that does not suffice for half a second at touch-down",
        _make_example_event("fault", 28.5, "not enough force", 0.5),
    ),
    _example_flight_with_occurrences(
        Outcome.FAIL,
        "a fail-safe of the radio that lasts for a moment",
        _make_example_event("link.lost", 9, "radio fail-safe, code 1", 0.2),
    ),
    _example_flight_with_occurrences(
        Outcome.PASS,
        "a forced landing reported during a landing that the pilot began",
        {"kind": "mode", "time": 15, "text": "flight mode: Automatic landing"},
        _make_example_event("failsafe", 27, "forced landing"),
    ),
    _example_flight_with_occurrences(
        Outcome.PASS,
        "a forced landing reported in the last metres of a landing by hand",
        _make_example_event("failsafe", 26, "forced landing"),
        heights=[*_HIGH[:25], 4.0, 3.0, 2.0, 1.0, 0.0],
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log that cannot hold a fault of a motor",
        hover_example_track_at_heights(*_HIGH),
        events=_FLOWN,
        without_facts=("motor_fault",),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE, "a log without take-off", hover_example_track_at_heights(*_HIGH)
    ),
)
RULE = Rule(
    id="occurrence",
    title="There was no event in the air that may have to be reported",
    parameters=OccurrenceParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Reports of aircraft and app about links, fail-safes, faults and motors; height.",
    not_assessable=(
        "Faults of motors, losses of the link or fail-safes could not have been seen for enough of "
        "the time in the air, the log begins or ends there, or motors stopped at an unknown height "
        "and no log shows a landing."
    ),
)
