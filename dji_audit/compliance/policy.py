"""Policies: the rules that apply to a unit, as dated and cited data.

A policy is one or more packs, each a TOML file: a ``[pack]`` table and
``[[rule]]`` entries with status, citation, dates of validity and parameters.  A
pack that ``extends`` another takes over its entries, may change or switch off
each of them, and adds its own.  One rule may be applied under several ids, each
with its own parameters.  Whether a rule is law, guidance or the decision of a unit
is in ``status``; every result shows it, so that guidance never reads as an offence.
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

from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import spelling_hint, validation_fault_text
from dji_audit.common.valid_days import is_valid_on
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rule_sources import RuleSource, why_rule_is_unverified

RuleStatus = Literal[
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


class PolicyParameterValueAndSource(BaseModel):
    """The value of one parameter of a rule, and its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Any
    source: str = Field(min_length=1)


def parameter_field(default: Any, meaning: str, **limits: Any) -> Any:
    """Return the field of a parameter of a rule, with its meaning for people.

    Args:
        default: Its value where a policy gives none.
        meaning: What it means, with its unit, a sentence.
        limits: Limits of its value, as ``pydantic.Field`` takes them.
    """
    return Field(default, description=meaning, **limits)


def positive_parameter_field(default: float, meaning: str) -> Any:
    """Return the field of a parameter that is a number above 0."""
    return parameter_field(default, meaning, gt=0)


def non_negative_parameter_field(default: float, meaning: str) -> Any:
    """Return the field of a parameter that is 0 or a number above it."""
    return parameter_field(default, meaning, ge=0)


def fraction_parameter_field(default: float, meaning: str) -> Any:
    """Return the field of a parameter that is a part of a whole, 0 to 1."""
    return parameter_field(default, meaning, ge=0, le=1)


def positive_fraction_parameter_field(default: float, meaning: str) -> Any:
    """Return the field of a parameter that is a part of a whole, and more than none of it."""
    return parameter_field(default, meaning, gt=0, le=1)


class Parameters(BaseModel):
    """The parameters that a policy gives a rule; a rule without parameters uses this class.

    Strict: neither a text nor ``true`` is a number, and NaN, which nothing exceeds, is not a
    limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PolicyEntry(BaseModel):
    """How a policy applies one rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Id of the entry, in the policy and in every report.
    id: str
    #: Id of the rule that it applies: a module of ``compliance/rules``.
    rule: str
    #: Title in reports; ``None``: the title of the rule.
    title: str | None = None
    status: RuleStatus
    citation: str = Field(min_length=1)
    severity: Severity = Severity.MEDIUM
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    #: Whether a person has compared the citation with the instrument it names.
    verified: bool = False
    #: The texts that it rests on, and when they were read.
    sources: tuple[RuleSource, ...] = ()
    parameters: dict[str, PolicyParameterValueAndSource] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from, so the rule would never apply")
        return self

    @model_validator(mode="after")
    def _check_verified_mark_is_justified(self) -> Self:
        reason = why_rule_is_unverified(self.status, self.sources, self.valid_from, self.valid_to)
        if self.verified and reason:
            raise ValueError(reason)
        return self

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The parameters without their sources."""
        return {name: given.value for name, given in self.parameters.items()}

    def sources_in_force(self, day: dt.date | None) -> tuple[RuleSource, ...]:
        """Return the texts in force on a date; without a date those that never change.

        Accounts by others are none of them.
        """
        return tuple(
            source
            for source in self.sources
            if source.kind != "secondary" and source.is_in_force(day)
        )

    def applies_on(self, day: dt.date) -> bool:
        """Return whether the rule was in force on a date."""
        return is_valid_on(day, self.valid_from, self.valid_to)


class PackRuleEntry(BaseModel):
    """A ``[[rule]]`` of a pack as written; fields that are not given are inherited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    rule: str | None = None
    title: str | None = None
    status: RuleStatus | None = None
    citation: str | None = Field(None, min_length=1)
    severity: Severity | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    verified: bool | None = None
    sources: tuple[RuleSource, ...] | None = None
    #: Whether an inherited entry is switched off.
    off: Literal[True] | None = None
    parameters: dict[str, Any] | None = None


def apply_pack_entries(
    base: Mapping[str, PolicyEntry], entries: tuple[PackRuleEntry, ...], where: str
) -> dict[str, PolicyEntry]:
    """Return the rules of a base pack, changed by the entries of a pack."""
    rules = dict(base)
    for entry in entries:
        location = f"{where}: rule {entry.id}"
        inherited = rules.get(entry.id)
        if entry.off:
            _refuse_invalid_off_entry(entry, inherited, base, location)
            del rules[entry.id]
            continue
        fields = _with_inherited_fields(entry, inherited, location)
        try:
            rules[entry.id] = PolicyEntry.model_validate(fields)
        except ValidationError as error:
            fault = validation_fault_text(error, PolicyEntry, PolicyParameterValueAndSource)
            raise PolicyError(f"{location}: {fault}") from error
    return rules


def _refuse_invalid_off_entry(
    entry: PackRuleEntry,
    inherited: PolicyEntry | None,
    base: Mapping[str, PolicyEntry],
    location: str,
) -> None:
    """Refuse an entry that is off if it is not inherited or gives more fields."""
    if inherited is None:
        raise PolicyError(f"{location}: is off, but not inherited{spelling_hint(entry.id, base)}")
    if more := entry.model_fields_set - {"id", "off"}:
        raise PolicyError(f"{location}: is off, so {', '.join(sorted(more))} has no effect")


def _with_inherited_fields(
    entry: PackRuleEntry, inherited: PolicyEntry | None, location: str
) -> dict[str, Any]:
    """Return the fields of an entry, with those that it does not give inherited.

    An entry that changes a number must give a status and a citation for it. Otherwise the
    decision of a unit would appear under the statute that the entry inherits.
    """
    given = {
        name: value
        for name, value in entry.model_dump(exclude_unset=True).items()
        if name != "parameters"
    }
    uncited = entry.status is None or entry.citation is None
    if inherited is not None and entry.parameters and uncited:
        raise PolicyError(
            f"{location}: changes a parameter, so it also needs a status and a citation"
        )
    parameters = {
        name: _parameter_with_legal_source(name, value, entry, location)
        for name, value in (entry.parameters or {}).items()
    }
    if inherited is None:
        return {"rule": entry.id} | given | {"parameters": parameters}
    if entry.rule not in (None, inherited.rule):
        raise PolicyError(f"{location}: already applies {inherited.rule}; use another id")
    if parameters.keys() | given.keys() & {"status", "citation"}:
        # The inherited check was of another statement, and its texts are about that.
        given.setdefault("verified", False)
        if given.keys() & {"status", "citation"}:
            given.setdefault("sources", ())
    return inherited.model_dump() | given | {"parameters": inherited.parameters | parameters}


def _parameter_with_legal_source(
    name: str, given: Any, entry: PackRuleEntry, location: str
) -> PolicyParameterValueAndSource:
    """Return a parameter; the source of a bare value is the citation of the entry."""
    if isinstance(given, dict) and "source" in given:
        try:
            return PolicyParameterValueAndSource.model_validate(given)
        except ValidationError as error:
            fault = validation_fault_text(error, PolicyParameterValueAndSource)
            raise PolicyError(f"{location}: parameters.{name}.{fault}") from error
    if entry.citation is None:
        raise PolicyError(f'{location}: {name} has no source: {{ value = …, source = "…" }}')
    return PolicyParameterValueAndSource(value=given, source=entry.citation)


__all__ = [
    "DEFAULT",
    "PackProvenance",
    "Parameters",
    "Policy",
    "PolicyEntry",
    "PolicyError",
    "load_policy",
    "pack_schema",
    "parse_policy",
    "shipped_pack_names",
]

DEFAULT = "default"
#: Longest chain of packs that extend one another; a longer one is a mistake.
_DEPTH = 8


class _PackHeaderTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    title: str
    #: The pack it extends: the name of a shipped pack, or a path relative to this file.
    extends: str | None = None


class _PolicyPackTomlModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: _PackHeaderTable
    rule: tuple[PackRuleEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackProvenance:
    """One file of a policy."""

    name: str
    version: str
    #: Of the file's bytes.
    sha256: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Packs as read: their rules by id, and the hash that a report states."""

    name: str
    version: str
    title: str
    #: Hash of the whole chain; of the file, if it extends nothing.
    sha256: str
    rules: Mapping[str, PolicyEntry]
    #: The packs it is made of, the base pack first.
    chain: tuple[PackProvenance, ...] = ()


def shipped_pack_names() -> tuple[str, ...]:
    """Return the names of the shipped packs, sorted."""
    folder = files("dji_audit") / "data" / "packs"
    return tuple(sorted(it.name[:-5] for it in folder.iterdir() if it.name.endswith(".toml")))


def unshipped_pack_files(pack: str) -> tuple[Path, ...]:
    """Return the pack files of a policy that do not ship, the one that extends the others first.

    Raises:
        PolicyError: If one of them cannot be read.
    """
    found: list[Path] = []
    name: object = pack
    folder = Path()
    while isinstance(name, str) and name not in shipped_pack_names() and len(found) <= _DEPTH:
        path = folder / name
        found.append(path)
        folder = path.parent
        try:
            head = tomllib.loads(path.read_text("utf-8")).get("pack")
        except OSError as error:
            raise PolicyError(f"{path}: {os_error_reason(error)}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PolicyError(f"{path}: not TOML: {error}") from error
        name = head.get("extends") if isinstance(head, dict) else None
    return tuple(found)


def pack_schema() -> str:
    """Return the JSON Schema of a pack."""
    return (files("dji_audit") / "data" / "schema" / "pack-1.json").read_text("utf-8")


def load_policy(pack: str | Path = DEFAULT) -> Policy:
    """Return a policy: a shipped pack, by name, or a TOML file, by path.

    Raises:
        PolicyError: If there is no such pack, or it has an unknown key or value.
    """
    return _load_pack_and_bases(str(pack), Path(), ())


def parse_policy(text: bytes, where: str) -> Policy:
    """Return the policy in a TOML text; paths of extended packs are relative to here.

    Raises:
        PolicyError: If it is not TOML, or has an unknown key or value.
    """
    return _policy_from_pack_and_bases(text, where, Path(), ())


def _load_pack_and_bases(pack: str, folder: Path, above: tuple[str, ...]) -> Policy:
    """Return a policy by name or path; ``above`` names the packs that extend it."""
    names = shipped_pack_names()
    if pack in names:
        text = (files("dji_audit") / "data" / "packs" / f"{pack}.toml").read_bytes()
        return _policy_from_pack_and_bases(text, f"pack {pack}", Path(), above)
    path = folder / pack
    if path.suffix != ".toml":
        close = difflib.get_close_matches(pack, names, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"
        if path.is_file():
            hint = "; the name of a pack file must end in .toml"
        raise PolicyError(f"no policy pack {pack!r}{hint}")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: {os_error_reason(error)}") from error
    return _policy_from_pack_and_bases(text, str(path), path.parent, above)


def _policy_from_pack_and_bases(
    text: bytes, where: str, folder: Path, above: tuple[str, ...]
) -> Policy:
    if where in above or len(above) > _DEPTH:
        raise PolicyError(f"{where}: extends itself, through {' and '.join(above)}")
    try:
        read = _PolicyPackTomlModel.model_validate(tomllib.loads(text.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{where}: not TOML: {error}") from error
    except ValidationError as error:
        models = (_PolicyPackTomlModel, _PackHeaderTable, PackRuleEntry)
        raise PolicyError(f"{where}: {validation_fault_text(error, *models)}") from error
    counted = Counter(entry.id for entry in read.rule)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise PolicyError(f"{where}: appears twice: {', '.join(twice)}")
    head, digest = read.pack, hashlib.sha256(text).hexdigest()
    own = PackProvenance(name=head.name, version=head.version, sha256=digest)
    if head.extends is None:
        if not read.rule:
            raise PolicyError(
                f"{where}: no [[rule]]; only a pack that extends another may have none"
            )
        rules = apply_pack_entries({}, read.rule, where)
        return Policy(head.name, head.version, head.title, digest, rules, (own,))
    base = _load_pack_and_bases(head.extends, folder, (*above, where))
    rules = apply_pack_entries(base.rules, read.rule, where)
    # The hash of a chain: the hash of the base pack, then the bytes of this one.
    digest = hashlib.sha256(f"{base.sha256}\n".encode() + text).hexdigest()
    return Policy(head.name, head.version, head.title, digest, rules, (*base.chain, own))
