"""What a capture carries that other formats read: each a stream that ``read_file`` hands on."""

from collections.abc import Callable, Sequence

import numpy as np

from ..._file_content import Content
from ..._formats import LogsAndParts
from ._capture_log import build_capture_log
from ._packets import BoolArray, PacketCapture
from ._wireless_frames import CarriedPart, remote_id_part

#: Of each kind of stream, what finds it in a capture.
_FINDERS: tuple[Callable[[PacketCapture], CarriedPart | None], ...] = (remote_id_part,)


def capture_log_and_parts(
    content: Content, capture: PacketCapture, format_name: str
) -> LogsAndParts:
    """Return the log of a capture, and the streams in it that other formats read."""
    parts = [part for find in _FINDERS if (part := find(capture)) is not None]
    log = build_capture_log(content, capture, format_name, _carried_packets(capture, parts))
    return LogsAndParts((log,), tuple(part.content for part in parts), log.coverage, log.issues)


def _carried_packets(capture: PacketCapture, parts: Sequence[CarriedPart]) -> BoolArray:
    """Return which packets are in a part, shape ``(n,)``."""
    carried = np.zeros(len(capture), np.bool_)
    for part in parts:
        carried[part.packets] = True
    return carried
