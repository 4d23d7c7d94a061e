"""Remarks that a run makes once, although many of its flights give rise to them.

That a mark stands in the header of every record of an app is one fact about the app, and not as
many facts as there are flights.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class FindingWithRunRemark(Protocol):
    """What a remark is made of: a ``Finding``, or its row in a report."""

    @property
    def rule(self) -> str:
        """Id of the policy entry."""

    @property
    def run_remark(self) -> str:
        """The sentence that the run says once; empty: none."""


@dataclass(frozen=True, slots=True)
class RemarkOnSeveralFlights:
    """One remark of a run."""

    #: Id of the policy entry; empty: it is about what the unit supplied.
    rule: str
    #: The sentence, with the number of flights.
    text: str
    #: Ids of the flights that give rise to it, in their order; empty: it is about the run.
    flights: tuple[str, ...]


def remarks_on_several_flights(
    findings: Iterable[tuple[str, FindingWithRunRemark]],
) -> tuple[RemarkOnSeveralFlights, ...]:
    """Return the remarks of a run, each once, in order of the first flight.

    Args:
        findings: Id of a flight, and one of its findings; those without a sentence are left out.
    """
    flights: dict[tuple[str, str], dict[str, None]] = {}
    for flight, finding in findings:
        if finding.run_remark:
            flights.setdefault((finding.rule, finding.run_remark), {})[flight] = None
    return tuple(
        RemarkOnSeveralFlights(rule, sentence.replace("{count}", f"{len(ids):,}"), tuple(ids))
        for (rule, sentence), ids in flights.items()
    )
