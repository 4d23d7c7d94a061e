"""So many issues are listed; the others are counted."""

from parsers import Issue
from parsers._formats import MOST_ISSUES, merge_issues_beyond_limit


def test_as_many_issues_as_are_listed_stay_as_they_are() -> None:
    issues = tuple(Issue(10 * number, 1, "damaged") for number in range(MOST_ISSUES))
    assert merge_issues_beyond_limit(issues) == issues


def test_issues_beyond_are_counted_with_their_bytes_and_none_that_cuts_short_is_lost() -> None:
    issues = [Issue(10 * number, 2, "damaged") for number in range(MOST_ISSUES + 5)]
    issues.append(Issue(7, 0, "cut short: no end marker"))
    limited = merge_issues_beyond_limit(issues)
    assert len(limited) == MOST_ISSUES
    assert any(issue.is_truncated for issue in limited)
    assert sum(issue.size for issue in limited) == sum(issue.size for issue in issues)
    assert limited[-1].reason.startswith("7 more places like these, with 14 bytes")
    assert limited[-1].offset == 10 * (MOST_ISSUES - 2)
