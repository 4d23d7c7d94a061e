"""One row of the catalogue, and how a row from outside is checked."""

import difflib
import ipaddress
import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dji_audit.endpoints._names import is_address, normalise
from dji_audit.endpoints._wording import (
    CATEGORIES,
    CONFIDENCES,
    ENVIRONMENTS,
    EVIDENCE,
    LDM_MODULES,
    SPECIFICITIES,
)
from dji_audit.supplied_tables import CaseError

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_PORT = re.compile(r"\*:[1-9]\d{0,4}/(tcp|udp)")
#: Each may stand for any text, so that many of them take long to compare.
_WILDCARDS = 4
_COUNTRY = re.compile(r"[A-Z]{2}|")


class CatalogueError(CaseError):
    """A file of endpoints cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One sourced row: a host, or what ends in it, in one role."""

    indicator: str
    #: How it is compared: one of ``MATCHES``.
    match: str
    #: One of ``SPECIFICITIES``.
    specificity: str
    #: One of ``CATEGORIES``; a host with several roles has a row for each.
    category: str
    #: Module of DJI's Local Data Mode that may be exempt from it; empty: not known or not DJI's.
    ldm_exempt_module: str
    operator: str
    #: Where the operator has its head office, by general knowledge; empty: not known.
    operator_country: str
    #: Where the host stands, only where a source or the name of a cloud region says so.
    jurisdiction: str
    used_by: str
    carries: str
    #: Paths of this role, separated by spaces; ``*`` stands for any text.
    paths: str
    #: Paths of this role that take uploads.
    upload_paths: str
    port: str
    environment: str
    #: How it is known: words of ``EVIDENCE``, joined by ``+``.
    evidence: str
    confidence: str
    source: str
    notes: str

    def takes(self, path: str) -> bool:
        """Return whether a path is one that takes uploads in this role."""
        return _pattern(self.upload_paths).fullmatch(_plain(path)) is not None

    def has(self, path: str) -> bool:
        """Return whether a path belongs to this role."""
        return self.takes(path) or _pattern(self.paths).fullmatch(_plain(path)) is not None

    def plain(self) -> dict[str, str]:
        """Return the row as texts by column."""
        return {name: getattr(self, name) for name in COLUMNS}

    @property
    def has_paths(self) -> bool:
        """Whether the role is told from others of the host by its paths."""
        return bool(self.paths or self.upload_paths)


COLUMNS = tuple(field.name for field in fields(Endpoint))


class Row(BaseModel):
    """A row from outside: what has no default must be given."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    indicator: str = Field(min_length=1, max_length=253)
    match: Literal["exact", "suffix", "ip", "port", "never"] = "exact"
    specificity: str = "vendor"
    category: str = "other"
    ldm_exempt_module: str = ""
    operator: str = Field("", max_length=200)
    operator_country: str = ""
    jurisdiction: str = ""
    used_by: str = ""
    carries: str = ""
    paths: str = Field("", max_length=4000)
    upload_paths: str = Field("", max_length=4000)
    port: str = ""
    environment: str = "prod"
    evidence: str = "unit"
    confidence: str = "medium"
    source: str = Field(min_length=1)
    notes: str = ""

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        if self.match == "never":
            return self
        for fault in _faults(self):
            raise ValueError(fault)
        return self

    def endpoint(self) -> Endpoint:
        """Return the row as the catalogue holds it, its name normalised."""
        values = {name: getattr(self, name) for name in COLUMNS}
        if self.match in ("exact", "suffix", "ip"):
            values["indicator"] = normalise(self.indicator) or self.indicator
        return Endpoint(**values)


def checked(values: dict[str, str], where: str) -> Row:
    """Return a row from outside.

    Raises:
        CatalogueError: With the place and the first fault.
    """
    try:
        return Row.model_validate(values)
    except ValidationError as error:
        faults = error.errors()
        fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
        name = str(fault["loc"][0]) if fault["loc"] else str(values.get("indicator", ""))
        text = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            close = difflib.get_close_matches(name, COLUMNS, 1)
            text = "no such column" + (f"; did you mean {close[0]}?" if close else "")
        raise CatalogueError(f"{where}: {name}: {text}") from error


def _faults(row: Row) -> list[str]:
    name = normalise(row.indicator) or ""
    shape = {
        "exact": bool(_HOST.fullmatch(name)) and not is_address(name),
        "suffix": bool(_HOST.fullmatch(name)) and not is_address(name),
        "ip": is_address(name),
        "port": bool(_PORT.fullmatch(row.indicator)),
    }[row.match]
    found = [] if shape else [f"{row.indicator!r} has not the shape of a match by {row.match}"]
    if row.match == "ip" and is_address(name) and not ipaddress.ip_address(name).is_global:
        found.append(f"{name} is no address of the internet")
    for column, word, words in (
        ("specificity", row.specificity, tuple(SPECIFICITIES)),
        ("category", row.category, tuple(CATEGORIES)),
        ("environment", row.environment, ENVIRONMENTS),
        ("confidence", row.confidence, CONFIDENCES),
        ("ldm_exempt_module", row.ldm_exempt_module or "OTHER", tuple(LDM_MODULES)),
        *(("evidence", word, tuple(EVIDENCE)) for word in row.evidence.split("+")),
    ):
        if word not in words:
            close = difflib.get_close_matches(word, words, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(words)}"
            found.append(f"{column} {word!r} is not known; {hint}")
    if not row.operator:
        found.append("no operator is given")
    for column in ("operator_country", "jurisdiction"):
        if not _COUNTRY.fullmatch(getattr(row, column)):
            found.append(f"{column} {getattr(row, column)!r} is no country code")
    for path in (*row.paths.split(), *row.upload_paths.split()):
        if not path.startswith("/") or path == "/":
            found.append(f"path {path!r} does not begin with / or tells nothing")
        if path.count("*") > _WILDCARDS:
            found.append(f"path {path!r} has more than {_WILDCARDS} asterisks")
    return found


def _plain(path: str) -> str:
    """Return a path without its query and fragment."""
    return path.partition("?")[0].partition("#")[0]


@cache
def _pattern(paths: str) -> re.Pattern[str]:
    """Return what matches each of some paths and everything below it."""
    if not paths:
        return re.compile(r"(?!)")
    parts = [re.escape(path.rstrip("/")).replace(r"\*", ".*") for path in paths.split()]
    return re.compile(rf"(?:{'|'.join(parts)})(?:/.*)?", re.DOTALL)
