"""Links, networks and parameters in a DataFlash log.

What is set up is graded ``commanded``: that a computer was talked to, the log
does not show.  Byte counters of the ports (``@SYS/uarts.txt``) are measured.
"""

import re
from collections.abc import Iterator

import numpy as np

from .._shared._network_params import peers
from ._context import Context, Parameter, Row
from ._messages import Messages, whole

#: `LOG_BACKEND_TYPE`: logs are sent over MAVLink.
STREAMED = 2

SERIAL_PROTOCOLS = {
    1: "MAVLink 1",
    2: "MAVLink 2",
    5: "GPS",
    8: "gimbal",
    28: "scripting",
    43: "MAVLink high latency",
    48: "PPP",
}

_URL = re.compile(
    r"\b(rtsp|https?|udp|tcp|ntrip|mqtt|ftp)://([^\s/:]+)(?::(\d{1,5}))?(/\S*)?", re.I
)
_ADDRESS = re.compile(r"(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(?![\d.])(?::(\d{1,5}))?")
#: Words before four numbers that make them a version.
_VERSION = re.compile(r"(version|planner|firmware|\bsw|\bhw|\bv)\W*$", re.I)

#: Parameters that say how links are set up.
_LINKS = re.compile(
    r"^(NET_\w+|MAV\d+_\w+|SERIAL\d+_(PROTOCOL|BAUD)|LOG_BACKEND_TYPE"
    r"|SCR_ENABLE|ADSB_TYPE|TELEM_\w+|MAV_SYSID|SYSID_THISMAV|SYSID_MYGCS|SYSID_ENFORCE)$"
)
_REMOTE_ID = re.compile(r"^DID_")
_CAMERA = re.compile(r"^(CAM\d?_|MNT\d?_TYPE)")

#: Bytes of a stored file that are looked at.
LARGEST_FILE = 1 << 20


def contact_rows(log: Context) -> Iterator[Row]:
    """Yield the computers that the log names: those set up, and those in messages."""
    found = log.named("PARM")
    for peer in peers({name: told.value for name, told in log.settings.items()}):
        told = log.settings[peer.names[0]]
        yield {
            "time": int(log.utc_ns(found)[told.row]),
            "address": peer.address,
            "port": peer.port,
            "protocol": peer.protocol,
            "evidence": f"PARM {peer.names[0]} to {peer.names[-1][-1]}",
            "grade": "commanded",
            "source_offset": int(found.offsets[told.row]),
        }
    messages = log.named("MSG")
    for row, text in log.texts:
        for named in _named(text):
            yield {
                "time": int(log.utc_ns(messages)[row]),
                "evidence": "MSG.Message",
                "grade": "reported",
                "source_offset": int(messages.offsets[row]),
                **named,
            }


def _port(value: float | str | None) -> int | None:
    number = whole(float(value)) if value not in (None, "") else 0
    return number if 0 < number < 65536 else None


def _named(text: str) -> Iterator[Row]:
    spans, known = [], set()
    for match in _URL.finditer(text):
        spans.append(match.span())
        protocol, host, port, path = match.groups()
        host = host.rsplit("@", 1)[-1]
        is_address = _ADDRESS.fullmatch(host) is not None
        known.add(host)
        yield {
            "address" if is_address else "host": host,
            "port": _port(port),
            "protocol": protocol.lower(),
            "path": path,
        }
    for match in _ADDRESS.finditer(text):
        inside = any(first <= match.start() < last for first, last in spans)
        inside = inside or match[1] in known
        octets = [int(part) for part in match[1].split(".")]
        if inside or _VERSION.search(text[: match.start()]) or max(octets) > 255:
            continue
        yield {"address": match[1], "port": _port(match[2])}


def link_events(log: Context) -> Iterator[Row]:
    """Yield how links are set up, parameters that matter, and what files say of the ports."""
    found = log.named("PARM")
    for told in log.parameters:
        if told.name.startswith("FENCE_"):
            continue
        kind = _kind(told)
        if kind is None:
            continue
        yield log.event(
            found,
            told.row,
            kind,
            f"{told.name} = {told.value:g}{_remark(told)}",
            record=f"Value ({told.name})",
            value=told.value,
            grade="commanded" if kind == "link.config" else "reported",
        )
    yield from _files(log)


def _kind(told: Parameter) -> str | None:
    if _LINKS.match(told.name):
        return "link.config"
    if _REMOTE_ID.match(told.name):
        return "remote_id"
    differs = told.default == told.default and told.value != told.default
    if differs or told.before is not None or _CAMERA.match(told.name):
        return "param"
    return None


def _remark(told: Parameter) -> str:
    if told.before is not None:
        return f" (was {told.before:g})"
    if told.name.startswith("SERIAL") and told.value in SERIAL_PROTOCOLS:
        return f": {SERIAL_PROTOCOLS[int(told.value)]}"
    if told.name == "LOG_BACKEND_TYPE" and told.value >= 0 and whole(told.value) & STREAMED:
        return ": logs are also sent over MAVLink"
    if told.default == told.default and told.value != told.default:
        return f" (default {told.default:g})"
    return ""


def _files(log: Context) -> Iterator[Row]:
    """Yield what stored files are there, and the counters of the serial ports."""
    found = log.named("FILE")
    if found.first("FileName", "Name") is None or found.first("Data") is None:
        return
    names = np.array(found.texts("FileName", "Name"), object)
    for name in dict.fromkeys(names.tolist()):
        rows = np.flatnonzero(names == name)
        data = _content(found, rows)
        yield log.event(
            found,
            int(rows[0]),
            "component",
            f"file {name}, {len(data)} bytes, kept in the log",
            record="FileName",
            value=float(len(data)),
        )
        if name.startswith("@SYS/uart"):
            for line in data.decode("utf-8", "replace").splitlines():
                if "TX" in line or "RX" in line:
                    yield log.event(
                        found,
                        int(rows[0]),
                        "link.signal",
                        " ".join(line.replace("\0", " ").split()),
                        record="Data",
                        grade="measured",
                    )


def _content(found: Messages, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bytes:
    """Return the content of a stored file; bytes that are not there are zero."""
    offsets, lengths = found.numbers("Offset")[rows], found.numbers("Length")[rows]
    pieces = found.value("Data")[rows].tolist()
    out = bytearray()
    for at, size, piece in zip(offsets.tolist(), lengths.tolist(), pieces, strict=True):
        raw = piece if isinstance(piece, bytes) else str(piece).encode()
        if not (0 <= at <= LARGEST_FILE and 0 <= size <= len(raw)):
            continue
        start, raw = int(at), raw[: int(size)]
        out.extend(bytes(max(0, start + len(raw) - len(out))))
        out[start : start + len(raw)] = raw
    return bytes(out)
