"""The outcomes of rules and the severities of findings.

This loads nothing else: the schema of the tables of a fleet names them too.
"""

from enum import Enum, StrEnum


class Outcome(StrEnum):
    """The result of a rule on one flight.

    "Not checked" is never "clean", so there are more than two.  A failure that somebody
    authorised, or looked at and acknowledged, is still a failure: it has its own outcome, and
    its findings stay listed.
    """

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    FAIL_ACKNOWLEDGED = "fail_acknowledged"
    FAIL_AUTHORISED = "fail_authorised"
    NOT_ASSESSABLE = "not_assessable"
    NOT_APPLICABLE = "not_applicable"


class RankedEnum(Enum):
    """Names in an order."""

    @property
    def rank(self) -> int:
        """Position in the order; 0 is the first."""
        return list(type(self)).index(self)


class Severity(RankedEnum, StrEnum):
    """What a unit must do about a finding, in rising order; ``docs/severity.md`` defines each."""

    REMARK = "remark"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


#: Outcome of a finding that breaks nothing, whatever else its rule finds.
REMARK = "remark"

#: Outcomes of a rule that was broken.
FAILURES = (Outcome.FAIL, Outcome.FAIL_ACKNOWLEDGED, Outcome.FAIL_AUTHORISED)
#: The least severity that somebody needs to look at; less is a note, or a remark.
NEEDS_LOOK = Severity.MEDIUM
