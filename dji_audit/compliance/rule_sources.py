"""Sources of a rule: the law, code, guidance or list that it rests on, and when that was read.

A statement about the law is only as good as the text that somebody read.  A source names the
instrument and the paragraph, where it is published and the day on which its text was read; an
account of it by anybody else is a secondary source, however good it is.  Where a text changes,
there is a source for each wording, with the days on which that wording is in force.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dji_audit.common.valid_days import is_valid_on

#: ``instrument``: an Act, order, regulation or statutory code, as published by those who publish
#: the law; ``guidance``: what an authority publishes about it; ``list``: an official list;
#: ``maker``: what the maker of an aircraft or app states of it; ``secondary``: anybody else's
#: account of one of these.
SourceKind = Literal["instrument", "guidance", "list", "maker", "secondary"]
#: Days after which a source is to be read again: pages of authorities change without notice,
#: instruments with each amendment.
READ_AGAIN_AFTER_DAYS: Mapping[SourceKind, int] = {
    "instrument": 180,
    "guidance": 90,
    "list": 30,
    "maker": 90,
    "secondary": 90,
}
#: Statuses of rules that rest on a text which others wrote, and that is to be read.
STATUSES_WITH_SOURCES = frozenset(
    (
        "statute",
        "statutory_code",
        "regulator_guidance",
        "sector_guidance",
        "vendor_commitment",
        "foreign_law",
    )
)
#: An address without its scheme.
_ADDRESS = r"^[^\s:/]+(/\S*)?$"


class RuleSource(BaseModel):
    """One text that a rule rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Its name, as lawyers cite it.
    instrument: str = Field(min_length=1)
    kind: SourceKind
    #: Article, section or paragraph; ``None``: not known.
    paragraph: str | None = Field(default=None, min_length=1)
    #: Where it is published, without ``https://``; ``None``: not known.
    address: str | None = Field(default=None, min_length=1, pattern=_ADDRESS)
    #: Where a complete copy of it was read instead, without ``https://``; ``None``: no copy was.
    #: A passage that somebody quotes is an account, not a copy.
    copy_address: str | None = Field(default=None, min_length=1, pattern=_ADDRESS)
    #: The day on which its text was read; ``None``: it was not read.
    read: dt.date | None = None
    #: First and last day on which it is in force; ``None``: not limited, as far as is known.
    since: dt.date | None = None
    until: dt.date | None = None
    #: What is doubtful about it, or what it says otherwise than others do.
    note: str | None = Field(default=None, min_length=1)

    @property
    def name_text(self) -> str:
        """The text and the place in it, in words."""
        return self.instrument + (f", {self.paragraph}" if self.paragraph else "")

    def is_in_force(self, day: dt.date | None) -> bool:
        """Return whether the text is in force on a date; on no known date, whether it always is."""
        if day is None:
            return self.since is None and self.until is None
        return is_valid_on(day, self.since, self.until)

    @property
    def has_read_text_and_paragraph(self) -> bool:
        """Whether its own text was read, at a paragraph."""
        return self.kind != "secondary" and self.read is not None and self.paragraph is not None

    def days_since_text_was_read(self, day: dt.date) -> int | None:
        """Days since it was read; ``None``: it was not read."""
        return None if self.read is None else (day - self.read).days

    def review_task_on(self, day: dt.date) -> str | None:
        """What a person has to do about it on a day; ``None``: nothing.

        A wording that has ended does not change any more, so that it is read once.
        """
        age = self.days_since_text_was_read(day)
        if self.kind == "secondary":
            return "read the text itself: this is somebody else's account of it"
        if age is None:
            return "read it: its text was not read"
        if self.paragraph is None:
            return "find the paragraph"
        has_ended = self.until is not None and self.until < day
        if not has_ended and age > READ_AGAIN_AFTER_DAYS[self.kind]:
            return f"read it again: it was read {age} days before"
        return None


def why_rule_is_unverified(
    status: str,
    sources: Sequence[RuleSource],
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> str | None:
    """Why a rule of this status cannot be called verified; ``None``: it can.

    Rules of engineering and decisions of a unit rest on no text of others.

    Args:
        status: The status of the rule.
        sources: The texts that it rests on.
        first: The first day on which the rule is in force; ``None``: it always was.
        last: The last such day; ``None``: it still is.
    """
    if status not in STATUSES_WITH_SOURCES:
        return None
    read_texts = [source for source in sources if source.has_read_text_and_paragraph]
    if not read_texts:
        return (
            "verified needs a source of its own: an instrument, guidance or list with its "
            "paragraph and the day on which its text was read"
        )
    day = _first_day_without_source_in_force(read_texts, first or dt.date.min, last or dt.date.max)
    if day is None:
        return None
    when = "before any text" if day == dt.date.min else f"on {day}"
    return f"verified needs a text for every day of the rule, and none that was read holds {when}"


def _first_day_without_source_in_force(
    read_texts: Sequence[RuleSource], first: dt.date, last: dt.date
) -> dt.date | None:
    """Return the first day from ``first`` to ``last`` with none of the texts in force."""
    day = first
    for text in sorted(read_texts, key=lambda source: source.since or dt.date.min):
        if (text.since or dt.date.min) > day:
            break
        until = text.until or dt.date.max
        if until >= last:
            return None
        day = max(day, until + dt.timedelta(days=1))
    return day if day <= last else None
