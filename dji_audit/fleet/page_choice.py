"""Of which flights of a run pages are drawn."""

from enum import StrEnum


class PageChoice(StrEnum):
    """Of which flights the user wants pages."""

    ALL = "all"
    #: Of those that need a look.
    FINDINGS = "findings"
    NONE = "none"
