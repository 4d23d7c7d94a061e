"""One endpoint of the catalogue, and the validation of rows from outside."""

import datetime as dt
import difflib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.endpoints._catalogue_vocabulary import (
    CATEGORIES,
    CONFIDENCES,
    ENVIRONMENTS,
    EVIDENCE,
    LDM_MODULES,
    SPECIFICITIES,
)
from dji_audit.endpoints._normalise_host_names import is_ip_address, normalise_host, parse_ip_range

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_PORT = re.compile(r"\*:[1-9]\d{0,4}/(tcp|udp)")
#: Each wildcard matches any text, so comparing many of them takes long.
_MAX_WILDCARDS = 4
#: Bits that an address range fixes at least: wider ones hold whole countries.  By version of IP.
_LEAST_PREFIX = {4: 8, 6: 16}
_COUNTRY = re.compile(r"[A-Z]{2}|")


class CatalogueError(SuppliedFileError):
    """A file of endpoints cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One sourced row: a host or domain in one role."""

    indicator: str
    #: The kind of match: one of ``MATCH_KINDS``.
    match: str
    #: One of ``SPECIFICITIES``.
    specificity: str
    #: One of ``CATEGORIES``; a host with several roles has a row for each.
    category: str
    #: Module that may be exempt from DJI's Local Data Mode; empty if not known or not DJI.
    ldm_exempt_module: str
    operator: str
    #: Country of the head office of the operator; empty if no source was found.
    operator_country: str
    #: Source of that country, with the place in it; empty: the row's own source.
    country_source: str
    #: Country of the host, only where a source or the name of a cloud region states it.
    jurisdiction: str
    used_by: str
    carries: str
    #: URL paths of this role, separated by spaces; ``*`` matches any text.
    paths: str
    #: URL paths of this role that take uploads.
    upload_paths: str
    port: str
    environment: str
    #: How it is known: words of ``EVIDENCE``, joined by ``+``.
    evidence: str
    confidence: str
    #: Each source with the place in it, separated by semicolons.
    source: str
    #: Day on which the source was read, ``YYYY-MM-DD``; empty if not known.
    read_on: str
    notes: str

    def is_upload_path(self, path: str) -> bool:
        """Return whether a URL path takes uploads in this role."""
        return _matches_any_path(self.upload_paths, _path_without_query(path))

    def is_known_path(self, path: str) -> bool:
        """Return whether a URL path belongs to this role."""
        return self.is_upload_path(path) or _matches_any_path(self.paths, _path_without_query(path))

    def to_row(self) -> dict[str, str]:
        """Return the values as text by column."""
        return {name: getattr(self, name) for name in ENDPOINT_COLUMNS}

    @property
    def has_paths(self) -> bool:
        """Whether URL paths distinguish the role from other roles of the host."""
        return bool(self.paths or self.upload_paths)


ENDPOINT_COLUMNS = tuple(field.name for field in fields(CatalogueEntry))


class CatalogueCsvRow(BaseModel):
    """A row from outside; columns without a default are required."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    indicator: str = Field(min_length=1, max_length=253)
    match: Literal["exact", "suffix", "ip", "port", "never"] = "exact"
    specificity: str = "vendor"
    category: str = "other"
    ldm_exempt_module: str = ""
    operator: str = Field("", max_length=200)
    operator_country: str = ""
    country_source: str = ""
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
    read_on: str = ""
    notes: str = ""

    @model_validator(mode="after")
    def _refuse_faulty_values(self) -> Self:
        if self.match == "never":
            return self
        for fault in _row_faults(self):
            raise ValueError(fault)
        return self

    def to_endpoint(self) -> CatalogueEntry:
        """Return the row as an endpoint with a normalised name."""
        values = {name: getattr(self, name) for name in ENDPOINT_COLUMNS}
        if (ip_range := parse_ip_range(self.indicator)) is not None:
            values["indicator"] = str(ip_range)
        elif self.match in ("exact", "suffix", "ip"):
            values["indicator"] = normalise_host(self.indicator) or self.indicator
        return CatalogueEntry(**values)


def parse_endpoint_row(values: dict[str, str], where: str) -> CatalogueCsvRow:
    """Return a validated row.

    Raises:
        CatalogueError: With the position of the row and its first error.
    """
    try:
        return CatalogueCsvRow.model_validate(values)
    except ValidationError as error:
        faults = error.errors()
        fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
        name = str(fault["loc"][0]) if fault["loc"] else str(values.get("indicator", ""))
        text = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            close = difflib.get_close_matches(name, ENDPOINT_COLUMNS, 1)
            text = "no such column" + (f"; did you mean {close[0]}?" if close else "")
        raise CatalogueError(f"{where}: {name}: {text}") from error


def _row_faults(row: CatalogueCsvRow) -> list[str]:
    name = normalise_host(row.indicator) or ""
    is_valid = {
        "exact": bool(_HOST.fullmatch(name)) and not is_ip_address(name),
        "suffix": bool(_HOST.fullmatch(name)) and not is_ip_address(name),
        "ip": is_ip_address(name) or parse_ip_range(name) is not None,
        "port": bool(_PORT.fullmatch(row.indicator)),
    }[row.match]
    faults = [] if is_valid else [f"{row.indicator!r} is not valid for a match by {row.match}"]
    if row.match == "ip" and is_valid:
        faults += _ip_address_faults(name)
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
            hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(words)}"
            faults.append(f"{column} {word!r} is unknown; {hint}")
    if not row.operator:
        faults.append("the operator is missing")
    for column in ("operator_country", "jurisdiction"):
        if not _COUNTRY.fullmatch(getattr(row, column)):
            faults.append(f"{column} {getattr(row, column)!r} is not a country code")
    if row.country_source and not row.operator_country:
        faults.append("country_source is stated without operator_country")
    if row.read_on and not _is_date(row.read_on):
        faults.append(f"read_on {row.read_on!r} is not a date; use YYYY-MM-DD")
    for path in (*row.paths.split(), *row.upload_paths.split()):
        if not path.startswith("/") or path == "/":
            faults.append(f"path {path!r} must begin with / and name more than the root")
        if path.count("*") > _MAX_WILDCARDS:
            faults.append(f"path {path!r} has more than {_MAX_WILDCARDS} asterisks")
    return faults


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _ip_address_faults(name: str) -> Iterator[str]:
    """Yield what is wrong with a valid address or address range."""
    ip_range = parse_ip_range(name)
    if ip_range is None:
        if not ipaddress.ip_address(name).is_global:
            yield f"{name} is not a public internet address"
        return
    if not ip_range.is_global:
        yield f"{name} is not a range of public internet addresses"
    if ip_range.prefixlen < _LEAST_PREFIX[ip_range.version]:
        yield f"{name} is wider than /{_LEAST_PREFIX[ip_range.version]}"


def _path_without_query(path: str) -> str:
    """Return a path without its query and fragment."""
    return path.partition("?")[0].partition("#")[0]


def _matches_any_path(paths: str, path: str) -> bool:
    """Return whether a URL path is one of some paths with asterisks, or lies below it.

    Every asterisk stands for any text.  The parts between them are looked for from left to right,
    each once, so that the cost does not grow with a power of the length, as with a pattern.
    """
    return any(_matches_path(each.rstrip("/"), path) for each in paths.split())


def _matches_path(wanted: str, path: str) -> bool:
    first, *others = wanted.split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if not others:
        return path[place : place + 1] in ("", "/")
    *middle, last = others
    for part in middle:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    # What follows the last asterisk stands at the end of the path, or before what lies below it.
    is_end = path.endswith(last) and len(path) - len(last) >= place
    return is_end or path.find(f"{last}/", place) >= 0
