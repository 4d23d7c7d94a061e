"""``survey.toml``: what only a person knows of the drones and cameras of a police body.

Every key may be left out: what is not given is not known, and never *no*.
"""

import datetime as dt
import hashlib
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

import parsers
from dji_audit.common.supplied_tables import (
    SuppliedFileError,
    read_supplied_bytes,
    spelling_hint,
)

#: Bytes of the largest file of answers; characters of an answer and of a name; names in a list.
MAX_BYTES, _MAX_ANSWER, _MAX_NAME, _MAX_NAMES = 1 << 20, 4000, 200, 2000
#: More names joined by dots than any key here has: time and memory for one grow with its square.
_LONG_KEY = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""", re.ASCII
)
#: Faults of a file that are named one by one.
_MOST_FAULTS = 20


class SurveyError(SuppliedFileError):
    """A return, a list of bodies or their combination cannot be used; the message says why."""


def _parse_iso_date_strictly(value: object) -> object:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date | str):
        # pydantic makes a fault of a value of this error only.
        raise ValueError("is not a date; use YYYY-MM-DD, as in 2026-05-14")  # noqa: TRY004
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{value[:40]!r} is not a date; use YYYY-MM-DD") from error
    return value


SurveyDay = Annotated[dt.date, BeforeValidator(_parse_iso_date_strictly)]
YesNo = Annotated[bool, Field(strict=True)]
Number = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
AnswerText = Annotated[str, Field(strict=True, max_length=_MAX_ANSWER)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=_MAX_NAME)]
Names = Annotated[tuple[Name, ...], Field(max_length=_MAX_NAMES)]


class _StrictSurveyAnswersModel(BaseModel):
    """A table of answers; a key that is not given is ``None``, and a list is ``None`` too."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AboutReturn(_StrictSurveyAnswersModel):
    """Who answers, for what time."""

    body: Name | None = Field(
        default=None, description="Name of the police body, as the list of bodies writes it."
    )
    survey: Name | None = Field(
        default=None,
        description="Name of the survey, the same in all returns to it, such as its year.",
    )
    answered_on: SurveyDay | None = Field(default=None, description="Day on which it is answered.")
    answered_by: Name | None = Field(
        default=None,
        description="Rank, post or department that answers; no name of a person is needed.",
    )
    revision: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=1, description="2 for the second return of one day, and so on: the highest counts."
    )
    period_start: SurveyDay | None = Field(
        default=None,
        description="First day that the answers are about. Without: all flights count.",
    )
    period_end: SurveyDay | None = Field(
        default=None, description="Last day that the answers are about."
    )

    @model_validator(mode="after")
    def _check_period_order(self) -> Self:
        start, end = self.period_start, self.period_end
        if start is not None and end is not None and end < start:
            raise ValueError("period_end is before period_start")
        return self


class AnswersOnDronesWithCameras(_StrictSurveyAnswersModel):
    """What is declared of drones with cameras."""

    operated: YesNo | None = Field(
        default=None, description="Whether the body operates drones with cameras."
    )
    purpose: AnswerText | None = Field(default=None, description="What they are used for.")
    aircraft_count: Number | None = Field(
        default=None,
        description="How many aircraft there are in all. Needed only where the [[aircraft]] below "
        "do not say it.",
    )
    introduced_on: SurveyDay | None = Field(
        default=None, description="Day on which the first was used."
    )
    withdrawn_on: SurveyDay | None = Field(
        default=None, description="Day on which the last was withdrawn; only where none is in use."
    )
    flights: Number | None = Field(
        default=None, description="How many flights were made in the period."
    )
    ground_stations: Names | None = Field(
        default=None,
        description="Controllers, ground stations and apps in use: each name is compared with "
        "what logs state.",
    )
    firmware: Names | None = Field(
        default=None,
        description="Versions of firmware that are in use, as the logs write them, of every part.",
    )
    update_procedure: AnswerText | None = Field(
        default=None, description="How software, firmware and flight apps are updated."
    )
    update_days: Number | None = Field(
        default=None,
        description="Within how many days an update reaches every aircraft of a model.",
    )
    takes_photos: YesNo | None = Field(default=None, description="Whether photos are taken.")
    records_video: YesNo | None = Field(default=None, description="Whether video is recorded.")
    records_thermal: YesNo | None = Field(
        default=None, description="Whether thermal pictures are recorded."
    )
    records_audio: YesNo | None = Field(default=None, description="Whether sound is recorded.")
    contacts_servers: YesNo | None = Field(
        default=None,
        description="Whether aircraft, controllers or apps contact servers on the internet; false "
        "where they are kept from it, as by Local Data Mode.",
    )
    uploads_data: YesNo | None = Field(
        default=None, description="Whether they send recordings or flight records to servers."
    )
    aware_of_concerns: YesNo | None = Field(
        default=None,
        description="Whether the body is aware of security or ethical concerns about the maker.",
    )
    concerns: AnswerText | None = Field(default=None, description="Which concerns these are.")
    mitigations: AnswerText | None = Field(
        default=None, description="What is done against breaches of security."
    )
    due_diligence: AnswerText | None = Field(
        default=None, description="What was examined before the maker and the supplier were chosen."
    )
    dpia: YesNo | None = Field(
        default=None, description="Whether there is a data protection impact assessment (DPIA)."
    )
    dpia_reference: Name | None = Field(default=None, description="Reference of that assessment.")
    dpia_reviewed_on: SurveyDay | None = Field(default=None, description="Day of its last review.")
    training: AnswerText | None = Field(
        default=None, description="Training of pilots, and what it holds on security."
    )
    scrutiny: AnswerText | None = Field(
        default=None, description="How often, and by whom, the use is held to account."
    )
    flights_checked_percent: Percent | None = Field(
        default=None, description="Per cent of the flights whose logs were checked."
    )
    findings_reviewed: YesNo | None = Field(
        default=None, description="Whether somebody has looked at every finding in the logs."
    )


class DeclaredAircraftOfOneModel(_StrictSurveyAnswersModel):
    """Aircraft of one maker and model; one table for each."""

    maker: Name | None = Field(default=None, description="Maker.")
    model: Name | None = Field(default=None, description="Model, as its maker or the logs name it.")
    supplier: Name | None = Field(default=None, description="Who supplied them.")
    count: Number | None = Field(
        default=None, description="How many there are; 0 where the body has none of this maker."
    )
    serials: Names | None = Field(default=None, description="Serial numbers, of every one.")
    introduced_on: SurveyDay | None = Field(
        default=None, description="Day on which the first of them was used."
    )
    withdrawn_on: SurveyDay | None = Field(
        default=None, description="Day on which they were withdrawn; left out: they are in use."
    )
    partner: Name | None = Field(
        default=None, description="The partner agency to which they belong; left out: the body."
    )

    @model_validator(mode="after")
    def _check_serials_not_more_than_aircraft(self) -> Self:
        if self.count is not None and len(self.serials or ()) > self.count:
            raise ValueError(f"{len(self.serials or ())} serials for {self.count} aircraft")
        return self

    def is_in_use_on(self, day: dt.date | None) -> bool:
        """Return whether they are in use on a day; ``None``: today, whatever the date."""
        return self.withdrawn_on is None or (day is not None and day <= self.withdrawn_on)


class PartnerAgency(_StrictSurveyAnswersModel):
    """A partner agency whose drones fly for the body; one table for each."""

    name: Name | None = Field(default=None, description="Name of the agency.")
    makers: Names | None = Field(default=None, description="Makers of its drones.")
    models: Names | None = Field(default=None, description="Models of its drones.")
    purpose: AnswerText | None = Field(default=None, description="What they are used for.")


class CameraSystemAnswers(_StrictSurveyAnswersModel):
    """What is declared of one kind of camera system of the estate."""

    in_use: YesNo | None = Field(default=None, description="Whether the body uses any.")
    count: Number | None = Field(default=None, description="How many cameras there are.")
    makers: Names | None = Field(default=None, description="Their makers.")
    suppliers: Names | None = Field(default=None, description="Who supplied and maintains them.")
    concerns: YesNo | None = Field(
        default=None,
        description="Whether there is equipment among them about which there have been security "
        "or ethical concerns.",
    )
    introduced_on: SurveyDay | None = Field(
        default=None, description="Day on which the first was used."
    )
    purpose: AnswerText | None = Field(default=None, description="What they are used for.")
    mitigations: AnswerText | None = Field(
        default=None, description="What is done against breaches of security."
    )


class DeclaredCorrection(_StrictSurveyAnswersModel):
    """A correction of an answer that was returned before; one table for each."""

    field: Name | None = Field(
        default=None, description="The answer, as table and key: body_worn_video.concerns."
    )
    returned: AnswerText | None = Field(default=None, description="What was returned first.")
    corrected: AnswerText | None = Field(default=None, description="What is right.")
    corrected_on: SurveyDay | None = Field(default=None, description="Day of the correction.")
    reason: AnswerText | None = Field(default=None, description="How the mistake came about.")


class CameraSystemCategory(StrEnum):
    """The camera systems of the estate that a return asks for, by their tables."""

    EXTERNAL_CAMERAS = "external_cameras"
    INTERNAL_CAMERAS = "internal_cameras"
    HELICOPTERS = "helicopters"
    BODY_WORN_VIDEO = "body_worn_video"
    ANPR = "anpr"

    @property
    def words(self) -> str:
        """How people name it, within a sentence."""
        return _SYSTEM_WORDS[self]


_SYSTEM_WORDS = {
    CameraSystemCategory.EXTERNAL_CAMERAS: "external cameras",
    CameraSystemCategory.INTERNAL_CAMERAS: "internal cameras",
    CameraSystemCategory.HELICOPTERS: "helicopter cameras",
    CameraSystemCategory.BODY_WORN_VIDEO: "body-worn video",
    CameraSystemCategory.ANPR: "ANPR",
}


class DeclaredReturn(_StrictSurveyAnswersModel):
    """Everything that a person declares in one return."""

    about: AboutReturn = Field(default=AboutReturn(), alias="return")
    drones: AnswersOnDronesWithCameras = AnswersOnDronesWithCameras()
    aircraft: Annotated[tuple[DeclaredAircraftOfOneModel, ...], Field(max_length=_MAX_NAMES)] = ()
    partner: Annotated[tuple[PartnerAgency, ...], Field(max_length=_MAX_NAMES)] = ()
    external_cameras: CameraSystemAnswers = CameraSystemAnswers()
    internal_cameras: CameraSystemAnswers = CameraSystemAnswers()
    helicopters: CameraSystemAnswers = CameraSystemAnswers()
    body_worn_video: CameraSystemAnswers = CameraSystemAnswers()
    anpr: CameraSystemAnswers = CameraSystemAnswers()
    correction: Annotated[tuple[DeclaredCorrection, ...], Field(max_length=_MAX_NAMES)] = ()

    def answers_on_camera_system(self, system: CameraSystemCategory) -> CameraSystemAnswers:
        """Return what is declared of one kind of camera system."""
        answers: CameraSystemAnswers = getattr(self, system.value)
        return answers

    def aircraft_in_use(self) -> tuple[DeclaredAircraftOfOneModel, ...]:
        """Return the aircraft of the body itself that are in use on the day of the answers."""
        day = self.about.answered_on
        return tuple(
            each for each in self.aircraft if each.partner is None and each.is_in_use_on(day)
        )


@dataclass(frozen=True, slots=True)
class DeclaredReturnFile:
    """A return as it was read, with the name and the hash of its file."""

    name: str
    sha256: str
    declared: DeclaredReturn


def load_declared_return(path: Path) -> DeclaredReturnFile:
    """Return the answers in a ``survey.toml``.

    Raises:
        SurveyError: If it cannot be read, is no TOML, or a key or value is not as declared; every
            fault is named.
    """
    data = read_supplied_bytes(path, "a return", MAX_BYTES, SurveyError)
    return DeclaredReturnFile(
        path.name, hashlib.sha256(data).hexdigest(), parse_declared_return(data, path.name)
    )


def parse_declared_return(data: bytes, name: str) -> DeclaredReturn:
    """Return the answers in the bytes of a ``survey.toml``.

    Raises:
        SurveyError: As `load_declared_return`.
    """
    try:
        text = data.decode("utf-8-sig")
        if _LONG_KEY.search(text):
            raise SurveyError(f"{name}: a key of more than 32 names joined by dots")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SurveyError(f"{name}: not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise SurveyError(f"{name}: lists or tables lie too deep in one another") from error
    except ValueError as error:
        # TOMLDecodeError is one, and so is what a number of thousands of digits raises.
        raise SurveyError(f"{name}: not TOML: {str(error)[:120]}") from error
    return build_validated_declared_return(values, name)


def build_validated_declared_return(values: object, name: str) -> DeclaredReturn:
    """Return the answers in tables of values, as TOML and JSON hold them.

    Raises:
        SurveyError: If a key or value is not as declared; every fault is named.
    """
    try:
        return DeclaredReturn.model_validate(parsers.redact_secrets(values))
    except ValidationError as error:
        faults = "; ".join(_validation_fault_texts(error))
        raise SurveyError(f"{name}: {faults}") from error
    except RecursionError as error:
        raise SurveyError(f"{name}: lists or tables lie too deep in one another") from error


def _validation_fault_texts(error: ValidationError) -> list[str]:
    """Return every fault of a file of answers, with the table and the key, in plain words."""
    known = {
        name
        for model in (
            DeclaredReturn, AboutReturn, AnswersOnDronesWithCameras, DeclaredAircraftOfOneModel,
            PartnerAgency, CameraSystemAnswers, DeclaredCorrection,
        )
        for name in model.model_fields
    }  # fmt: skip
    faults = error.errors(include_url=False, include_input=False)
    texts = []
    for fault in faults[:_MOST_FAULTS]:
        place = ".".join(
            str(part + 1) if isinstance(part, int) else part[:60] for part in fault["loc"]
        )
        if fault["type"] == "extra_forbidden":
            text = f"no such key{spelling_hint(str(fault['loc'][-1])[:60], known)}"
        elif fault["type"] == "tuple_type" and place in _LISTS_OF_TABLES:
            text = f"write each as a table [[{place}]], in two brackets"
        else:
            text = _PLAIN_FAULTS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        texts.append(f"{place}: {text}")
    if len(faults) > _MOST_FAULTS:
        texts.append(f"and {len(faults) - _MOST_FAULTS:,} more faults")
    return texts


#: Keys that hold tables, one for each.
_LISTS_OF_TABLES = frozenset({"aircraft", "partner", "correction"})
#: Kind of fault -> what to write; of other kinds the message of pydantic is plain enough.
_PLAIN_FAULTS = {
    "bool_type": "write true or false, without quotation marks",
    "int_type": "write a whole number, without quotation marks",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number, without quotation marks",
    "string_type": "write a text in quotation marks",
    "tuple_type": 'write a list of texts, as in ["one", "two"]',
    "model_type": "write a table, as in [drones]",
    "model_attributes_type": "write a table, as in [drones]",
    "greater_than_equal": "the number is too small",
    "less_than_equal": "the number is too large",
    "string_too_long": "the text is too long",
    "string_too_short": "the text is empty; leave the key out",
    "too_long": "the list is too long",
}
