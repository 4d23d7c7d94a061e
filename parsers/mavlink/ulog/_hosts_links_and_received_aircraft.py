"""Links in a ULog: radio and network, corrections, other aircraft.

PX4 logs no packet and no peer.  Contacts are what it states of its network: the
partner's address when MAVLink receives from one, the ports it was set to, the agent of
the DDS client.  Hosts in other texts are host references, not contacts.  The traffic of
each link is in ``telemetry_status``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import HostReference, ReceivedAdsbAircraft
from .._shared._network_params import network_peers
from .._shared._received_adsb_aircraft import aircraft_received_by_adsb
from ._non_data_records import text_without_colours
from ._px4_enum_names import MAVLINK_PORTS, TELEMETRY_TYPES
from ._topic_series import TopicSeries
from ._ulog_context import MOST_CHANGES, UlogContext, event_row, series_event

TableRow = Mapping[str, Any]

#: Lines of the console before the start that are looked at.
_MOST_CONSOLE_LINES = 5_000

_URL = re.compile(
    r"\b(?P<protocol>[a-z][a-z0-9+.-]{1,12})://(?:[^\s/?#@]{0,512}@)?(?P<host>[A-Za-z0-9.-]{1,253})"
    r"(?::(?P<port>\d{1,5}))?(?P<path>/[^\s\"'<>]*)?",
    re.IGNORECASE,
)
_PARTNER = re.compile(r"partner IP:?\s*(?P<address>\d{1,3}(?:\.\d{1,3}){3})")
_PORTS = re.compile(
    r"mode: (?P<mode>[\w ]{1,40}), .{0,200}on (?P<protocol>udp|tcp) port (?P<local>\d{1,5})"
    r"(?: remote port (?P<port>\d{1,5}))?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?i)(?:ntrip|rtsp|udp|tcp|wi-?fi|lte|gateway|agent|server|client|host|\bip\b)\W.{0,40}?"
    r"(?<![\d.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\d.])(?::(?P<port>\d{1,5}))?"
)

#: Topic -> kind and words for its mere presence.
_LINK_TOPICS: Mapping[str, tuple[str, str]] = {
    "cellular_status": ("link.config", "a cellular modem"),
    "iridiumsbd_status": ("link.config", "an Iridium satellite modem"),
    "mavlink_tunnel": ("link.config", "data tunnelled through MAVLink"),
    "onboard_computer_status": ("component", "a companion computer"),
}

_MAVLINK_PARAMETER = re.compile(r"MAV_(\d)_(CONFIG|MODE|RATE|FORWARD|BROADCAST|REMOTE_PRT|UDP_PRT)")


def contact_rows_and_events(log: UlogContext) -> tuple[list[TableRow], list[TableRow]]:
    """Return the contacts and the events that links show."""
    contacts = [*_mavlink_peer_contacts_in_texts(log), *_parameter_contacts(log)]
    event_rows = [
        *_mavlink_setup_events(log),
        *_telemetry_link_summary_events(log),
        *_rtk_correction_events(log),
        *_link_topic_events(log),
        *_air_traffic_events(log),
    ]
    return contacts, event_rows


def _contact_row(
    log: UlogContext, tick: int | None, evidence: str, offset: int, grade: str, **fields: Any
) -> TableRow:
    return {
        "time": log.tick_to_utc_ns(tick),
        **{name: fields.get(name) for name in ("host", "address", "protocol", "path")},
        "port": _port_or_none(fields.get("port")),
        "bytes_up": None,
        "bytes_down": None,
        "evidence": evidence,
        "grade": grade,
        "source_offset": offset,
    }


def _port_or_none(text: Any) -> int | None:
    number = int(text) if text is not None and str(text).isdecimal() else 0
    return number if 0 < number < 0x10000 else None


def _logged_and_console_lines(log: UlogContext) -> Iterator[tuple[int, str, str, int]]:
    """Yield time, text, record and offset of the logged lines, and of the console's."""
    for line in log.logged_lines:
        yield (
            log.unwrap_boot_time_across_restarts_us(line.time_us, line.offset),
            line.text,
            "TEXT",
            line.offset,
        )
    for offset, raw in log.multi_part_info.get("boot_console_output", []):
        console = raw.decode("utf-8", "replace").splitlines()
        if len(console) > _MOST_CONSOLE_LINES:
            what = (
                f"{len(console)} lines of a console; {_MOST_CONSOLE_LINES} were searched for hosts"
            )
            log.add_issue(offset, what)
        for text in dict.fromkeys(console[:_MOST_CONSOLE_LINES]):
            cleaned = text_without_colours(text)
            yield log.first_tick or 0, cleaned, "INFO_MULTIPLE boot_console_output", offset


def _mavlink_peer_contacts_in_texts(log: UlogContext) -> Iterator[TableRow]:
    """Yield the peers that MAVLink reports to receive from, or to send to."""
    seen: set[tuple[Any, ...]] = set()
    for tick, text, record, offset in _logged_and_console_lines(log):
        peer: dict[str, Any] = {}
        if (partner := _PARTNER.search(text)) and _is_ipv4_address(partner["address"]):
            peer = {"address": partner["address"], "protocol": "mavlink"}
        elif (ports := _PORTS.search(text)) and ports["port"]:
            peer = {"port": ports["port"], "protocol": f"mavlink/{ports['protocol'].lower()}"}
        key = tuple(sorted(peer.items()))
        if key and key not in seen:
            seen.add(key)
            yield _contact_row(log, tick, record, offset, "reported", **peer)


def hosts_in_texts(log: UlogContext) -> Iterator[HostReference]:
    """Yield the hosts named in texts: a name in a text is no contact."""
    seen: set[str] = set()
    for _, text, record, offset in _logged_and_console_lines(log):
        hosts = [(url["host"].lower(), url[0]) for url in _URL.finditer(text)]
        peer = _PARTNER.search(text)
        address = None if hosts or peer else _ADDRESS.search(text)
        if address is not None and _is_ipv4_address(address["address"]):
            hosts = [(address["address"], address["address"])]
        for host, words in hosts:
            if words in seen:
                continue
            seen.add(words)
            if len(seen) <= MOST_CHANGES:
                yield HostReference(host, words, record, offset)
    if len(seen) > MOST_CHANGES:
        log.add_issue(0, f"{len(seen)} hosts are named in texts; {MOST_CHANGES} are listed")


def _is_ipv4_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)


def _parameter_contacts(log: UlogContext) -> Iterator[TableRow]:
    """Yield the peers that parameters name: MAVLink over Ethernet, and the DDS agent."""
    values = {name: parameter.value for name, parameter in log.parameters.items()}
    for peer in network_peers(values):
        first = log.parameters[peer.parameters[0]]
        yield _contact_row(
            log,
            log.first_tick,
            f"PARAMETER {first.name}",
            first.offset,
            "commanded",
            address=peer.address,
            port=peer.port,
            protocol=peer.protocol,
        )


def _mavlink_setup_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield how each MAVLink instance was set up."""
    settings: dict[str, dict[str, tuple[float, int]]] = {}
    for name, parameter in log.parameters.items():
        if matched := _MAVLINK_PARAMETER.fullmatch(name):
            settings.setdefault(matched[1], {})[matched[2]] = parameter.value, parameter.offset
    for number, values in sorted(settings.items()):
        config = values.get("CONFIG", (0, 0))
        if not config[0]:
            continue
        port = MAVLINK_PORTS.get(int(config[0]), f"port {int(config[0])}")
        rest = ", ".join(
            f"{name} {value:g}" for name, (value, _) in sorted(values.items()) if name != "CONFIG"
        )
        yield event_row(
            log,
            log.first_tick,
            "link.config",
            f"MAVLink {number} on {port}: {rest}",
            f"PARAMETER MAV_{number}_CONFIG",
            config[1],
            value=config[0],
        )


def _telemetry_link_summary_events(log: UlogContext) -> Iterator[TableRow]:
    for instance in log.instance_numbers_of_topic("telemetry_status"):
        series = log.series("telemetry_status", instance)
        if series is None:
            continue
        last = len(series) - 1
        facts = [
            f"{int(counts[last])} {words}"
            for name, words in (
                ("tx_message_count", "messages sent"),
                ("rx_message_count", "received"),
                ("rx_message_lost_count", "lost"),
            )
            if (counts := series.integers_of_field(name)) is not None
        ]
        facts += [
            words
            for name, words in (("forwarding", "forwards messages"), ("ftp", "file transfer on"))
            if (flag := series.flags_of_field(name)) is not None and flag.any()
        ]
        kind = series.integers_of_field("type")
        named = TELEMETRY_TYPES.get(int(kind[last]), "unknown") if kind is not None else "unknown"
        if log.firmware_version < (1, 9):
            named = "unknown"  # the numbers were those of radios then
        yield event_row(
            log,
            int(series.ticks[0]),
            "link.config",
            f"MAVLink instance {instance}, link {named}: {', '.join(facts) or 'no counts'}",
            "telemetry_status",
            int(series.offsets[last]),
            grade="measured",
            end=int(series.ticks[last]),
        )


def _rtk_correction_events(log: UlogContext) -> Iterator[TableRow]:
    series = log.series("gps_inject_data")
    if series is not None:
        sizes = series.integers_of_field("len")
        size = 0 if sizes is None else int(np.maximum(sizes, 0).sum())
        yield _event_spanning_whole_topic(
            log,
            series,
            "link.config",
            f"Corrections for the satellite receiver arrived: {len(series)} parts, {size} bytes",
            "gps_inject_data.len",
            size,
        )
    for topic in ("sensor_gps", "vehicle_gps_position"):
        series = log.series(topic)
        rate = (
            None if series is None else series.first_present_field_as_floats("rtcm_injection_rate")
        )
        most = 0.0 if rate is None else float(np.nan_to_num(rate).max())
        if series is not None and most > 0:
            text = f"The satellite receiver received corrections, {most:g} a second at most"
            yield _event_spanning_whole_topic(
                log,
                series,
                "link.config",
                text,
                f"{topic}.rtcm_injection_rate",
                most,
            )
            return


def _event_spanning_whole_topic(
    log: UlogContext, series: TopicSeries, kind: str, text: str, record: str, value: float | None
) -> TableRow:
    return event_row(
        log,
        int(series.ticks[0]),
        kind,
        text,
        record,
        int(series.offsets[0]),
        grade="measured",
        value=value,
        end=int(series.ticks[-1]),
    )


def _link_topic_events(log: UlogContext) -> Iterator[TableRow]:
    for topic, (kind, words) in _LINK_TOPICS.items():
        series = log.series(topic)
        if series is None:
            continue
        text = f"The log has records of {words} ({len(series)})"
        country, operator = series.integers_of_field("mcc"), series.integers_of_field("mnc")
        if country is not None and operator is not None and (country > 0).any():
            row = int(np.argmax(country > 0))
            text += f"; network {int(country[row])}-{int(operator[row])}"
        yield _event_spanning_whole_topic(log, series, kind, text, topic, None)


def received_adsb_aircraft(log: UlogContext) -> tuple[ReceivedAdsbAircraft, ...]:
    """Return the aircraft that were received by ADS-B, each with its path."""
    series = log.series("transponder_report")
    if series is None:
        return ()
    address = series.integers_of_field("icao_address")
    latitude, longitude = (
        series.first_present_field_as_floats("lat"),
        series.first_present_field_as_floats("lon"),
    )
    altitude = series.first_present_field_as_floats("altitude")
    if address is None or latitude is None or longitude is None:
        return ()
    if altitude is None:
        altitude = np.full(len(latitude), np.nan)

    def call_sign(row: int) -> str:
        call = series["callsign"][row] if "callsign" in series else b""
        return call.decode("ascii", "replace").strip("\0 ") if isinstance(call, bytes) else ""

    return aircraft_received_by_adsb(
        address,
        log.ticks_to_utc(series.ticks).astype("datetime64[ns]").astype(np.int64),
        (latitude, longitude, altitude),
        series.offsets,
        "transponder_report",
        name_of_row=call_sign,
    )


def _air_traffic_events(log: UlogContext) -> Iterator[TableRow]:
    series = log.series("transponder_report")
    address = None if series is None else series.integers_of_field("icao_address")
    if series is None or address is None:
        return
    known, rows = np.unique(address, return_index=True)
    for number, row in zip(
        known.tolist(), log.keep_limited_number_of_rows(series, rows, "aircraft"), strict=False
    ):
        call = series["callsign"][row] if "callsign" in series else b""
        name = call.decode("ascii", "replace").strip("\0 ") if isinstance(call, bytes) else ""
        yield series_event(
            log,
            series,
            row,
            "traffic",
            f"Another aircraft was received: {number:06x} {name}".rstrip(),
            "icao_address",
            grade="measured",
        )
