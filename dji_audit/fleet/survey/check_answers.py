"""What a return lacks, and where its answers do not agree with one another, in plain words."""

import datetime as dt
from collections.abc import Iterator

from dji_audit.compliance.camera_system_makers import listings_of_maker
from dji_audit.fleet.survey.declared_return import (
    AnswersOnDronesWithCameras,
    CameraSystemCategory,
    DeclaredReturn,
)
from dji_audit.fleet.survey.police_bodies import PoliceBodyRegister
from dji_audit.fleet.survey.survey_return import SurveyReturn

#: Keys that every body that operates drones is asked for, with what to write.
_DRONE_KEYS = {
    "purpose": "what the drones are used for",
    "introduced_on": "when the first drone was used",
    "update_procedure": "how software, firmware and apps are updated",
    "takes_photos": "whether photos are taken",
    "records_video": "whether video is recorded",
    "records_thermal": "whether thermal pictures are recorded",
    "records_audio": "whether sound is recorded",
    "contacts_servers": "whether aircraft, controllers or apps contact servers",
    "uploads_data": "whether recordings or flight records are sent to servers",
    "aware_of_concerns": "whether the body is aware of concerns about the maker",
    "mitigations": "what is done against breaches of security",
    "due_diligence": "what was examined before maker and supplier were chosen",
    "dpia": "whether there is a data protection impact assessment",
    "training": "how pilots are trained",
    "scrutiny": "how often the use is held to account",
}
_SYSTEM_KEYS = {
    "in_use": "whether the body uses any (in_use)",
    "makers": "who makes them (makers)",
    "concerns": "whether there are concerns about any of the equipment (concerns)",
}
_ABOUT_KEYS = {
    "body": "the name of the body",
    "survey": "the name of the survey",
    "answered_on": "the day on which it is answered",
    "answered_by": "the post that answers",
}


def missing_answer_sentences(built: SurveyReturn) -> tuple[str, ...]:
    """Return what a return still lacks, one sentence for each, in the order of the questions.

    What the logs of the return show need not be declared; a body that has none of something is
    not asked about it.
    """
    return tuple(_missing_answer_texts(built))


def _missing_answer_texts(built: SurveyReturn) -> Iterator[str]:
    declared = built.declared
    for key, words in _ABOUT_KEYS.items():
        if getattr(declared.about, key) is None:
            yield f"return.{key}: write {words}"
    drones = declared.drones
    if drones.operated is None:
        yield "drones.operated: write whether the body operates drones with cameras"
    if drones.operated is not False:
        observed = {it.field for it in built.answers if it.observed is not None}
        for key, words in _DRONE_KEYS.items():
            if getattr(drones, key) is None and f"drones.{key}" not in observed:
                yield f"drones.{key}: write {words}"
        yield from _missing_drone_answer_texts(drones, declared)
    for system in CameraSystemCategory:
        answers = declared.answers_on_camera_system(system)
        if answers.in_use is False:
            continue
        missing = [words for key, words in _SYSTEM_KEYS.items() if getattr(answers, key) is None]
        if missing:
            yield f"{system.value}: of {system.words} write {', '.join(missing)}"


def _missing_drone_answer_texts(
    drones: AnswersOnDronesWithCameras, declared: DeclaredReturn
) -> Iterator[str]:
    if not declared.aircraft and drones.aircraft_count is None:
        yield "aircraft: add a table [[aircraft]] for each maker and model"
    for number, entry in enumerate(declared.aircraft, 1):
        if entry.maker is None:
            yield f"aircraft {number}: write the maker"
        if entry.count is None and entry.serials is None:
            yield f"aircraft {number}: write how many there are"
    if drones.aware_of_concerns and drones.concerns is None:
        yield "drones.concerns: write which concerns the body is aware of"
    if drones.dpia and drones.dpia_reference is None:
        yield "drones.dpia_reference: write the reference of the assessment"


def conflicting_answer_sentences(
    built: SurveyReturn, bodies: PoliceBodyRegister
) -> tuple[str, ...]:
    """Return where answers do not agree with one another or with the list of bodies."""
    declared = built.declared
    return tuple(
        (
            *_police_body_and_period_fault_texts(declared, bodies),
            *_conflicting_drone_answer_texts(declared),
            *_conflicts_within_camera_system_answers(declared),
            *_faulty_correction_texts(built),
        )
    )


def _police_body_and_period_fault_texts(
    declared: DeclaredReturn, bodies: PoliceBodyRegister
) -> Iterator[str]:
    about = declared.about
    if about.body is None:
        return
    body = bodies.find(about.body)
    if body is None:
        yield f"return.body: {bodies.unknown_name_text(about.body)}"
    elif about.answered_on is not None and not body.exists_on(about.answered_on):
        yield f"return.body: {bodies.no_longer_exists_text(body, about.answered_on)}"
    if _is_before(about.answered_on, about.period_end):
        yield "return.answered_on is before return.period_end: the period was not over"


def _conflicting_drone_answer_texts(declared: DeclaredReturn) -> Iterator[str]:
    drones, day = declared.drones, declared.about.answered_on
    in_use = sum(
        it.count if it.count is not None else len(it.serials or ())
        for it in declared.aircraft_in_use()
    )
    if drones.operated is False and max(in_use, drones.aircraft_count or 0):
        count = max(in_use, drones.aircraft_count or 0)
        yield f"drones.operated is no, and {count} aircraft are listed"
    if drones.aircraft_count is not None and in_use > drones.aircraft_count:
        yield (
            f"drones.aircraft_count is {drones.aircraft_count}, and the [[aircraft]] add up to "
            f"{in_use}"
        )
    if drones.operated and drones.withdrawn_on is not None:
        yield "drones.operated is yes, and drones.withdrawn_on says that all are withdrawn"
    if drones.contacts_servers is False and drones.uploads_data:
        yield "drones.contacts_servers is no, and drones.uploads_data is yes"
    if drones.dpia is False and drones.dpia_reference is not None:
        yield "drones.dpia is no, and there is a drones.dpia_reference"
    for key in ("introduced_on", "withdrawn_on", "dpia_reviewed_on"):
        given: dt.date | None = getattr(drones, key)
        if _is_before(day, given):
            yield f"drones.{key} is after the day of the answers"
    if _is_before(drones.withdrawn_on, drones.introduced_on):
        yield "drones.withdrawn_on is before drones.introduced_on"


def _is_before(day: dt.date | None, other: dt.date | None) -> bool:
    """Return whether both days are given, and the first is before the other."""
    return day is not None and other is not None and day < other


def _conflicts_within_camera_system_answers(declared: DeclaredReturn) -> Iterator[str]:
    day = declared.about.answered_on
    for system in CameraSystemCategory:
        answers = declared.answers_on_camera_system(system)
        if answers.in_use is False and (answers.makers or answers.count):
            yield f"{system.value}.in_use is no, and makers or a count are given"
        for maker in answers.makers or ():
            listed = listings_of_maker(maker, day) if day is not None else ()
            if listed and answers.concerns is False:
                names = ", ".join(sorted({it.list for it in listed}))
                yield f"{system.value}.concerns is no, and {maker} is on a list: {names}"


def _faulty_correction_texts(built: SurveyReturn) -> Iterator[str]:
    answers = {it.field: it for it in built.answers}
    for number, correction in enumerate(built.declared.correction, 1):
        if correction.field is None or correction.returned is None or correction.corrected is None:
            yield f"correction {number}: field, returned and corrected must be given"
        elif correction.field not in answers:
            yield f"correction {number}: there is no answer {correction.field}"
        elif answers[correction.field].declared not in (None, correction.corrected):
            yield (
                f"correction {number}: {correction.field} is corrected to "
                f"{correction.corrected}, and is still answered with "
                f"{answers[correction.field].declared}"
            )
