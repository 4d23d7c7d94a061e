"""What shows that a log of broadcasts carries a fact.

A broadcast is what somebody's transmitter said, received now and then.  It can show that an
aircraft was too high, or in a zone; it cannot show that it never was.  So these logs carry no
fact about the flight itself: they accuse, and acquit nobody.
"""

from .._which_facts_logs_record import FactDeclaration

FACTS = (
    FactDeclaration("remote_id_broadcast", "Remote ID that a receiver recorded"),
    FactDeclaration("clock_utc", "times of the receiver", columns=("time",)),
)
