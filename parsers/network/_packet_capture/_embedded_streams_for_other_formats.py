"""What a capture carries that other formats read: each a stream that ``read_file`` hands on."""

from collections.abc import Sequence

import numpy as np

from ..._file_content import Content
from ..._formats import LogsAndParts
from ._capture_log import build_capture_log
from ._captured_packets import BoolArray, CapturedPackets
from ._conversations import split_flows
from ._embedded_stream import EmbeddedStream
from ._mavlink_streams import mavlink_parts
from ._mqtt_messages import cloud_api_part
from ._packet_table import decode_packets
from ._remote_id_frames import remote_id_part


def capture_log_and_parts(
    content: Content, capture: CapturedPackets, format_name: str
) -> LogsAndParts:
    """Return the log of a capture, and the streams in it that other formats read."""
    packets = decode_packets(capture)
    flows = split_flows(capture, packets)
    heard = remote_id_part(capture)
    parts = [
        *([] if heard is None else [heard]),
        *([] if flows is None else mavlink_parts(flows)),
        *([] if flows is None or (sent := cloud_api_part(flows)) is None else [sent]),
    ]
    carried = _packets_in_parts(capture, parts)
    log = build_capture_log(content, capture, packets, flows, format_name, carried)
    return LogsAndParts((log,), tuple(part.content for part in parts), log.coverage, log.issues)


def _packets_in_parts(capture: CapturedPackets, parts: Sequence[EmbeddedStream]) -> BoolArray:
    """Return which packets are in a part, shape ``(n,)``."""
    carried = np.zeros(len(capture), np.bool_)
    for part in parts:
        carried[part.packets] = True
    return carried
