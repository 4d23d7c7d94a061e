"""Links, networks and parameters in a DataFlash log, and the traffic over each link.

What a parameter configures is graded ``commanded``: the log does not show that the
aircraft talked to that computer.  Counters are measured: ``@SYS/uarts.txt`` counts the bytes
of the serial ports; ``MAV`` counts the packets of each MAVLink channel, in 16 bits that wrap
around; ``UART`` gives the bytes a second over a serial port since the message before it;
``RAD`` is the signal strength of a telemetry radio.  Each traffic event covers the time from
the first to the last such message of one power-on.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._shared._event_rows import EventRow
from .._shared._network_params import network_peers
from ._boot_time_to_utc import Numbers
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes, ParameterStatement
from ._message_columns import DataflashMessages, integer_or_minus_one

ContactRow = dict[str, Any]

#: `LOG_BACKEND_TYPE`: logs are sent over MAVLink.
LOG_OVER_MAVLINK = 2

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
    r"\b(rtsp|https?|udp|tcp|ntrip|mqtt|ftp)://(?:[^\s/@]{0,512}@)?"
    r"([^\s/:@]+)(?::(\d{1,5}))?(/\S*)?",
    re.I,
)
_IPV4 = re.compile(r"(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(?![\d.])(?::(\d{1,5}))?")
#: Words before four numbers that make them a version.
_LONGEST_VERSION_WORD = 24
_VERSION_WORD = re.compile(r"(version|planner|firmware|\bsw|\bhw|\bv)\W*$", re.I)

#: Parameters that configure links.
_LINK_PARAMETERS = re.compile(
    r"^(NET_\w+|MAV\d+_\w+|SERIAL\d+_(PROTOCOL|BAUD)|LOG_BACKEND_TYPE"
    r"|SCR_ENABLE|ADSB_TYPE|TELEM_\w+|MAV_SYSID|SYSID_THISMAV|SYSID_MYGCS|SYSID_ENFORCE)$"
)
_REMOTE_ID_PARAMETERS = re.compile(r"^DID_")
_CAMERA_PARAMETERS = re.compile(r"^(CAM\d?_|MNT\d?_TYPE)")

#: Bytes of a stored file that are looked at.
LARGEST_FILE = 1 << 20


def contact_rows(log: DataflashMessagesClockAndModes) -> Iterator[ContactRow]:
    """Yield the computers that the log names: those set up, and those in messages."""
    parameters = log.messages_named("PARM")
    for peer in network_peers(
        {name: parameter.value for name, parameter in log.last_parameter_statements.items()}
    ):
        parameter = log.last_parameter_statements[peer.parameters[0]]
        yield {
            "time": int(log.utc_ns_of_messages(parameters)[parameter.row]),
            "address": peer.address,
            "port": peer.port,
            "protocol": peer.protocol,
            "evidence": f"PARM {peer.parameters[0]} to {peer.parameters[-1][-1]}",
            "grade": "commanded",
            "source_offset": int(parameters.offsets[parameter.row]),
        }
    texts = log.messages_named("MSG")
    for row, text in log.pilot_message_rows_and_texts:
        for named in _contacts_in_text(text):
            yield {
                "time": int(log.utc_ns_of_messages(texts)[row]),
                "evidence": "MSG.Message",
                "grade": "reported",
                "source_offset": int(texts.offsets[row]),
                **named,
            }


def _port_or_none(value: float | str | None) -> int | None:
    number = integer_or_minus_one(float(value)) if value not in (None, "") else 0
    return number if 0 < number < 65536 else None


def _contacts_in_text(text: str) -> Iterator[ContactRow]:
    known = set()
    for match in _URL.finditer(text):
        protocol, host, port, path = match.groups()
        is_address = _IPV4.fullmatch(host) is not None
        known.add(host)
        yield {
            "address" if is_address else "host": host,
            "port": _port_or_none(port),
            "protocol": protocol.lower(),
            "path": path,
        }
    rest = _URL.sub(lambda match: " " * len(match[0]), text)
    for match in _IPV4.finditer(rest):
        octets = [int(part) for part in match[1].split(".")]
        before = rest[max(0, match.start() - _LONGEST_VERSION_WORD) : match.start()]
        if match[1] in known or _VERSION_WORD.search(before) or max(octets) > 255:
            continue
        yield {"address": match[1], "port": _port_or_none(match[2])}


def link_configuration_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield the configuration of links, parameters that matter, and the port counters of files."""
    messages = log.messages_named("PARM")
    for parameter in log.parameter_statements_without_repetitions:
        if parameter.name.startswith("FENCE_"):
            continue
        kind = _event_kind_of_parameter(parameter)
        if kind is None:
            continue
        yield log.event_row(
            messages,
            parameter.row,
            kind,
            f"{parameter.name} = {parameter.value:g}{_parameter_note(parameter)}",
            record=f"Value ({parameter.name})",
            value=parameter.value,
            grade="commanded" if kind == "link.config" else "reported",
        )
    yield from _kept_file_and_serial_port_counter_events(log)


def _event_kind_of_parameter(parameter: ParameterStatement) -> str | None:
    if _LINK_PARAMETERS.match(parameter.name):
        return "link.config"
    if _REMOTE_ID_PARAMETERS.match(parameter.name):
        return "remote_id"
    differs = parameter.default == parameter.default and parameter.value != parameter.default
    if differs or parameter.before is not None or _CAMERA_PARAMETERS.match(parameter.name):
        return "param"
    return None


def _parameter_note(parameter: ParameterStatement) -> str:
    if parameter.before is not None:
        return f" (was {parameter.before:g})"
    if parameter.name.startswith("SERIAL") and parameter.value in SERIAL_PROTOCOLS:
        return f": {SERIAL_PROTOCOLS[int(parameter.value)]}"
    if (
        parameter.name == "LOG_BACKEND_TYPE"
        and parameter.value >= 0
        and integer_or_minus_one(parameter.value) & LOG_OVER_MAVLINK
    ):
        return ": logs are also sent over MAVLink"
    if parameter.default == parameter.default and parameter.value != parameter.default:
        return f" (default {parameter.default:g})"
    return ""


def _kept_file_and_serial_port_counter_events(
    log: DataflashMessagesClockAndModes,
) -> Iterator[EventRow]:
    """Yield what stored files are there, and the counters of the serial ports."""
    messages = log.messages_named("FILE")
    if (
        messages.first_present_label("FileName", "Name") is None
        or messages.first_present_label("Data") is None
    ):
        return
    names = np.array(messages.first_present_field_as_texts("FileName", "Name"), object)
    for name in dict.fromkeys(names.tolist()):
        rows = np.flatnonzero(names == name)
        data = _stored_file_content(messages, rows)
        yield log.event_row(
            messages,
            int(rows[0]),
            "component",
            f"file {name}, {len(data)} bytes, kept in the log",
            record="FileName",
            value=float(len(data)),
        )
        if name.startswith("@SYS/uart"):
            for line in data.decode("utf-8", "replace").splitlines():
                if "TX" in line or "RX" in line:
                    yield log.event_row(
                        messages,
                        int(rows[0]),
                        "link.signal",
                        " ".join(line.replace("\0", " ").split()),
                        record="Data",
                        grade="measured",
                    )


def _stored_file_content(
    messages: DataflashMessages, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> bytes:
    """Return the content of a stored file; bytes that are not there are zero."""
    offsets, lengths = (
        messages.numbers_of_field("Offset")[rows],
        messages.numbers_of_field("Length")[rows],
    )
    pieces = messages.values_of_label("Data")[rows].tolist()
    out = bytearray()
    for at, size, piece in zip(offsets.tolist(), lengths.tolist(), pieces, strict=True):
        raw = piece if isinstance(piece, bytes) else str(piece).encode()
        if not (0 <= at <= LARGEST_FILE and 0 <= size <= len(raw)):
            continue
        start, raw = int(at), raw[: int(size)]
        out.extend(bytes(max(0, start + len(raw) - len(out))))
        out[start : start + len(raw)] = raw
    return bytes(out)


#: Value at which a counter of `MAV` wraps around.
COUNTER_PERIOD = 1 << 16


def link_traffic_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield for each power-on how much each link carried."""
    for messages, label, make_event in (
        (log.messages_named("MAV"), "chan", _channel_packets_event),
        (log.messages_named("UART"), "I", _serial_port_bytes_event),
        (log.messages_named("RAD"), "", _radio_signal_event),
    ):
        numbers = messages.numbers_of_field(label) if label else np.zeros(len(messages))
        for number in np.unique(numbers[np.isfinite(numbers)]).tolist():
            for rows in log.rows_by_power_on(messages, numbers == number):
                yield make_event(log, messages, number, rows)


def _channel_packets_event(
    log: DataflashMessagesClockAndModes,
    messages: DataflashMessages,
    channel: float,
    rows: list[int],
) -> EventRow:
    sent, received, lost = (
        _counter_increase(messages.numbers_of_field(name)[rows]) for name in ("txp", "rxp", "rxdp")
    )
    text = f"MAVLink channel {channel:g}: {sent} packets sent, {received} received, {lost} lost"
    return _link_traffic_event(log, messages, rows, text, "rxp", float(received))


def _counter_increase(counter: Numbers) -> int:
    """Return what a counter counted."""
    steps = np.diff(counter[np.isfinite(counter)])
    return int(np.where(steps < 0, steps + COUNTER_PERIOD, steps).sum())


def _serial_port_bytes_event(
    log: DataflashMessagesClockAndModes, messages: DataflashMessages, port: float, rows: list[int]
) -> EventRow:
    seconds = np.diff(log.clock.boot_us_of_messages(messages)[rows]) / 1e6
    sent, received = (
        float(np.nansum(messages.numbers_of_field(name)[rows][1:] * seconds))
        for name in ("Tx", "Rx")
    )
    text = f"serial port {port:g}: about {sent:.0f} bytes sent, {received:.0f} received"
    return _link_traffic_event(log, messages, rows, text, "Tx", sent)


def _radio_signal_event(
    log: DataflashMessagesClockAndModes, messages: DataflashMessages, _: float, rows: list[int]
) -> EventRow:
    near, far = (
        float(np.median(messages.numbers_of_field(name)[rows])) for name in ("RSSI", "RemRSSI")
    )
    text = f"telemetry radio: median signal {near:g} here and {far:g} at the far end, of 254"
    return _link_traffic_event(log, messages, rows, text, "RSSI", near)


def _link_traffic_event(
    log: DataflashMessagesClockAndModes,
    messages: DataflashMessages,
    rows: list[int],
    text: str,
    label: str,
    value: float,
) -> EventRow:
    return log.event_row(
        messages,
        rows[0],
        "link.signal",
        text,
        record=label,
        grade="measured",
        value=value,
        end=rows[-1] if len(rows) > 1 else None,
    )
