"""Policy packs: what a unit is held to, as dated and cited data.

A pack is a TOML file: a ``[pack]`` table and one ``[[rule]]`` for each rule,
with its status, citation, dates of validity and parameters.  Whether a rule is
law, guidance or a unit's own wish is in ``status`` and printed beside every
result, so that guidance never reads as an offence.
"""

import datetime as dt
import difflib
import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dji_audit.compliance.findings import Severity

DEFAULT = "default"

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


class RulePolicy(BaseModel):
    """How a pack applies one rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    status: Status
    citation: str = Field(min_length=1)
    severity: Severity = Severity.MEDIUM
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    #: Whether a person has held the citation against the instrument it names.
    verified: bool = False
    parameters: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from, so the rule would never apply")
        return self

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the rule was in force on a day."""
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_to is None or day <= self.valid_to)


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    title: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: _Head
    rule: tuple[RulePolicy, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """A pack as read: its rules by id, and the hash a report must state."""

    name: str
    version: str
    title: str
    sha256: str
    rules: Mapping[str, RulePolicy]


def load_policy(pack: str | Path = DEFAULT) -> Policy:
    """Return a pack: one that ships, by name, or a TOML file, by path.

    Raises:
        PolicyError: If there is no such pack or it says something not known.
    """
    shipped = files("dji_audit") / "data" / "packs"
    names = sorted(entry.name[:-5] for entry in shipped.iterdir() if entry.name.endswith(".toml"))
    if str(pack) in names:
        return parse_policy((shipped / f"{pack}.toml").read_bytes(), f"pack {pack}")
    path = Path(pack)
    if path.suffix != ".toml":
        close = difflib.get_close_matches(str(pack), names, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"
        raise PolicyError(f"no policy pack {str(pack)!r}{hint}")
    try:
        return parse_policy(path.read_bytes(), str(path))
    except OSError as error:
        raise PolicyError(f"{path}: {error.strerror or error}") from error


def parse_policy(text: bytes, where: str) -> Policy:
    """Return the pack in a TOML text.

    Raises:
        PolicyError: If it is not TOML, or has a key or value that is not known.
    """
    try:
        read = _File.model_validate(tomllib.loads(text.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{where}: not TOML: {error}") from error
    except ValidationError as error:
        raise PolicyError(f"{where}: {explain(error, _File, _Head, RulePolicy)}") from error
    rules = {rule.id: rule for rule in read.rule}
    if twice := [
        name for name, count in Counter(rule.id for rule in read.rule).items() if count > 1
    ]:
        raise PolicyError(f"{where}: listed twice: {', '.join(twice)}")
    digest = hashlib.sha256(text).hexdigest()
    return Policy(read.pack.name, read.pack.version, read.pack.title, digest, rules)


def explain(error: ValidationError, *models: type[BaseModel]) -> str:
    """Return the first fault of a validation in a line, with a suggestion for a mistyped key.

    A key that is not known is named before one that is missing: the first is
    most often the second, mistyped.
    """
    faults = error.errors()
    fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}"
    names = [name for model in models for name in model.model_fields]
    known = difflib.get_close_matches(str(fault["loc"][-1]), names, 1)
    return f"{place}: no such key" + (f"; did you mean {known[0]}?" if known else "")
