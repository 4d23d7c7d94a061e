"""What a policy says of one rule, and what becomes of it when another pack builds on it."""

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dji_audit.compliance.findings import Severity

Status = Literal[
    "statute",
    "statutory_code",
    "regulator_guidance",
    "sector_guidance",
    "vendor_commitment",
    "local_policy",
    "foreign_law",
    "engineering",
]


class PolicyError(Exception):
    """A policy pack cannot be used; the message says where and why."""


class Parameter(BaseModel):
    """One number that a flight is held to, and where it is from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Any
    source: str = Field(min_length=1)


class RulePolicy(BaseModel):
    """How a policy applies one rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Its name in the policy and in every report.
    id: str
    #: Which rule it applies: a module of ``compliance/rules``.
    rule: str
    #: What it is called in reports; ``None``: as the rule calls itself.
    title: str | None = None
    status: Status
    citation: str = Field(min_length=1)
    severity: Severity = Severity.MEDIUM
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    #: Whether a person has held the citation against the instrument it names.
    verified: bool = False
    parameters: dict[str, Parameter] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from, so the rule would never apply")
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The parameters without their sources."""
        return {name: given.value for name, given in self.parameters.items()}

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the rule was in force on a day."""
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_to is None or day <= self.valid_to)


class Entry(BaseModel):
    """A ``[[rule]]`` as it stands in a pack; what is not given is inherited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    rule: str | None = None
    title: str | None = None
    status: Status | None = None
    citation: str | None = Field(None, min_length=1)
    severity: Severity | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    verified: bool | None = None
    #: Whether an inherited entry is left out.
    off: Literal[True] | None = None
    parameters: dict[str, Any] | None = None


def changed(
    base: Mapping[str, RulePolicy], entries: tuple[Entry, ...], where: str
) -> dict[str, RulePolicy]:
    """Return the rules of a base with the entries of a pack laid over them."""
    rules = dict(base)
    for entry in entries:
        place = f"{where}: rule {entry.id}"
        inherited = rules.get(entry.id)
        if entry.off:
            _check_off(entry, inherited, base, place)
            del rules[entry.id]
            continue
        whole = _inherit(entry, inherited, place)
        try:
            rules[entry.id] = RulePolicy.model_validate(whole)
        except ValidationError as error:
            raise PolicyError(f"{place}: {explain(error, RulePolicy, Parameter)}") from error
    return rules


def _check_off(
    entry: Entry, inherited: RulePolicy | None, base: Mapping[str, RulePolicy], place: str
) -> None:
    if inherited is None:
        raise PolicyError(f"{place}: off, but not inherited{suggest(entry.id, base)}")
    if more := entry.model_fields_set - {"id", "off"}:
        raise PolicyError(f"{place}: off, so {', '.join(sorted(more))} has no effect")


def _inherit(entry: Entry, inherited: RulePolicy | None, place: str) -> dict[str, Any]:
    """Return everything that is known of an entry: what it says, over what it inherits.

    Who changes a number must say what the new one rests on, or a unit's wish
    would be printed under the statute that it inherits.
    """
    given = {
        name: value
        for name, value in entry.model_dump(exclude_unset=True).items()
        if name != "parameters"
    }
    uncited = entry.status is None or entry.citation is None
    if inherited is not None and entry.parameters and uncited:
        raise PolicyError(f"{place}: changes a parameter, so it needs a status and citation too")
    parameters = {
        name: _sourced(name, value, entry, place)
        for name, value in (entry.parameters or {}).items()
    }
    if inherited is None:
        return {"rule": entry.id} | given | {"parameters": parameters}
    if entry.rule not in (None, inherited.rule):
        raise PolicyError(f"{place}: applies {inherited.rule} already; give it another id")
    if parameters.keys() | given.keys() & {"status", "citation"}:
        # What somebody has checked was another statement.
        given.setdefault("verified", False)
    return inherited.model_dump() | given | {"parameters": inherited.parameters | parameters}


def _sourced(name: str, given: Any, entry: Entry, place: str) -> Parameter:
    """Return a parameter; a value alone rests on what the entry cites."""
    if isinstance(given, dict) and "source" in given:
        try:
            return Parameter.model_validate(given)
        except ValidationError as error:
            told = explain(error, Parameter)
            raise PolicyError(f"{place}: parameters.{name}.{told}") from error
    if entry.citation is None:
        raise PolicyError(f'{place}: {name} has no source: {{ value = …, source = "…" }}')
    return Parameter(value=given, source=entry.citation)


def explain(error: ValidationError, *models: type[BaseModel]) -> str:
    """Return the first fault of a validation in a line, with a suggestion for a mistyped key.

    A key that is not known is named before one that is missing: the first is
    most often the second, mistyped.
    """
    faults = error.errors()
    fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    names = [name for model in models for name in model.model_fields]
    return f"{place}: no such key{suggest(str(fault['loc'][-1]), names)}"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message that names the known word most like a mistyped one."""
    close = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
