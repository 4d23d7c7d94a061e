"""A return as it is handed in: what was declared, what logs show, and where the two contradict."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import read_supplied_bytes, validation_fault_text
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.fleet.survey.answers import SurveyAnswer, survey_answers
from dji_audit.fleet.survey.contradictions import Contradiction, find_contradictions
from dji_audit.fleet.survey.declared_return import (
    DeclaredReturn,
    DeclaredReturnFile,
    SurveyError,
    build_validated_declared_return,
    load_declared_return,
)
from dji_audit.fleet.survey.observed_fleet import ObservedFleet, summarise_flights_of_period
from dji_audit.fleet.survey.surveyed_flights import FlightsAndContactsOfAudits
from dji_audit.report.json_values import as_json_value

RETURN_SCHEMA = "dji-audit/survey-return/1"
#: Bytes of the largest return as JSON: it lists every serial and every host.
_LARGEST_JSON = 256 << 20


@dataclass(frozen=True, slots=True)
class SurveyReturn:
    """One return of one body."""

    file: DeclaredReturnFile
    #: ``None``: it was built without results of an audit.
    observed: ObservedFleet | None
    contradictions: tuple[Contradiction, ...]
    #: Folder and name of the file that it was read from; empty: it was built here.
    read_from: str = field(default="", compare=False)

    @property
    def declared(self) -> DeclaredReturn:
        """What a person declared."""
        return self.file.declared

    @property
    def name_in_messages(self) -> str:
        """How a message names it."""
        return self.read_from or self.file.name

    @property
    def body(self) -> str:
        """The name of the body; empty: not given."""
        return self.declared.about.body or ""

    @property
    def answers(self) -> tuple[SurveyAnswer, ...]:
        """Every answer, in the order of the questions."""
        return survey_answers(self.declared, self.observed)

    @property
    def date_and_revision_sort_key(self) -> tuple[dt.date, int]:
        """By what the returns of one body are ordered: the highest counts."""
        return self.declared.about.answered_on or dt.date.min, self.declared.about.revision


def build_survey_return(
    file: DeclaredReturnFile, records: FlightsAndContactsOfAudits | None
) -> SurveyReturn:
    """Return what a person declared together with what logs show.

    Args:
        file: The answers.
        records: The flights of audits; ``None``: none are given, and nothing is observed.
    """
    if records is None:
        return SurveyReturn(file, None, ())
    about = file.declared.about
    observed = summarise_flights_of_period(records, about.period_start, about.period_end)
    return SurveyReturn(file, observed, find_contradictions(file.declared, observed))


def survey_return_json(built: SurveyReturn) -> str:
    """Return a return as JSON: the same return gives the same text."""
    document: dict[str, JsonValue] = {
        "schema": RETURN_SCHEMA,
        "tool": {"name": "dji-audit", "version": tool_version()},
        "answers_file": {"name": built.file.name, "sha256": built.file.sha256},
        "declared": built.declared.model_dump(mode="json", by_alias=True, exclude_none=True),
        "observed": as_json_value(built.observed),
        "contradictions": as_json_value(
            [
                {"field": it.field, "declared": it.declared, "observed": it.observed}
                for it in built.contradictions
            ]
        ),
        "answers": as_json_value(built.answers),
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


class _SurveyReturnSourceFile(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    sha256: str


class _SurveyReturnJson(BaseModel):
    """A return as JSON; the answers in words follow from the rest and are not read."""

    model_config = ConfigDict(extra="ignore")

    form: str = Field(alias="schema")
    answers_file: _SurveyReturnSourceFile
    declared: dict[str, JsonValue]
    observed: dict[str, JsonValue] | None


def load_survey_return(path: Path) -> SurveyReturn:
    """Return a return from a ``return.json``, or from a ``survey.toml`` without logs.

    Contradictions are found anew from what the file states as declared and as observed.

    Raises:
        SurveyError: If it cannot be read, or is neither.
    """
    # Every body hands in a file of one name: the folder tells them apart.
    read_from = "/".join(path.absolute().parts[-2:])
    if path.suffix.lower() == ".toml":
        return replace(build_survey_return(load_declared_return(path), None), read_from=read_from)
    data = read_supplied_bytes(path, "a return", _LARGEST_JSON, SurveyError)
    try:
        document = _SurveyReturnJson.model_validate_json(data)
    except ValidationError as error:
        raise SurveyError(f"{path}: no return: {validation_fault_text(error)}") from error
    if document.form != RETURN_SCHEMA:
        raise SurveyError(f"{path}: its form is {document.form[:60]!r}, not {RETURN_SCHEMA!r}")
    declared = build_validated_declared_return(document.declared, path.name)
    file = DeclaredReturnFile(document.answers_file.name, document.answers_file.sha256, declared)
    if document.observed is None:
        return SurveyReturn(file, None, (), read_from)
    try:
        observed = TypeAdapter(ObservedFleet).validate_python(document.observed)
    except ValidationError as error:
        raise SurveyError(
            f"{path}: what it states as observed: {validation_fault_text(error)}"
        ) from error
    return SurveyReturn(file, observed, find_contradictions(declared, observed), read_from)


def find_survey_return_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that were named, and every ``.toml`` and ``.json`` below folders.

    Raises:
        SurveyError: If a folder cannot be read or holds a link, or nothing is found.
    """
    found: list[Path] = []
    for path in paths:
        try:
            found += _survey_return_files_below(path) if path.is_dir() else [path]
        except OSError as error:
            raise SurveyError(f"{path}: {os_error_reason(error)}") from error
    if not found:
        raise SurveyError("no returns: name files or a folder of them")
    return found


def _survey_return_files_below(top: Path) -> list[Path]:
    """Return the files of returns in a folder and those in it, by name; hidden ones are left out.

    Raises:
        SurveyError: If one is a link.
        OSError: If a folder cannot be read.
    """
    found: list[Path] = []
    waiting = [top]
    while waiting:
        for item in sorted(waiting.pop().iterdir()):
            if item.name.startswith("."):
                continue
            is_return = item.suffix.lower() in (".toml", ".json")
            if item.is_symlink():
                if is_return or item.is_dir():
                    raise SurveyError(f"{item} is a link, which is not followed")
            elif item.is_dir():
                waiting.append(item)
            elif is_return and item.is_file():
                found.append(item)
    return sorted(found)
