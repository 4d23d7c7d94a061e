"""What came of comparing tracks: the same two are compared once, though runs come every night."""

import hashlib
import struct
from collections.abc import Callable, Iterable
from typing import cast

from dji_audit.flights.clock._track_alignment import C, TrackTimeShift

#: Bytes of the key of a comparison.
_KEY_BYTES = 16
#: A result: its kind, and up to three numbers.
_RESULT = struct.Struct("<B3d")
_NOTHING, _NUMBER, _TIME_SHIFT, _UNINFORMATIVE_TIME_SHIFT = range(4)


class TrackComparisons:
    """Results of comparisons of two tracks by what was compared: a few bytes for each."""

    def __init__(self, known: bytes = b"") -> None:
        """Take results of earlier comparisons.

        Args:
            known: What ``used_results_as_bytes`` of another returned.

        Raises:
            ValueError: If they are not that.
        """
        size = _KEY_BYTES + _RESULT.size
        if len(known) % size:
            raise ValueError("no results of comparisons")
        self._known = {
            known[at : at + _KEY_BYTES]: known[at + _KEY_BYTES : at + size]
            for at in range(0, len(known), size)
        }
        self._used: dict[bytes, bytes] = {}

    def known_or_new_result(self, question: Iterable[bytes], compare: Callable[[], C]) -> C:
        """Return what came of a comparison; one that is not known is made.

        Args:
            question: Which tracks are compared, and how.
            compare: Compares them; returns a ``TrackTimeShift``, a number or ``None``.
        """
        key = hashlib.blake2b(b"".join(question), digest_size=_KEY_BYTES).digest()
        known = self._used.get(key) or self._known.get(key)
        if known is not None:
            self._used[key] = known
            return cast(C, _decode_comparison_result(known))
        result = compare()
        self._used[key] = _encode_comparison_result(result)
        return result

    def used_results_as_bytes(self) -> bytes:
        """Return the results that were asked for: those of tracks that are gone are not kept."""
        return b"".join(key + self._used[key] for key in sorted(self._used))


def _encode_comparison_result(result: object) -> bytes:
    if result is None:
        return _RESULT.pack(_NOTHING, 0.0, 0.0, 0.0)
    if isinstance(result, TrackTimeShift):
        kind = _TIME_SHIFT if result.is_informative else _UNINFORMATIVE_TIME_SHIFT
        return _RESULT.pack(kind, result.offset_s, result.uncertainty_s, result.distance_m)
    return _RESULT.pack(_NUMBER, cast(float, result), 0.0, 0.0)


def _decode_comparison_result(data: bytes) -> TrackTimeShift | float | None:
    kind: int
    first: float
    kind, first, uncertainty_s, distance_m = _RESULT.unpack(data)
    if kind == _NOTHING:
        return None
    if kind == _NUMBER:
        return first
    return TrackTimeShift(first, uncertainty_s, distance_m, kind == _TIME_SHIFT)
