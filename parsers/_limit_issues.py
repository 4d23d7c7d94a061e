"""The number of issues of one log or file is bounded, and what is left out is said and counted."""

from collections.abc import Iterable

from ._model import Issue

#: Issues of one log or file: damage in every record of a hostile file would give millions.
MOST_ISSUES = 10_000


def limit_issues(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues, those beyond so many as one that counts them and their bytes.

    That data are cut short is always kept: rules rest on it.
    """
    every = tuple(issues)
    if len(every) <= MOST_ISSUES:
        return every
    certain = [issue for issue in every if issue.cut_short][: MOST_ISSUES // 2]
    others = [issue for issue in every if not issue.cut_short]
    room = MOST_ISSUES - 1 - len(certain)
    kept, rest = others[:room], others[room:]
    size = sum(issue.size for issue in rest)
    what = (
        f"{len(rest):,} more places like these, with {size:,} bytes that were not decoded, are not "
        "listed one by one; the first is here"
    )
    return (*certain, *kept, Issue(min(issue.offset for issue in rest), size, what))
