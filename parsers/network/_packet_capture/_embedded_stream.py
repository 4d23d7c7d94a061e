"""Bytes of a capture that another format reads, put together, and where each stands in it."""

from dataclasses import dataclass

import numpy as np

from ..._file_content import Content, PartToCarrierByteRanges
from ._captured_packets import IntArray


@dataclass(frozen=True, slots=True)
class EmbeddedStream:
    """A part of a capture that another format reads, and the packets that it is made of."""

    content: Content
    packets: IntArray


class EmbeddedStreamBuilder:
    """The bytes of a part while they are written, and where they stand in the capture."""

    def __init__(self, head: bytes = b"") -> None:
        """Begin with bytes that no capture holds."""
        self._data = bytearray(head)
        self._runs: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        """Return the bytes that were written."""
        return len(self._data)

    def add_generated_bytes(self, data: bytes, offset: int) -> None:
        """Add bytes that the capture does not hold; they belong to those at an offset in it."""
        self._add_byte_run(offset, 0)
        self._data += data

    def add_captured_bytes(self, data: bytes, offset: int) -> None:
        """Add bytes that stand in the capture at an offset."""
        self._add_byte_run(offset, len(data))
        self._data += data

    def add_generated_bytes_about_whole_stream(self, data: bytes) -> None:
        """Add bytes that concern the part as a whole; they belong to its first bytes."""
        self._add_byte_run(self._runs[0][1] if self._runs else 0, 0)
        self._data += data

    def build_stream_content(self, carrier: Content, stream: str) -> Content:
        """Return the part, as a stream of the capture."""
        starts, offsets, sizes = np.array(self._runs, np.int64).reshape(-1, 3).T
        runs = PartToCarrierByteRanges(starts.copy(), offsets.copy(), sizes.copy())
        return carrier.sub_content(stream=stream, data=bytes(self._data), carried_runs=runs)

    def _add_byte_run(self, offset: int, size: int) -> None:
        if not self._runs and self._data:
            self._runs.append((0, offset, 0))
        self._runs.append((len(self._data), offset, size))
