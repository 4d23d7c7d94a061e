"""The JSON Schema of a return, from the types that it is made of."""

import json
from typing import Any

from pydantic import TypeAdapter

from dji_audit.fleet.survey.answers import SurveyAnswer
from dji_audit.fleet.survey.contradictions import Contradiction
from dji_audit.fleet.survey.declared_return import DeclaredReturn
from dji_audit.fleet.survey.observed_fleet import ObservedFleet
from dji_audit.fleet.survey.survey_return import RETURN_SCHEMA

_TEXT = {"type": "string"}


def survey_return_json_schema() -> str:
    """Return the JSON Schema that every ``return.json`` keeps to."""
    definitions: dict[str, Any] = {}
    parts = {
        name: _json_schema_of_type(kind, definitions)
        for name, kind in (
            ("declared", DeclaredReturn),
            ("observed", ObservedFleet | None),
            ("contradictions", list[Contradiction]),
            ("answers", list[SurveyAnswer]),
        )
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Return to a survey of camera systems",
        **_json_schema_of_object(
            schema={"const": RETURN_SCHEMA},
            tool=_json_schema_of_object(name=_TEXT, version=_TEXT),
            answers_file=_json_schema_of_object(
                name=_TEXT, sha256={"pattern": "^[0-9a-f]{64}$", **_TEXT}
            ),
            **parts,
        ),
        "$defs": definitions,
    }
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _json_schema_of_object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(properties),
        "properties": properties,
    }


def _json_schema_of_type(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; what it refers to goes to the definitions of the whole."""
    schema = TypeAdapter(kind).json_schema(by_alias=True, mode="validation")
    definitions |= schema.pop("$defs", {})
    return schema
