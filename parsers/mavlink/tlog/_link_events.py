"""Link events: radio, mobile network, GPS corrections, signing, and lost frames."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..._secrets._redact_secrets import REDACTED
from .._shared._event_rows import EventRow
from .._shared._mavlink_message_definitions import SECRET_FIELDS, message_definitions
from .._shared._record_framing import Offsets, rows_of_each_key
from .._shared._timestamps import NAT
from ._choose_vehicle import VehicleOfStream
from ._event_rows import event_row, sender_name, sender_name_of_message
from ._frame_header_columns import DAMAGED, FRAMES_AT_ONCE, SIGNED
from ._hosts_named_in_messages import iterate_first_row_and_distinct_text
from ._message_columns import MavlinkMessages, TlogMessages

#: No sender: system 255 has no component 255.
NO_SENDER = 0xFFFF
#: As many senders are looked for one by one; damage gives any number of them.
FEW_SENDERS = 8
#: The mark of an unknown number of 16 bits.
UNKNOWN_16 = 0xFFFF


def link_setup_and_traffic_events(stream: TlogMessages, vehicle: VehicleOfStream) -> list[EventRow]:
    """Return how the links were set up, and what went over them."""
    return [
        *_video_stream_events(stream["VIDEO_STREAM_INFORMATION"]),
        *_definition_file_events(stream),
        *_wifi_access_point_events(stream),
        *_mobile_network_events(stream["CELLULAR_STATUS"]),
        *_rtk_correction_events_by_sender(stream),
        *_message_signing_events(stream),
        *_undecoded_message_events(stream),
        *_frame_loss_event_of_each_sender(stream),
        *_telemetry_radio_events(vehicle, stream),
    ]


def redacted_message_counts(stream: TlogMessages) -> dict[str, int]:
    """Return how many messages have a field that holds nothing but a secret, by record and field.

    Secrets in texts are redacted and counted where a ``Log`` is made.
    """
    counts = {}
    for number in sorted(stream.index.intact_rows_by_message_id):
        known = message_definitions()[number]
        labels = [*SECRET_FIELDS.get(known.name, ())]
        if "param_value" in known.fields and known.dtype["param_value"].kind == "S":
            labels.append("param_value")
        for label in labels:
            count = sum(text == REDACTED for text in stream[known.name][label].tolist())
            if count:
                counts[f"{known.name}.{label}"] = count
    return counts


def _video_stream_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    seen: set[tuple[int, int, str]] = set()
    for row in range(len(messages)):
        flags, uri = int(messages["flags"][row]), messages["uri"][row]
        key = int(messages["stream_id"][row]), flags, uri
        if key in seen:
            continue
        seen.add(key)
        state = "running" if flags & 1 else "not running"
        heat = ", thermal" if flags & 2 else ""
        text = f"video stream {key[0]} {messages['name'][row]!r}: {uri} ({state}{heat})"
        yield event_row(messages, row, "link.config", text, label="uri", severity="notice")


def _definition_file_events(stream: TlogMessages) -> Iterator[EventRow]:
    for name, label in (
        ("CAMERA_INFORMATION", "cam_definition_uri"),
        ("COMPONENT_METADATA", "uri"),
        ("COMPONENT_INFORMATION", "general_metadata_uri"),
        ("COMPONENT_INFORMATION", "peripherals_metadata_uri"),
    ):
        for row, text in iterate_first_row_and_distinct_text(stream[name], label):
            what = f"definition to be fetched from {text}"
            yield event_row(stream[name], row, "link.config", what, label=label)


def _wifi_access_point_events(stream: TlogMessages) -> Iterator[EventRow]:
    for row, ssid in iterate_first_row_and_distinct_text(stream["WIFI_CONFIG_AP"], "ssid"):
        messages = stream["WIFI_CONFIG_AP"]
        masked = ", password redacted" if messages["password"][row] else ""
        text = (
            f"Wi-Fi access point {ssid!r}{masked}, set by {sender_name_of_message(messages, row)}"
        )
        yield event_row(messages, row, "link.config", text, label="ssid", severity="notice")
    messages = stream["CELLULAR_CONFIG"]
    for row in range(len(messages)):
        labels = [label for label in SECRET_FIELDS["CELLULAR_CONFIG"] if messages[label][row]]
        words = f", {', '.join(labels)} redacted" if labels else ""
        text = f"mobile network: access point {messages['apn'][row]!r}{words}"
        yield event_row(messages, row, "link.config", text, label="apn", severity="notice")


def _mobile_network_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield each cell that the modem reports; a cell also shows roughly where the aircraft was."""
    names = ("mcc", "mnc", "lac", "status", "type")
    keys = np.stack([messages[name].astype(np.int64) for name in names], axis=1)
    rows = [0, *(np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1)] if len(keys) else []
    for row in rows:
        mcc, mnc, lac, status, kind = keys[row].tolist()
        if mcc == UNKNOWN_16:
            text = f"mobile network: state {status}, no network named"
        else:
            text = f"mobile network {mcc}-{mnc}, area {lac}, state {status}, radio type {kind}"
        value = float(messages["quality"][row])
        value = np.nan if value == 255 else value
        yield event_row(messages, int(row), "link.signal", text, label="mcc", value=value)


def _rtk_correction_events_by_sender(stream: TlogMessages) -> Iterator[EventRow]:
    for name in ("GPS_RTCM_DATA", "GPS_INJECT_DATA"):
        messages = stream[name]
        keys = messages.system.astype(np.uint16) << 8 | messages.component
        for key in np.unique(keys).tolist():
            part = messages.select(keys == key)
            size = int(part["len"].sum())
            yield event_row(
                part,
                0,
                "link.config",
                f"GPS corrections (RTK) came from {sender_name(key >> 8, key & 0xFF)}: "
                f"{len(part)} messages, {size} bytes; their source (such as NTRIP) is not named",
                label="len",
                severity="notice",
                grade="measured",
                value=float(size),
                end=int(part.time[-1]),
            )


def _message_signing_events(stream: TlogMessages) -> Iterator[EventRow]:
    messages = stream["SETUP_SIGNING"]
    for row in range(len(messages)):
        text = (
            f"signing of messages set up by {sender_name_of_message(messages, row)}, key redacted"
        )
        yield event_row(messages, row, "link.config", text, label="secret_key", severity="notice")
    frames, index = stream.index.frames, stream.index
    signed = stream.rows_without_other_vehicles(np.flatnonzero(frames.frame_kind_bit_mask(SIGNED)))
    if len(signed):
        yield {
            "time": stream.times.utc_ns_of_frame(signed[0]),
            "end": stream.times.utc_ns_of_frame(signed[-1]),
            "kind": "link.config",
            "severity": "info",
            "grade": "measured",
            "text": f"{len(signed)} of {stream.frame_count_without_other_vehicles} frames are "
            "signed (not checked: no key)",
            "value": float(len(signed)),
            "record": "frame.incompat_flags",
            "source_offset": int(index.starts[signed[0]]),
        }


def _undecoded_message_events(stream: TlogMessages) -> Iterator[EventRow]:
    """Yield messages whose content is another protocol, by their number only."""
    for name in ("TUNNEL", "V2_EXTENSION", "ISBD_LINK_STATUS", "REMOTE_LOG_BLOCK_STATUS"):
        messages = stream[name]
        if len(messages):
            text = f"{len(messages)} {name} messages; their content is not decoded"
            yield event_row(messages, 0, "link.config", text, value=float(len(messages)))


def _frame_loss_event_of_each_sender(stream: TlogMessages) -> Iterator[EventRow]:
    """Yield for each sender the frames that its counter shows to be missing."""
    for key, count in _frame_loss_counters_by_sender(stream).items():
        lost = count.missing
        share = 100.0 * lost / (lost + count.frames)
        yield {
            "time": stream.times.utc_ns_of_frame(count.first),
            "end": stream.times.utc_ns_of_frame(count.last) if count.last > count.first else NAT,
            "kind": "link.signal",
            "severity": "info",
            "grade": "measured",
            "text": f"{sender_name(key >> 8, key & 0xFF)}: {count.frames} frames, {lost} missing "
            f"by their counter ({share:.2f} %)",
            "value": share,
            "record": "frame.sequence",
            "source_offset": int(stream.index.starts[count.first]),
        }


@dataclass(slots=True)
class _FrameLossCounter:
    """The frames of one sender, and how many its counter shows to be missing."""

    #: Rows of its first and its last frame.
    first: int
    last: int = 0
    frames: int = 0
    missing: int = 0
    sequence: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def count_frames(self, rows: Offsets, sequence: npt.NDArray[np.uint8]) -> None:
        """Take in frames that follow."""
        self.last = int(rows[-1])
        self.frames += len(rows)
        # Wraps around, like the counter.
        step = np.diff(sequence, prepend=self.sequence)
        # A frame that comes twice, over two links, is not 255 lost ones.
        ahead = step[step < 128]
        self.missing += int(ahead.sum(dtype=np.int64)) - int(np.count_nonzero(ahead))
        self.sequence = sequence[-1:]


def _frame_loss_counters_by_sender(stream: TlogMessages) -> Mapping[int, _FrameLossCounter]:
    """Return the counts by sender; a long log is gone through in blocks."""
    frames = stream.index.frames
    counts: dict[int, _FrameLossCounter] = {}
    for begin in range(0, len(frames), FRAMES_AT_ONCE):
        block = slice(begin, begin + FRAMES_AT_ONCE)
        keys = frames.system[block].astype(np.uint16) << np.uint16(8)
        keys |= frames.component[block]
        # A damaged frame's sender and sequence number are not known.
        keys[frames.status[block] == DAMAGED] = NO_SENDER
        for key, rows in _rows_of_each_sender(keys):
            if key == NO_SENDER or key >> 8 in stream.without:
                continue
            mine = begin + rows.astype(np.int64)
            counts.setdefault(key, _FrameLossCounter(int(mine[0]))).count_frames(
                mine, frames.sequence[mine]
            )
    return dict(sorted(counts.items()))


def _rows_of_each_sender(keys: npt.NDArray[np.uint16]) -> Iterable[tuple[int, Offsets]]:
    """Return for each sender, ascending, its rows."""
    present = np.flatnonzero(np.bincount(keys, minlength=NO_SENDER + 1)).tolist()
    if len(present) > FEW_SENDERS:
        return rows_of_each_key(keys).items()
    # To look for each costs less than to sort.
    return ((key, np.flatnonzero(keys == key)) for key in present)


def _telemetry_radio_events(vehicle: VehicleOfStream, stream: TlogMessages) -> Iterator[EventRow]:
    messages = stream["RADIO_STATUS"]
    if len(messages):
        rssi = messages["rssi"]
        text = f"telemetry radio: median signal {int(np.median(rssi))} of 254"
        end = int(messages.time[-1])
        value = float(np.median(rssi))
        yield event_row(
            messages, 0, "link.signal", text, label="rssi", value=value, end=end, grade="measured"
        )
    computer = stream["ONBOARD_COMPUTER_STATUS"]
    if len(computer):
        text = (
            f"{len(computer)} reports on the links of an onboard computer (system {vehicle.system})"
        )
        yield event_row(computer, 0, "link.config", text, label="link_tx_rate")
