"""How evidence is redacted: what becomes of positions, and by what names are replaced."""

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

#: Bytes of the evidence that make the key.
_KEY_BYTES = 1 << 16
#: Hexadecimal digits of a replacement: two of a case coincide once in 16 million.
_DIGITS = 8


class PositionRedactionMethod(StrEnum):
    """What becomes of positions."""

    #: Each flight is moved to the open sea; its shape and its times stay.
    OFFSET = "offset"
    #: Each position is moved to the middle of its square of a hundredth of a degree.
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class RedactionMethodAndKey:
    """How evidence is redacted; the same for all workers of a run."""

    method: PositionRedactionMethod
    #: Makes the same replacement of the same name everywhere, which nobody can undo by trying
    #: all serial numbers: only who has the evidence has the key.
    key: bytes = field(repr=False)

    def replacement_of_name(self, kind: str, value: str) -> str:
        """Return what stands for a value, such as ``serial-3f9a01c4``: the same for the same."""
        digest = hmac.new(self.key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:_DIGITS]}"


def redaction_keyed_by_evidence_file(
    method: PositionRedactionMethod, evidence: Path
) -> RedactionMethodAndKey:
    """Return a redaction whose key is made of the first bytes of a file of the evidence.

    Raises:
        OSError: If the file cannot be read.
    """
    with evidence.open("rb") as stream:
        start = stream.read(_KEY_BYTES)
    return RedactionMethodAndKey(method, hashlib.sha512(b"dji-audit redaction\0" + start).digest())
