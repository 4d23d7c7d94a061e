"""The answers of a return: each observed in logs, declared by a person, or not to be known."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from dji_audit.common.plain_english import aircraft_type_text, duration_text, pluralised_count
from dji_audit.fleet.survey.contradictions import day_text
from dji_audit.fleet.survey.declared_return import (
    AboutReturn,
    AnswersOnDronesWithCameras,
    CameraSystemAnswers,
    CameraSystemCategory,
    DeclaredAircraftOfOneModel,
    DeclaredReturn,
)
from dji_audit.fleet.survey.observed_fleet import FlightCountsByWhetherRecorded, ObservedFleet


class HowAnswerIsKnown(StrEnum):
    """How an answer is known."""

    OBSERVED = "observed"
    DECLARED = "declared"
    NOT_IN_LOGS = "cannot be known from logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """The answer to one question; ``None``: nothing is declared, or nothing observed."""

    #: Table and key of ``survey.toml``, or of what only logs show.
    field: str
    section: str
    question: str
    basis: HowAnswerIsKnown
    declared: str | None
    observed: str | None
    #: Why it cannot be known from logs; empty where it is observed or declared.
    reason: str

    @property
    def is_missing(self) -> bool:
        """Whether nobody declared it and no log shows it."""
        return self.declared is None and self.observed is None


#: Texts of a list that an answer holds in words; ``return.json`` holds all under ``observed``.
_MOST_TEXTS = 100
_NO_LOGS = "no results of an audit were given"
_NOT_STATED = "the logs that were audited do not state it"
_NEVER = "no log records it; only a person knows"


def survey_answers(
    declared: DeclaredReturn, observed: ObservedFleet | None
) -> tuple[SurveyAnswer, ...]:
    """Return the answer to every question, in the order of ``survey.toml``.

    Args:
        declared: What a person states.
        observed: What logs show; ``None``: no results of an audit were given.
    """
    return tuple(
        _answer_to_question(field, section, question, declared_text, observed)
        for field, section, question, declared_text in _survey_questions_with_declared_answers(
            declared
        )
    )


def _answer_to_question(
    field: str, section: str, question: str, declared: str | None, observed: ObservedFleet | None
) -> SurveyAnswer:
    show = _OBSERVED.get(field)
    observed_text = None if show is None or observed is None else show(observed)
    if observed_text is not None:
        basis, reason = HowAnswerIsKnown.OBSERVED, ""
    elif declared is not None:
        basis, reason = HowAnswerIsKnown.DECLARED, ""
    else:
        basis = HowAnswerIsKnown.NOT_IN_LOGS
        reason = _NEVER if show is None else _NO_LOGS if observed is None else _NOT_STATED
    return SurveyAnswer(
        field=field,
        section=section,
        question=question,
        basis=basis,
        declared=declared,
        observed=observed_text,
        reason=reason,
    )


_Question = tuple[str, str, str, str | None]


def _survey_questions_with_declared_answers(declared: DeclaredReturn) -> Iterator[_Question]:
    """Yield field, section, question and declared answer of every question."""
    yield from _questions_with_answers_of_table("return", "Return", AboutReturn, declared.about)
    yield from _questions_with_answers_of_table(
        "drones", "Drones", AnswersOnDronesWithCameras, declared.drones
    )
    for key, question in _AIRCRAFT_QUESTIONS.items():
        yield f"aircraft.{key}", "Drones", question, _declared_aircraft_field_text(declared, key)
    yield "drones.last_flown", "Drones", "Day of the last flight.", None
    yield "drones.firmware_age", "Drones", "How long each version of firmware has flown.", None
    yield "drones.contacts", "Drones", "Contacts with servers, by grade.", None
    yield "drones.unread_files", "Drones", "Files that may hold flights and were not read.", None
    yield (
        "partner.agencies",
        "Partner agencies",
        "Partner agencies, and the makers and models of their drones.",
        _declared_partners_text(declared),
    )
    for system in CameraSystemCategory:
        section = system.words[0].upper() + system.words[1:]
        answers = declared.answers_on_camera_system(system)
        yield from _questions_with_answers_of_table(
            system.value, section, CameraSystemAnswers, answers
        )


_AIRCRAFT_QUESTIONS = {
    "makers": "Makers, and how many aircraft of each.",
    "models": "Models.",
    "serials": "Serial numbers.",
    "introduced_on": "Day on which each was first used.",
    "withdrawn_on": "Day on which each was withdrawn.",
    "suppliers": "Suppliers.",
}


def _questions_with_answers_of_table(
    table: str, section: str, model: type[BaseModel], values: BaseModel
) -> Iterator[_Question]:
    for key, field in model.model_fields.items():
        value = getattr(values, key)
        yield (
            f"{table}.{key}",
            section,
            field.description or "",
            None if value is None else declared_value_text(value),
        )


def declared_value_text(value: object) -> str:
    """Return a declared value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _declared_aircraft_field_text(declared: DeclaredReturn, key: str) -> str | None:
    texts = [text for it in declared.aircraft if (text := _AIRCRAFT_TEXTS[key](it))]
    return "; ".join(texts) or None


def _aircraft_name(aircraft: DeclaredAircraftOfOneModel) -> str:
    names = aircraft_type_text(aircraft.maker, aircraft.model) or "aircraft"
    return f"{names} of {aircraft.partner}" if aircraft.partner else names


def _maker_and_count_text(aircraft: DeclaredAircraftOfOneModel) -> str:
    count = aircraft.count if aircraft.count is not None else len(aircraft.serials or ()) or None
    maker = aircraft.maker or "maker not stated"
    owner = f" of {aircraft.partner}" if aircraft.partner else ""
    return f"{maker}{owner}: {'number not stated' if count is None else count}"


_AIRCRAFT_TEXTS: Mapping[str, Callable[[DeclaredAircraftOfOneModel], str]] = {
    "makers": _maker_and_count_text,
    "models": lambda it: it.model or "",
    "serials": lambda it: ", ".join(it.serials or ()),
    "introduced_on": lambda it: (
        f"{_aircraft_name(it)}: {it.introduced_on}" if it.introduced_on else ""
    ),
    "withdrawn_on": lambda it: (
        f"{_aircraft_name(it)}: {it.withdrawn_on}" if it.withdrawn_on else ""
    ),
    "suppliers": lambda it: f"{_aircraft_name(it)}: {it.supplier}" if it.supplier else "",
}


def _declared_partners_text(declared: DeclaredReturn) -> str | None:
    texts = []
    for partner in declared.partner:
        details = [*(partner.makers or ()), *(partner.models or ())]
        name = partner.name or "agency not named"
        texts.append(f"{name}: {', '.join(details)}" if details else name)
    return "; ".join(texts) or None


def _recorded_in_how_many_flights_text(recording: FlightCountsByWhetherRecorded) -> str | None:
    """Return in how many flights; ``no`` only where the logs of every flight would show it."""
    unknown = f"; cannot be known of {recording.unknown}" if recording.unknown else ""
    if recording.yes:
        others = f", not in {recording.no}" if recording.no else ""
        return f"yes: in {pluralised_count(recording.yes, 'flight')}{others}{unknown}"
    if not recording.no:
        return None
    flights = pluralised_count(recording.no, "flight")
    return f"not in {flights}{unknown}" if recording.unknown else f"no: in none of {flights}"


def _flights_with_video_and_hours_text(fleet: ObservedFleet) -> str | None:
    text = _recorded_in_how_many_flights_text(fleet.video)
    return f"{text}; {duration_text(fleet.video_s)} in all" if text and fleet.video_s else text


def _whether_drones_were_operated_text(fleet: ObservedFleet) -> str | None:
    if not fleet.flights:
        return None
    flights = pluralised_count(fleet.flights, "flight")
    return f"yes: {flights}, last flown {day_text(fleet.last_flown)}"


def _observed_makers_text(fleet: ObservedFleet) -> str | None:
    texts = [
        f"{maker or 'maker not stated'}: {pluralised_count(len(own), 'serial')}"
        for maker, own in fleet.aircraft_by_maker().items()
    ]
    if fleet.flights_without_serial:
        flights = pluralised_count(fleet.flights_without_serial, "flight")
        texts.append(f"{flights} without a serial number")
    return _shortened_list_text(texts)


def _observed_contacts_text(fleet: ObservedFleet) -> str | None:
    """Return the contacts by grade; that there are none is said only of recorded networks."""
    recorded = (
        f"the network was recorded in full for {fleet.flights_network_recorded} of "
        f"{pluralised_count(fleet.flights, 'flight')}"
    )
    grades = [
        f"{it.claim.replace('_', ' ')}: {pluralised_count(len(it.hosts), 'host')}, "
        f"last {day_text(it.last)}"
        for it in fleet.contacts
    ]
    if not grades:
        if not fleet.flights_network_recorded:
            return None
        grades = ["no contact found"]
    return f"{'; '.join(grades)}; {recorded}"


def _contacts_of_grades_text_function(*grades: str) -> Callable[[ObservedFleet], str | None]:
    def text(fleet: ObservedFleet) -> str | None:
        hosts = {host for it in fleet.contacts if it.claim in grades for host in it.hosts}
        if hosts:
            return f"yes: {pluralised_count(len(hosts), 'host')}"
        if fleet.flights and fleet.flights_network_recorded == fleet.flights:
            return "no: the network of every flight was recorded in full"
        return None

    return text


def _flights_checked_text(fleet: ObservedFleet) -> str | None:
    flights = fleet.flights + fleet.flights_entered_by_hand
    if not flights:
        return None
    share = 100 * fleet.flights_checked / flights
    by_hand = fleet.flights_entered_by_hand
    return (
        f"{share:.1f}: {fleet.flights_checked} of {pluralised_count(flights, 'flight')}; "
        f"{fleet.rules_checked:,} of {fleet.rules:,} rules that apply"
        + (f"; {by_hand} entered by hand, without a log" if by_hand else "")
    )


def _firmware_days_in_use_text(fleet: ObservedFleet) -> str | None:
    texts = [
        f"{row.serial or row.model or 'aircraft not named'}, {row.part} {row.version}: "
        f"{pluralised_count(row.days_from_first_to_last_flight, 'day')}, to {row.last_flown}"
        for row in fleet.firmware
        if row.days_from_first_to_last_flight is not None
    ]
    return _shortened_list_text(texts)


def _observed_flights_text(fleet: ObservedFleet) -> str | None:
    if not fleet.flights + fleet.flights_entered_by_hand:
        return None
    return f"{fleet.flights:,} in logs" + (
        f"; {fleet.flights_entered_by_hand:,} entered by hand"
        if fleet.flights_entered_by_hand
        else ""
    )


def _shortened_list_text(texts: Iterable[str]) -> str | None:
    """Return a list in words, of a long one the beginning; ``None``: it is empty."""
    listed = list(dict.fromkeys(texts))
    more = len(listed) - _MOST_TEXTS
    text = "; ".join(listed[:_MOST_TEXTS])
    return (f"{text}; and {more:,} more" if more > 0 else text) or None


def _day_text_or_none(day: dt.date | None, before: str = "") -> str | None:
    return None if day is None else f"{before}{day.isoformat()}"


_OBSERVED: Mapping[str, Callable[[ObservedFleet], str | None]] = {
    "drones.operated": _whether_drones_were_operated_text,
    "drones.aircraft_count": lambda it: (
        pluralised_count(len(it.aircraft), "serial") if it.aircraft else None
    ),
    "drones.introduced_on": lambda it: _day_text_or_none(
        it.ever_first_flown, "no later than the first flight in logs, "
    ),
    "drones.last_flown": lambda it: _day_text_or_none(it.last_flown),
    "drones.flights": _observed_flights_text,
    "drones.ground_stations": lambda it: _shortened_list_text(it.ground_stations),
    "drones.firmware": lambda it: _shortened_list_text(
        f"{row.part} {row.version}" for row in it.firmware
    ),
    "drones.firmware_age": _firmware_days_in_use_text,
    "drones.takes_photos": lambda it: _recorded_in_how_many_flights_text(it.photos),
    "drones.records_video": _flights_with_video_and_hours_text,
    "drones.records_thermal": lambda it: _recorded_in_how_many_flights_text(it.thermal),
    "drones.records_audio": lambda it: _recorded_in_how_many_flights_text(it.audio),
    "drones.contacts_servers": _contacts_of_grades_text_function(
        "contact", "probable_upload", "confirmed_upload"
    ),
    "drones.uploads_data": _contacts_of_grades_text_function("probable_upload", "confirmed_upload"),
    "drones.contacts": _observed_contacts_text,
    "drones.flights_checked_percent": _flights_checked_text,
    "drones.findings_reviewed": lambda it: (
        None
        if not it.rules_checked
        else f"{pluralised_count(it.open_findings, 'finding')} that nobody settled"
    ),
    "drones.unread_files": lambda it: pluralised_count(it.unread_files, "file"),
    "aircraft.makers": _observed_makers_text,
    "aircraft.models": lambda it: _shortened_list_text(it.models),
    "aircraft.serials": lambda it: _shortened_list_text(each.serial for each in it.aircraft),
    "aircraft.introduced_on": lambda it: _shortened_list_text(
        f"{each.serial}: first flown {each.first_flown}"
        for each in it.aircraft
        if each.first_flown is not None
    ),
    "aircraft.withdrawn_on": lambda it: _shortened_list_text(
        f"{each.serial}: last flown {each.last_flown}"
        for each in it.aircraft
        if each.last_flown is not None
    ),
}
