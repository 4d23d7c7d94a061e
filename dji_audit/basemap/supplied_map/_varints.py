"""Numbers of varying length, as Protocol Buffers write them: seven bits a byte, least first.

Source: Protocol Buffers documentation, Encoding.
"""

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map._supplied_map_types import SuppliedMapError

_MAX_BYTES = 10


def decode_varints(data: bytes) -> npt.NDArray[np.int64]:
    """Return the numbers that fill some bytes, shape ``(n,)``; those of 2**63 and more wrap.

    Raises:
        SuppliedMapError: If the last number is cut short, or one has more than ten bytes.
    """
    octets = np.frombuffer(data, np.uint8)
    if not len(octets):
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(octets < 0x80)
    if not len(ends) or ends[-1] != len(octets) - 1:
        raise SuppliedMapError(f"a number is cut short after {len(octets):,} bytes")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _MAX_BYTES:
        raise SuppliedMapError(f"a number at byte {int(starts[lengths.argmax()]):,} is too long")
    values = np.zeros(len(ends), np.uint64)
    for place in range(int(lengths.max())):
        has = lengths > place
        part = (octets[starts[has] + place] & 0x7F).astype(np.uint64)
        values[has] |= part << np.uint64(7 * place)
    return values.view(np.int64)


def decode_zigzag_numbers(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return signed numbers: 0, -1, 1, -2 are written as 0, 1, 2, 3."""
    return (values >> 1) ^ -(values & 1)
