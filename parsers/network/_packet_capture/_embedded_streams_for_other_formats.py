"""What a capture carries that other formats read: each a stream that ``read_file`` hands on."""

from collections.abc import Sequence

import numpy as np

from ..._file_content import Content
from ..._formats import LogsAndParts
from ._capture_log import build_capture_log
from ._captured_packets import BoolArray, CapturedPackets
from ._conversations import flow_table_of_capture
from ._embedded_stream import EmbeddedStream
from ._mavlink_streams import extract_mavlink_streams
from ._mqtt_messages import extract_cloud_api_message_stream
from ._packet_table import decode_packets
from ._remote_id_frames import extract_remote_id_stream


def packet_capture_log_and_embedded_streams(
    content: Content, capture: CapturedPackets, format_name: str
) -> LogsAndParts:
    """Return the log of a capture, and the streams in it that other formats read."""
    packets = decode_packets(capture)
    flows = flow_table_of_capture(capture, packets)
    heard = extract_remote_id_stream(capture)
    parts = [
        *([] if heard is None else [heard]),
        *([] if flows is None else extract_mavlink_streams(flows)),
        *(
            []
            if flows is None or (sent := extract_cloud_api_message_stream(flows)) is None
            else [sent]
        ),
    ]
    carried = _packets_in_embedded_streams_mask(capture, parts)
    log = build_capture_log(content, capture, packets, flows, format_name, carried)
    return LogsAndParts((log,), tuple(part.content for part in parts), log.coverage, log.issues)


def _packets_in_embedded_streams_mask(
    capture: CapturedPackets, parts: Sequence[EmbeddedStream]
) -> BoolArray:
    """Return which packets are in a part, shape ``(n,)``."""
    carried = np.zeros(len(capture), np.bool_)
    for part in parts:
        carried[part.packets] = True
    return carried
