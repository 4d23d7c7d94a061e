"""The bodies that a survey asks, with the days of their existence and what became of them."""

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pydantic import Field

from dji_audit.common.shipped_tables import date_or_none, shipped_table_rows
from dji_audit.common.supplied_tables import (
    Day,
    RowModel,
    SuppliedFileError,
    WordList,
    read_supplied_table,
)
from dji_audit.common.valid_days import is_valid_on
from dji_audit.compliance.makers_of_concern import normalised_maker_name, split_names
from dji_audit.fleet.survey.declared_return import SurveyError

#: Who is asked unless a list is named: the bodies of the remit of the Surveillance Camera Code.
COMMISSIONER, ALL_BODIES, LISTED_BODIES = "commissioner", "all", "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceBody:
    """One police force, or another body that is asked."""

    name: str
    #: Other names that it has or had.
    aliases: tuple[str, ...]
    #: ``england``, ``wales``, ``scotland``, ``northern_ireland``, ``special`` or ``other``.
    group: str
    #: Whether the survey asks it.
    is_asked: bool
    #: ``None``: since before the list begins, or still.
    valid_from: dt.date | None
    #: Its last day.
    valid_to: dt.date | None
    #: The bodies that took over from it; empty: it exists, or nobody did.
    successors: tuple[str, ...]
    source: str

    def exists_on(self, day: dt.date) -> bool:
        """Return whether it existed on a day."""
        return is_valid_on(day, self.valid_from, self.valid_to)


class SuppliedPoliceBody(RowModel):
    """One row of a list of bodies that a user supplies."""

    name: str = Field(min_length=1, max_length=200, description="Name of the body.")
    aliases: WordList = Field((), description="Other names, separated by semicolons.")
    group: str = Field("other", description="Group of the body.")
    asked: bool = Field(True, description="Whether the survey asks it.")
    valid_from: Day | None = Field(None, description="First day of its existence.")
    valid_to: Day | None = Field(None, description="Last day of its existence.")
    successors: WordList = Field((), description="The bodies that took over from it.")
    source: str = Field("", description="Where this is stated.")


@dataclass(frozen=True)
class PoliceBodyRegister:
    """A list of bodies."""

    bodies: tuple[PoliceBody, ...]

    @cached_property
    def _body_by_name(self) -> dict[str, PoliceBody]:
        """Return every name, normalised -> body; a name in use goes before an old one."""
        names = {
            _normalised_body_name(alias): body for body in self.bodies for alias in body.aliases
        }
        return names | {_normalised_body_name(body.name): body for body in self.bodies}

    @cached_property
    def _direct_predecessors_by_name(self) -> dict[str, tuple[PoliceBody, ...]]:
        found: dict[str, list[PoliceBody]] = {}
        for body in self.bodies:
            for name in body.successors:
                found.setdefault(_normalised_body_name(name), []).append(body)
        return {name: tuple(bodies) for name, bodies in found.items()}

    def find(self, name: str) -> PoliceBody | None:
        """Return the body of a name; ``None``: it is not in the list."""
        return self._body_by_name.get(_normalised_body_name(name))

    def bodies_asked_on(self, day: dt.date) -> tuple[PoliceBody, ...]:
        """Return the bodies that a survey of that day asks, by name."""
        return tuple(
            sorted(
                (it for it in self.bodies if it.is_asked and it.exists_on(day)),
                key=lambda it: it.name,
            )
        )

    def all_predecessors_of(self, body: PoliceBody) -> tuple[PoliceBody, ...]:
        """Return every body that became part of a body, however many mergers ago, by name."""
        found: dict[str, PoliceBody] = {}
        waiting = [body]
        while waiting:
            for before in self._direct_predecessors_by_name.get(
                _normalised_body_name(waiting.pop().name), ()
            ):
                if before.name not in found and before.name != body.name:
                    found[before.name] = before
                    waiting.append(before)
        return tuple(sorted(found.values(), key=lambda it: it.name))

    def successors_on(self, body: PoliceBody, day: dt.date) -> tuple[PoliceBody, ...]:
        """Return what a body had become by a day: itself where it still existed."""
        found: dict[str, PoliceBody] = {}
        seen, waiting = {body.name}, [body]
        while waiting:
            current = waiting.pop()
            if current.valid_to is None or day <= current.valid_to:
                found[current.name] = current
                continue
            for name in current.successors:
                after = self.find(name)
                if after is not None and after.name not in seen:
                    seen.add(after.name)
                    waiting.append(after)
        return tuple(sorted(found.values(), key=lambda it: it.name))

    def unknown_name_text(self, name: str) -> str:
        """Return a sentence on a name that is not in the list."""
        known = {
            _normalised_body_name(text): it.name
            for it in self.bodies
            for text in (it.name, *it.aliases)
        }
        close = difflib.get_close_matches(_normalised_body_name(name), known, 1)
        hint = f"; did you mean {known[close[0]]}?" if close else ""
        return f"{name} is not in the list of bodies{hint}"

    def no_longer_exists_text(self, body: PoliceBody, day: dt.date) -> str:
        """Return a sentence on a body that did not exist on a day."""
        if body.valid_from is not None and day < body.valid_from:
            return f"{body.name} did not exist before {body.valid_from}"
        after = ", ".join(it.name for it in self.successors_on(body, day))
        text = f"{body.name} did not exist after {body.valid_to}"
        return f"{text}; it became part of {after}" if after else text


def _normalised_body_name(name: str) -> str:
    """Return a name without case, punctuation, "the" and "and"."""
    words = normalised_maker_name(name.replace("&", " and ")).split()
    return " ".join(word for word in words if word not in ("the", "and"))


def shipped_police_bodies(asked: str = COMMISSIONER) -> PoliceBodyRegister:
    """Return the bodies that ship with dji-audit.

    Args:
        asked: ``COMMISSIONER``: a survey asks the bodies of England and Wales that the
            Commissioner asked in 2022; ``ALL_BODIES``: it asks every body of the list.
    """
    return validated_police_body_register(
        PoliceBody(
            name=row["name"],
            aliases=split_names(row["aliases"]),
            group=row["group"],
            is_asked=asked == ALL_BODIES or row["asked_2022"] == "yes",
            valid_from=date_or_none(row["valid_from"]),
            valid_to=date_or_none(row["valid_to"]),
            successors=split_names(row["successors"]),
            source=row["source"],
        )
        for row in shipped_table_rows("police_bodies.csv")
    )


def load_police_bodies(path: Path, asked: str) -> PoliceBodyRegister:
    """Return the shipped bodies as a CSV or TOML file changes them; a row replaces one of a name.

    Args:
        path: The file; in TOML ``[[body]]``.
        asked: As for `shipped_police_bodies`; or ``LISTED_BODIES``: a survey asks the bodies of
            the file and no others.

    Raises:
        SurveyError: If the file cannot be used, or a body has a successor that is not in the list.
    """
    try:
        table = read_supplied_table(path, "body", SuppliedPoliceBody)
    except SuppliedFileError as error:
        raise SurveyError(str(error)) from error
    supplied = [
        PoliceBody(
            name=row.record.name,
            aliases=row.record.aliases,
            group=row.record.group,
            is_asked=row.record.asked,
            valid_from=row.record.valid_from,
            valid_to=row.record.valid_to,
            successors=row.record.successors,
            source=row.record.source or path.name,
        )
        for row in table.rows
    ]
    return validated_police_body_register(_shipped_bodies_with_user_changes(supplied, asked))


def _shipped_bodies_with_user_changes(
    supplied: list[PoliceBody], asked: str
) -> Iterator[PoliceBody]:
    """Yield the shipped bodies with those that a user supplies in the place of theirs."""
    shipped = shipped_police_bodies(asked)
    replaced = {it.name for row in supplied if (it := shipped.find(row.name)) is not None}
    for body in shipped.bodies:
        if body.name in replaced:
            continue
        yield replace(body, is_asked=body.is_asked and asked != LISTED_BODIES)
    for row in supplied:
        before = shipped.find(row.name)
        if before is None:
            yield row
            continue
        # What a row leaves out stays as it was.
        yield replace(
            before,
            aliases=tuple(dict.fromkeys((*before.aliases, *row.aliases))),
            is_asked=row.is_asked,
            valid_from=row.valid_from or before.valid_from,
            valid_to=row.valid_to or before.valid_to,
            successors=row.successors or before.successors,
            source=row.source,
        )


def validated_police_body_register(bodies: Iterable[PoliceBody]) -> PoliceBodyRegister:
    """Return a list of bodies that agrees with itself.

    Raises:
        SurveyError: If a name stands for two bodies, a successor is not in the list, a body ends
            before it begins, or bodies follow one another in a circle.
    """
    listed = PoliceBodyRegister(tuple(bodies))
    seen: dict[str, str] = {}
    for body in listed.bodies:
        for name in dict.fromkeys(map(_normalised_body_name, (body.name, *body.aliases))):
            if seen.setdefault(name, body.name) != body.name:
                raise SurveyError(f"list of bodies: {name!r} is {seen[name]} and {body.name}")
    if len({body.name for body in listed.bodies}) < len(listed.bodies):
        raise SurveyError("list of bodies: a body appears twice")
    for body in listed.bodies:
        if body.valid_from and body.valid_to and body.valid_to < body.valid_from:
            raise SurveyError(f"list of bodies: {body.name} ends before it begins")
        if body.successors and body.valid_to is None:
            raise SurveyError(f"list of bodies: {body.name} has successors and no last day")
        for name in body.successors:
            if listed.find(name) is None:
                raise SurveyError(f"list of bodies: {name}, successor of {body.name}, is missing")
        if any(
            body.name == it.name
            for name in body.successors
            for it in _body_and_successors(listed, name)
        ):
            raise SurveyError(f"list of bodies: {body.name} follows itself")
    return listed


def _body_and_successors(listed: PoliceBodyRegister, name: str) -> Iterator[PoliceBody]:
    """Yield a body, and all that followed it."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        body = listed.find(waiting.pop())
        if body is None or body.name in seen:
            continue
        seen.add(body.name)
        yield body
        waiting += body.successors
