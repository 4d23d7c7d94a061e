"""Policies: what a unit is held to, as dated and cited data.

A policy is one or more packs, each a TOML file: a ``[pack]`` table and
``[[rule]]`` entries with status, citation, dates of validity and parameters.  A
pack that ``extends`` another takes over its entries, may change or switch off
each of them, and adds its own.  One rule may be applied under several ids, each
with its own parameters.  Whether a rule is law, guidance or a unit's own wish
is in ``status`` and printed beside every result, so that guidance never reads
as an offence.
"""

import difflib
import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from dji_audit.compliance.policy_entries import Entry, PolicyError, RulePolicy, changed, explain

__all__ = [
    "DEFAULT",
    "Pack",
    "Policy",
    "PolicyError",
    "RulePolicy",
    "explain",
    "load_policy",
    "pack_schema",
    "parse_policy",
    "shipped_packs",
]

DEFAULT = "default"
#: Packs that may stand behind one another; more is a mistake.
_DEPTH = 8


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    title: str
    #: The pack it builds on: one that ships, or a path relative to this file.
    extends: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: _Head
    rule: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of a policy."""

    name: str
    version: str
    #: Of the file's bytes.
    sha256: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Packs as read: their rules by id, and the hash that a report must state."""

    name: str
    version: str
    title: str
    #: Of the whole chain; of the file's bytes, if it extends nothing.
    sha256: str
    rules: Mapping[str, RulePolicy]
    #: The packs it was made from, the one that the others build on first.
    chain: tuple[Pack, ...] = ()


def shipped_packs() -> tuple[str, ...]:
    """Return the names of the packs that ship, sorted."""
    folder = files("dji_audit") / "data" / "packs"
    return tuple(sorted(it.name[:-5] for it in folder.iterdir() if it.name.endswith(".toml")))


def pack_schema() -> str:
    """Return the JSON Schema that every pack keeps to."""
    return (files("dji_audit") / "data" / "schema" / "pack-1.json").read_text("utf-8")


def load_policy(pack: str | Path = DEFAULT) -> Policy:
    """Return a policy: one that ships, by name, or a TOML file, by path.

    Raises:
        PolicyError: If there is no such pack or it says something not known.
    """
    return _load(str(pack), Path(), ())


def parse_policy(text: bytes, where: str) -> Policy:
    """Return the policy in a TOML text; a pack that it extends is sought from here.

    Raises:
        PolicyError: If it is not TOML, or has a key or value that is not known.
    """
    return _parse(text, where, Path(), ())


def _load(pack: str, folder: Path, above: tuple[str, ...]) -> Policy:
    names = shipped_packs()
    if pack in names:
        text = (files("dji_audit") / "data" / "packs" / f"{pack}.toml").read_bytes()
        return _parse(text, f"pack {pack}", Path(), above)
    path = folder / pack
    if path.suffix != ".toml":
        close = difflib.get_close_matches(pack, names, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"
        if path.is_file():
            hint = "; the name of a file with a pack ends in .toml"
        raise PolicyError(f"no policy pack {pack!r}{hint}")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return _parse(text, str(path), path.parent, above)


def _parse(text: bytes, where: str, folder: Path, above: tuple[str, ...]) -> Policy:
    if where in above or len(above) > _DEPTH:
        raise PolicyError(f"{where}: extends itself, by way of {' and '.join(above)}")
    try:
        read = _File.model_validate(tomllib.loads(text.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{where}: not TOML: {error}") from error
    except ValidationError as error:
        raise PolicyError(f"{where}: {explain(error, _File, _Head, Entry)}") from error
    counted = Counter(entry.id for entry in read.rule)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise PolicyError(f"{where}: listed twice: {', '.join(twice)}")
    head, digest = read.pack, hashlib.sha256(text).hexdigest()
    own = Pack(head.name, head.version, digest)
    if head.extends is None:
        if not read.rule:
            raise PolicyError(f"{where}: no [[rule]]; only a pack that extends one needs none")
        rules = changed({}, read.rule, where)
        return Policy(head.name, head.version, head.title, digest, rules, (own,))
    base = _load(head.extends, folder, (*above, where))
    rules = changed(base.rules, read.rule, where)
    # The hash of a chain: that of what it builds on, then its own bytes.
    digest = hashlib.sha256(f"{base.sha256}\n".encode() + text).hexdigest()
    return Policy(head.name, head.version, head.title, digest, rules, (*base.chain, own))
