"""The verdicts on a flight."""

from enum import StrEnum


class FlightVerdict(StrEnum):
    """Whether a flight needs somebody, the most urgent first."""

    #: A rule failed at medium severity or above, and nobody settled it.
    NEEDS_LOOK = "needs_look"
    #: Rules failed at low severity only.
    NOTE = "note"
    #: Nothing failed, and most rules that its logs should answer were not checked.
    NOT_CHECKED = "not_checked"
    #: Nothing failed, and some rules that its logs should answer were not checked.
    CLEAN_IN_PART = "clean_in_part"
    #: Nothing failed, and every rule that its logs should answer was checked.
    CLEAN = "clean"
    #: No aircraft flew: its logs state that a simulator made them.
    SIMULATED = "simulated"
