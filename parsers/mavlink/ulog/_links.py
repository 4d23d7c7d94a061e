"""What a ULog shows of links: radio and network, corrections, other aircraft.

PX4 logs no packet and no peer; a contact is what it says of its network: the
partner's address when MAVLink meets one, the ports it was set to, the agent of
the DDS client.  Hosts in other texts are mentioned, no more.  How much went over
each link stands in ``telemetry_status``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import Mention
from .._shared._network_params import peers
from . import _enums as _ulog_names
from . import _messages as _ulog_messages
from ._recording import MOST_CHANGES, Recording, event
from ._topics import Series

Row = Mapping[str, Any]

#: Lines of the console before the start that are looked at.
_MOST_CONSOLE = 5_000

_URL = re.compile(
    r"\b(?P<protocol>[a-z][a-z0-9+.-]{1,12})://(?:\(redacted\)@)?(?P<host>[A-Za-z0-9.-]{1,253})"
    r"(?::(?P<port>\d{1,5}))?(?P<path>/[^\s\"'<>]*)?",
    re.IGNORECASE,
)
_PARTNER = re.compile(r"partner IP:?\s*(?P<address>\d{1,3}(?:\.\d{1,3}){3})")
_PORTS = re.compile(
    r"mode: (?P<mode>[\w ]+), .*on (?P<protocol>udp|tcp) port (?P<local>\d+)"
    r"(?: remote port (?P<port>\d+))?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?i)(?:ntrip|rtsp|udp|tcp|wi-?fi|lte|gateway|agent|server|client|host|\bip\b)\W.{0,40}?"
    r"(?<![\d.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\d.])(?::(?P<port>\d{1,5}))?"
)

#: Topic -> kind and words for its mere presence.
_PRESENT: Mapping[str, tuple[str, str]] = {
    "cellular_status": ("link.config", "a cellular modem"),
    "iridiumsbd_status": ("link.config", "an Iridium satellite modem"),
    "mavlink_tunnel": ("link.config", "data tunnelled through MAVLink"),
    "onboard_computer_status": ("component", "a companion computer"),
}

_IN_SETUP = re.compile(r"MAV_(\d)_(CONFIG|MODE|RATE|FORWARD|BROADCAST|REMOTE_PRT|UDP_PRT)")


def draw(recording: Recording) -> tuple[list[Row], list[Row]]:
    """Return the contacts and the events that links show."""
    contacts = [*_said(recording), *_set_up(recording)]
    told = [
        *_instances(recording),
        *_telemetry(recording),
        *_corrections(recording),
        *_present(recording),
        *_traffic(recording),
    ]
    return contacts, told


def _contact(
    recording: Recording, tick: int | None, evidence: str, offset: int, grade: str, **found: Any
) -> Row:
    return {
        "time": recording.instant(tick),
        **{name: found.get(name) for name in ("host", "address", "protocol", "path")},
        "port": _port(found.get("port")),
        "bytes_up": None,
        "bytes_down": None,
        "evidence": evidence,
        "grade": grade,
        "source_offset": offset,
    }


def _port(text: Any) -> int | None:
    number = int(text) if text is not None and str(text).isdecimal() else 0
    return number if 0 < number < 0x10000 else None


def _lines(recording: Recording) -> Iterator[tuple[int, str, str, int]]:
    """Yield time, words, record and place of the text of the log, and of its console."""
    for line in recording.lines:
        yield recording.tick(line.time_us, line.offset), line.text, "TEXT", line.offset
    for offset, raw in recording.joined.get("boot_console_output", []):
        console = raw.decode("utf-8", "replace").splitlines()
        if len(console) > _MOST_CONSOLE:
            what = f"{len(console)} lines of a console; {_MOST_CONSOLE} were searched for hosts"
            recording.remark(offset, what)
        for text in dict.fromkeys(console[:_MOST_CONSOLE]):
            said = _ulog_messages.clean(text)
            yield recording.first or 0, said, "INFO_MULTIPLE boot_console_output", offset


def _said(recording: Recording) -> Iterator[Row]:
    """Yield the peers that MAVLink says it met, or sends to."""
    seen: set[tuple[Any, ...]] = set()
    for tick, text, record, offset in _lines(recording):
        found: dict[str, Any] = {}
        if (partner := _PARTNER.search(text)) and _is_address(partner["address"]):
            found = {"address": partner["address"], "protocol": "mavlink"}
        elif (ports := _PORTS.search(text)) and ports["port"]:
            found = {"port": ports["port"], "protocol": f"mavlink/{ports['protocol'].lower()}"}
        key = tuple(sorted(found.items()))
        if key and key not in seen:
            seen.add(key)
            yield _contact(recording, tick, record, offset, "reported", **found)


def mentions(recording: Recording) -> Iterator[Mention]:
    """Yield the hosts that stand in texts: a name in a text is no contact."""
    seen: set[str] = set()
    for _, text, record, offset in _lines(recording):
        found = [(url["host"].lower(), url[0]) for url in _URL.finditer(text)]
        peer = _PARTNER.search(text)
        address = None if found or peer else _ADDRESS.search(text)
        if address is not None and _is_address(address["address"]):
            found = [(address["address"], address["address"])]
        for host, words in found:
            if words in seen:
                continue
            seen.add(words)
            if len(seen) <= MOST_CHANGES:
                yield Mention(host, words, record, offset)
    if len(seen) > MOST_CHANGES:
        recording.remark(0, f"{len(seen)} hosts stand in texts; {MOST_CHANGES} are told")


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)


def _set_up(recording: Recording) -> Iterator[Row]:
    """Yield the peers that parameters name: MAVLink over Ethernet, and the DDS agent."""
    values = {name: parameter.value for name, parameter in recording.parameters.items()}
    for peer in peers(values):
        told = recording.parameters[peer.names[0]]
        yield _contact(
            recording,
            recording.first,
            f"PARAMETER {told.name}",
            told.offset,
            "commanded",
            address=peer.address,
            port=peer.port,
            protocol=peer.protocol,
        )


def _instances(recording: Recording) -> Iterator[Row]:
    """Yield how each MAVLink instance was set up."""
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for name, parameter in recording.parameters.items():
        if matched := _IN_SETUP.fullmatch(name):
            found.setdefault(matched[1], {})[matched[2]] = parameter.value, parameter.offset
    for place, values in sorted(found.items()):
        config = values.get("CONFIG", (0, 0))
        if not config[0]:
            continue
        port = _ulog_names.PORTS.get(int(config[0]), f"port {int(config[0])}")
        rest = ", ".join(
            f"{name} {value:g}" for name, (value, _) in sorted(values.items()) if name != "CONFIG"
        )
        yield event(
            recording,
            recording.first,
            "link.config",
            f"MAVLink {place} on {port}: {rest}",
            f"PARAMETER MAV_{place}_CONFIG",
            config[1],
            value=config[0],
        )


def _telemetry(recording: Recording) -> Iterator[Row]:
    for instance in recording.instances("telemetry_status"):
        found = recording.series("telemetry_status", instance)
        if found is None:
            continue
        last = len(found) - 1
        facts = [
            f"{int(counts[last])} {words}"
            for name, words in (
                ("tx_message_count", "messages sent"),
                ("rx_message_count", "received"),
                ("rx_message_lost_count", "lost"),
            )
            if (counts := found.numbers(name)) is not None
        ]
        facts += [
            words
            for name, words in (("forwarding", "forwards messages"), ("ftp", "file transfer on"))
            if (flag := found.flags(name)) is not None and flag.any()
        ]
        kind = found.numbers("type")
        named = _ulog_names.LINKS.get(int(kind[last]), "unknown") if kind is not None else "unknown"
        if recording.version < (1, 9):
            named = "unknown"  # the numbers were those of radios then
        yield event(
            recording,
            int(found.ticks[0]),
            "link.config",
            f"MAVLink instance {instance}, link {named}: {', '.join(facts) or 'no counts'}",
            "telemetry_status",
            int(found.offsets[last]),
            grade="measured",
            end=int(found.ticks[last]),
        )


def _corrections(recording: Recording) -> Iterator[Row]:
    found = recording.series("gps_inject_data")
    if found is not None:
        sizes = found.numbers("len")
        size = 0 if sizes is None else int(np.maximum(sizes, 0).sum())
        yield _over(
            recording,
            found,
            "link.config",
            f"Corrections for the satellite receiver came in: {len(found)} parts, {size} bytes",
            "gps_inject_data.len",
            size,
        )
    for topic in ("sensor_gps", "vehicle_gps_position"):
        found = recording.series(topic)
        rate = None if found is None else found.floats("rtcm_injection_rate")
        most = 0.0 if rate is None else float(np.nan_to_num(rate).max())
        if found is not None and most > 0:
            text = f"The satellite receiver was given corrections, {most:g} a second at most"
            yield _over(
                recording,
                found,
                "link.config",
                text,
                f"{topic}.rtcm_injection_rate",
                most,
            )
            return


def _over(
    recording: Recording, found: Series, kind: str, text: str, record: str, value: float | None
) -> Row:
    return event(
        recording,
        int(found.ticks[0]),
        kind,
        text,
        record,
        int(found.offsets[0]),
        grade="measured",
        value=value,
        end=int(found.ticks[-1]),
    )


def _present(recording: Recording) -> Iterator[Row]:
    for topic, (kind, words) in _PRESENT.items():
        found = recording.series(topic)
        if found is None:
            continue
        text = f"The log has records of {words} ({len(found)})"
        country, operator = found.numbers("mcc"), found.numbers("mnc")
        if country is not None and operator is not None and (country > 0).any():
            row = int(np.argmax(country > 0))
            text += f"; network {int(country[row])}-{int(operator[row])}"
        yield _over(recording, found, kind, text, topic, None)


def _traffic(recording: Recording) -> Iterator[Row]:
    found = recording.series("transponder_report")
    address = None if found is None else found.numbers("icao_address")
    if found is None or address is None:
        return
    known, rows = np.unique(address, return_index=True)
    for number, row in zip(known.tolist(), recording.shown(found, rows, "aircraft"), strict=False):
        call = found["callsign"][row] if "callsign" in found else b""
        name = call.decode("ascii", "replace").strip("\0 ") if isinstance(call, bytes) else ""
        yield event(
            recording,
            int(found.ticks[row]),
            "traffic",
            f"Another aircraft was received: {number:06x} {name}".rstrip(),
            "transponder_report.icao_address",
            int(found.offsets[row]),
            grade="measured",
        )
