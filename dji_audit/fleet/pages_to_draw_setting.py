"""Of which flights of a run pages are drawn."""

from enum import StrEnum


class PagesToDraw(StrEnum):
    """Of which flights the user wants pages."""

    ALL = "all"
    #: Of those that need a look.
    FINDINGS = "findings"
    NONE = "none"
