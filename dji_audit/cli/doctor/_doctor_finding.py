"""What a check of doctor found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One thing that was looked at."""

    #: problem: it is missing, wrong or out of date; note: unused, or worth knowing; ok: neither.
    level: Literal["problem", "note", "ok"]
    #: Key of the configuration, or part of the computer, such as "zones" or "temporary files".
    subject: str
    text: str
