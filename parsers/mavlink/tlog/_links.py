"""Links: radio, mobile network, satellites' corrections, signing, and what was lost on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..._secrets import REDACTED
from .._shared._dialect import SECRETS, messages
from .._shared._framing import Offsets, groups
from ._clock import Vehicle
from ._contacts import distinct
from ._event import NAT, Event, event, sender, sender_of
from ._frames import BLOCK, DAMAGED, SIGNED
from ._records import Messages, Stream

#: No sender: system 255 has no component 255.
NOBODY = 0xFFFF
#: The mark of an unknown number of 16 bits.
UNKNOWN_16 = 0xFFFF


def link_events(stream: Stream, vehicle: Vehicle) -> list[Event]:
    """Return how the links were set up, and what went over them."""
    return [
        *_video(stream["VIDEO_STREAM_INFORMATION"]),
        *_local(stream),
        *_wireless(stream),
        *_cells(stream["CELLULAR_STATUS"]),
        *_corrections(stream),
        *_signing(stream),
        *_sums(stream),
        *_losses(stream),
        *_radio(vehicle, stream),
    ]


#: Letters of a field beyond which a secret may stand in it: names of values have fewer.
WORD = 16


def secrets(stream: Stream) -> dict[str, int]:
    """Return how many messages hold a secret that is masked, by record and field."""
    counts = {}
    for number in sorted(stream.index.good):
        known = messages()[number]
        secret = SECRETS.get(known.name, ())
        for label in known.fields:
            kind = known.dtype[label]
            if label in secret or (kind.kind == "S" and kind.itemsize > WORD):
                count = sum(REDACTED in text for text in stream[known.name][label].tolist())
                if count:
                    counts[f"{known.name}.{label}"] = count
    return counts


def _video(found: Messages) -> Iterator[Event]:
    seen: set[tuple[int, int, str]] = set()
    for row in range(len(found)):
        flags, uri = int(found["flags"][row]), found["uri"][row]
        key = int(found["stream_id"][row]), flags, uri
        if key in seen:
            continue
        seen.add(key)
        state = "running" if flags & 1 else "not running"
        heat = ", thermal" if flags & 2 else ""
        text = f"video stream {key[0]} {found['name'][row]!r}: {uri} ({state}{heat})"
        yield event(found, row, "link.config", text, label="uri", severity="notice")


def _local(stream: Stream) -> Iterator[Event]:
    for name, label in (
        ("CAMERA_INFORMATION", "cam_definition_uri"),
        ("COMPONENT_METADATA", "uri"),
        ("COMPONENT_INFORMATION", "general_metadata_uri"),
        ("COMPONENT_INFORMATION", "peripherals_metadata_uri"),
    ):
        for row, text in distinct(stream[name], label):
            what = f"definition to be fetched from {text}"
            yield event(stream[name], row, "link.config", what, label=label)


def _wireless(stream: Stream) -> Iterator[Event]:
    for row, ssid in distinct(stream["WIFI_CONFIG_AP"], "ssid"):
        found = stream["WIFI_CONFIG_AP"]
        masked = ", password redacted" if found["password"][row] else ""
        text = f"Wi-Fi access point {ssid!r}{masked}, set by {sender_of(found, row)}"
        yield event(found, row, "link.config", text, label="ssid", severity="notice")
    found = stream["CELLULAR_CONFIG"]
    for row in range(len(found)):
        labels = [label for label in SECRETS["CELLULAR_CONFIG"] if found[label][row]]
        words = f", {', '.join(labels)} redacted" if labels else ""
        text = f"mobile network: access point {found['apn'][row]!r}{words}"
        yield event(found, row, "link.config", text, label="apn", severity="notice")


def _cells(found: Messages) -> Iterator[Event]:
    """Yield each cell that the modem reports; it tells where the aircraft was, too."""
    names = ("mcc", "mnc", "lac", "status", "type")
    keys = np.stack([found[name].astype(np.int64) for name in names], axis=1)
    rows = [0, *(np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1)] if len(keys) else []
    for row in rows:
        mcc, mnc, lac, status, kind = keys[row].tolist()
        if mcc == UNKNOWN_16:
            text = f"mobile network: state {status}, no network named"
        else:
            text = f"mobile network {mcc}-{mnc}, area {lac}, state {status}, radio type {kind}"
        value = float(found["quality"][row])
        value = np.nan if value == 255 else value
        yield event(found, int(row), "link.signal", text, label="mcc", value=value)


def _corrections(stream: Stream) -> Iterator[Event]:
    for name in ("GPS_RTCM_DATA", "GPS_INJECT_DATA"):
        found = stream[name]
        keys = found.system.astype(np.uint16) << 8 | found.component
        for key in np.unique(keys).tolist():
            part = found.where(keys == key)
            size = int(part["len"].sum())
            yield event(
                part,
                0,
                "link.config",
                f"GPS corrections (RTK) came from {sender(key >> 8, key & 0xFF)}: "
                f"{len(part)} messages, {size} bytes; their source (such as NTRIP) is not named",
                label="len",
                severity="notice",
                grade="measured",
                value=float(size),
                end=int(part.time[-1]),
            )


def _signing(stream: Stream) -> Iterator[Event]:
    found = stream["SETUP_SIGNING"]
    for row in range(len(found)):
        text = f"signing of messages set up by {sender_of(found, row)}, key redacted"
        yield event(found, row, "link.config", text, label="secret_key", severity="notice")
    frames, index = stream.index.frames, stream.index
    signed = np.flatnonzero(frames.has(SIGNED))
    if len(signed):
        yield {
            "time": stream.times.at(signed[0]),
            "end": stream.times.at(signed[-1]),
            "kind": "link.config",
            "severity": "info",
            "grade": "measured",
            "text": f"{len(signed)} of {len(index)} frames are signed (not checked: no key)",
            "value": float(len(signed)),
            "record": "frame.incompat_flags",
            "source_offset": int(index.starts[signed[0]]),
        }


def _sums(stream: Stream) -> Iterator[Event]:
    """Yield messages whose content is another protocol, by their number only."""
    for name in ("TUNNEL", "V2_EXTENSION", "ISBD_LINK_STATUS", "REMOTE_LOG_BLOCK_STATUS"):
        found = stream[name]
        if len(found):
            text = f"{len(found)} {name} messages; their content is not decoded"
            yield event(found, 0, "link.config", text, value=float(len(found)))


def _losses(stream: Stream) -> Iterator[Event]:
    """Yield for each sender the frames that its counter shows to be missing."""
    for key, count in _counts(stream).items():
        lost = count.missing
        share = 100.0 * lost / (lost + count.frames)
        yield {
            "time": stream.times.at(count.first),
            "end": stream.times.at(count.last) if count.last > count.first else NAT,
            "kind": "link.signal",
            "severity": "info",
            "grade": "measured",
            "text": f"{sender(key >> 8, key & 0xFF)}: {count.frames} frames, {lost} missing "
            f"by their counter ({share:.2f} %)",
            "value": share,
            "record": "frame.sequence",
            "source_offset": int(stream.index.starts[count.first]),
        }


@dataclass(slots=True)
class _Count:
    """What the frames of one sender say by their counter."""

    #: Rows of its first and its last frame.
    first: int
    last: int = 0
    frames: int = 0
    missing: int = 0
    sequence: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def add(self, rows: Offsets, sequence: npt.NDArray[np.uint8]) -> None:
        """Take in frames that follow."""
        self.last = int(rows[-1])
        self.frames += len(rows)
        # Wraps around, like the counter.
        step = np.diff(sequence, prepend=self.sequence)
        # A frame that comes twice, over two links, is not 255 lost ones.
        ahead = step[step < 128]
        self.missing += int(ahead.sum(dtype=np.int64)) - int(np.count_nonzero(ahead))
        self.sequence = sequence[-1:]


def _counts(stream: Stream) -> Mapping[int, _Count]:
    """Return the counts by sender; a long log is gone through in blocks."""
    frames = stream.index.frames
    found: dict[int, _Count] = {}
    for begin in range(0, len(frames), BLOCK):
        block = slice(begin, begin + BLOCK)
        keys = frames.system[block].astype(np.uint16) << np.uint16(8)
        keys |= frames.component[block]
        # A damaged frame's sender is not known, nor is its place in the count.
        keys[frames.status[block] == DAMAGED] = NOBODY
        for key, rows in groups(keys).items():
            if key == NOBODY:
                continue
            mine = begin + rows.astype(np.int64)
            found.setdefault(key, _Count(int(mine[0]))).add(mine, frames.sequence[mine])
    return dict(sorted(found.items()))


def _radio(vehicle: Vehicle, stream: Stream) -> Iterator[Event]:
    found = stream["RADIO_STATUS"]
    if len(found):
        rssi = found["rssi"]
        text = f"telemetry radio: signal {int(np.median(rssi))} of 254 in the middle"
        end = int(found.time[-1])
        value = float(np.median(rssi))
        yield event(
            found, 0, "link.signal", text, label="rssi", value=value, end=end, grade="measured"
        )
    computer = stream["ONBOARD_COMPUTER_STATUS"]
    if len(computer):
        text = f"{len(computer)} reports of an onboard computer's links (system {vehicle.system})"
        yield event(computer, 0, "link.config", text, label="link_tx_rate")
