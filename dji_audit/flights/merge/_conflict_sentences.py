"""The sentences about disagreements: one template for each kind of conflict between logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dji_audit.common.plain_english import joined_with_and, pluralised_count

#: Logs that a sentence names; the sides of a disagreement hold all of them.
_MAX_NAMES = 3


@dataclass(frozen=True, slots=True)
class ConflictSentenceTemplates:
    """What is said of one kind of conflict.

    A template may use ``reference``, ``others``, ``difference``, ``clock_difference`` and
    ``rows``, and the words that the conflict itself brings.
    """

    #: Where one log differs from the reference, and where several do.
    singular: str
    plural: str
    unit: str
    #: What the tolerance is made of.
    tolerance_basis: str


TRACK_DISTANCE = ConflictSentenceTemplates(
    "{reference} and {others} are {difference:.1f} m apart{quantity}, in {rows}",
    "{reference} lies up to {difference:.1f} m from {others}{quantity}, in {rows}",
    "m",
    "the position errors and step sizes of both logs, and their clock uncertainty",
)
CAPTURE_BOUNDS = ConflictSentenceTemplates(
    "one {edge} {difference:.1f} s apart in {reference} and in {others}",
    "one {edge} up to {difference:.1f} s apart in {reference} and in {others}",
    "s",
    "errors of both clocks, and 5 s",
)
TWO_ALIGNMENTS = ConflictSentenceTemplates(
    "the clock of {others} is aligned in two ways that differ by {difference:.0f} s: "
    "{reason}; but {alternative}",
    "the clocks of {others} are aligned in two ways that differ by {difference:.0f} s: "
    "{reason}; but {alternative}",
    "s",
    "errors of both ways, and 2 s",
)
UTC_CLOCK_OFF = ConflictSentenceTemplates(
    "the clock of {others} is {clock_difference} s {side} that of the flight, as the tracks show",
    "the clocks of {others} are {clock_difference} s {side} that of the flight, as the tracks show",
    "s",
    "errors of both clocks, and 2 s",
)


def describe_conflict(
    text: ConflictSentenceTemplates,
    words: Mapping[str, str],
    reference: str,
    others: Sequence[str],
    difference: float,
    rows: int,
    unlisted: int = 0,
) -> str:
    """Return the sentence about a conflict of one log with others.

    Args:
        text: The templates.
        words: What the conflict itself brings to them.
        reference: Name of the log that the others are compared with.
        others: Names of the logs that differ from it.
        difference: The largest difference, in the unit of the text.
        rows: Rows in which they differ.
        unlisted: Further intervals that are counted and not listed.
    """
    sentence = (text.plural if len(others) > 1 else text.singular).format(
        reference=reference,
        others=join_names(others),
        difference=difference,
        clock_difference=f"{difference:.{1 if difference < 10 else 0}f}",
        rows=pluralised_count(rows, "row"),
        **words,
    )
    return f"{sentence}; {pluralised_count(unlisted, 'further interval')}" if unlisted else sentence


def join_names(names: Sequence[str]) -> str:
    """Return names as a list in words; of many the first few, and how many more there are."""
    if len(names) > _MAX_NAMES + 1:
        return f"{', '.join(names[:_MAX_NAMES])} and {len(names) - _MAX_NAMES} more"
    return joined_with_and(names)
