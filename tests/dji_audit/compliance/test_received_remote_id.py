"""What was broadcast: the real capture is innocent, captures made from it to deceive are not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import RuleInputs, apply_rule_to_flight, rules_by_id
from dji_audit.compliance.rules._shared._rule import CheckResult
from dji_audit.flights import Flight, assemble_flights
from tests import remote_id_captures as made
from tests.conftest import SAMPLES, required
from tests.remote_id_captures import Message, Packet

RULE = rules_by_id()["remote_id_contradiction"]
ROOM = SAMPLES / "remote_id"
INNOCENT = ("parrot_anafi4_real.pcapng", "odid_wifi_bcn_sample.pcap", "odid_wifi_sample.pcap")
OTHER_ADDRESS = b"\x02\x01\x02\x03\x04\x05"
ANOTHER_SERIAL = b"1588E040445AC009999"


@pytest.fixture(scope="module")
def real() -> list[Packet]:
    """Return the packets of the real capture that hold Remote ID."""
    path = ROOM / INNOCENT[0]
    required("the real capture of Remote ID", path.is_file())
    return [packet for packet in made.packets(path.read_bytes()) if made.messages(packet)]


def flights_of(capture: bytes) -> list[Flight]:
    reading = parsers.read_content(parsers.Content("air.pcap", capture))
    logs = [log for log in reading.logs if log.source.format == "remote-id-broadcast"]
    return list(assemble_flights(*logs))


def judged(flight: Flight) -> CheckResult:
    inputs = RuleInputs(rule=RULE.id, context=AuditContext(), severity=Severity.MEDIUM)
    return apply_rule_to_flight(RULE, flight, RULE.parameters(), inputs)


def findings_of(packets: list[Packet]) -> list[Finding]:
    ordered = sorted(packets, key=lambda packet: packet.time_ns)
    flights = flights_of(made.write_pcap(ordered))
    return [finding for flight in flights for finding in judged(flight).findings]


@pytest.mark.parametrize("name", INNOCENT)
def test_a_real_capture_is_innocent(name: str) -> None:
    required(f"the capture {name!r}", (ROOM / name).is_file())
    for flight in flights_of((ROOM / name).read_bytes()):
        result = judged(flight)
        assert result.findings == ()
        # Nothing contradicts it, and no log of the aircraft confirms it.
        assert result.outcome is Outcome.NOT_ASSESSABLE


def test_the_packets_of_a_real_capture_alone_are_as_innocent(real: list[Packet]) -> None:
    assert findings_of(real) == []


def middle(packets: list[Packet]) -> int:
    return packets[len(packets) // 2].time_ns


def late(
    packets: list[Packet], edit: Callable[[Message], bytes], kind: int = made.LOCATION
) -> list[Packet]:
    """Return packets with the messages of a kind in the second half edited."""
    since = middle(packets)

    def edit_one(message: Message) -> bytes:
        is_late = message.kind == kind and message.packet.time_ns > since
        return edit(message) if is_late else message.raw

    return [made.edited(packet, edit_one) for packet in packets]


def second(packets: list[Packet], north_e7: int, address: bytes | None) -> list[Packet]:
    """Return packets with those of a second transmitter 30 ms behind each, some way north."""

    def edit(message: Message) -> bytes:
        is_location = message.kind == made.LOCATION
        return made.with_position(message.raw, north_e7, 0) if is_location else message.raw

    others = [made.edited(replace(p, time_ns=p.time_ns + 30_000_000), edit) for p in packets]
    return packets + [made.with_address(p, address) if address else p for p in others]


def climbing(message: Message, since: int) -> bytes:
    seconds = (message.packet.time_ns - since) / 1e9
    return made.with_height(message.raw, 30.0 * min(seconds, 8.0))


def drifting(message: Message, since: int) -> bytes:
    seconds = (message.packet.time_ns - since) / 1e9
    return made.with_position(message.raw, round(seconds * 2000), 0)


SPOOFED: dict[str, tuple[Callable[[list[Packet]], list[Packet]], str]] = {
    "a jump of 220 m": (
        lambda packets: late(packets, lambda m: made.with_position(m.raw, 20_000, 0)),
        "moves 222 m",
    ),
    "a drift of 22 m/s": (
        lambda packets: late(packets, lambda m: drifting(m, middle(packets))),
        "farther than its own speed",
    ),
    "an impossible climb": (
        lambda packets: late(packets, lambda m: climbing(m, middle(packets))),
        "rises or sinks",
    ),
    "another serial number from the middle on": (
        lambda packets: late(
            packets, lambda m: made.with_serial(m.raw, ANOTHER_SERIAL), made.BASIC_ID
        ),
        "also sent the identity",
    ),
    "another serial number throughout": (
        lambda packets: [
            made.edited(
                packet,
                lambda m: (
                    made.with_serial(m.raw, ANOTHER_SERIAL) if m.kind == made.BASIC_ID else m.raw
                ),
            )
            for packet in packets
        ],
        "named AnafiThermal-A004418",
    ),
    "a second transmitter far away": (
        lambda packets: second(packets, 50_000, OTHER_ADDRESS),
        "contradicts another broadcast in position",
    ),
    "a second transmitter close by": (
        lambda packets: second(packets, 5_000, OTHER_ADDRESS),
        "two transmitters sent this identity",
    ),
    "a second transmitter with the same address": (
        lambda packets: second(packets, 50_000, None),
        "moves 5",
    ),
    "a recording that is sent again a minute later": (
        lambda packets: (
            packets[: len(packets) // 2]
            + [
                replace(packet, time_ns=packet.time_ns + 60 * 10**9)
                for packet in packets[len(packets) // 2 :]
            ]
        ),
        "steps by -60",
    ),
}


@pytest.mark.parametrize("spoof", SPOOFED)
def test_a_spoofed_capture_is_told_from_the_real_one(spoof: str, real: list[Packet]) -> None:
    make, words = SPOOFED[spoof]
    findings = findings_of(make(real))
    told = [finding for finding in findings if words in finding.summary]
    assert told, [finding.summary for finding in findings]
    for finding in told:
        # Both bytes are shown.
        assert len(finding.evidence) >= 2
        assert all(each.offset is not None or "serial" in each.field for each in finding.evidence)


def test_the_bytes_of_a_finding_hold_what_it_says(real: list[Packet]) -> None:
    make, _ = SPOOFED["a jump of 220 m"]
    capture = made.write_pcap(make(real))
    (finding,) = [each for flight in flights_of(capture) for each in judged(flight).findings]
    by_offset = {
        message.offset: message
        for packet in made.packets(capture)
        for message in made.messages(packet)
    }
    for evidence in finding.evidence:
        assert evidence.offset is not None
        position = by_offset[evidence.offset].position
        assert position is not None
        assert evidence.value == f"{position[0]:.7f}, {position[1]:.7f}"


@pytest.fixture(scope="module")
def story(sample_logs: Path) -> Flight:
    """Return the flight of the story with its own record and what receivers recorded of it."""
    paths = [
        sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt",
        sample_logs / "remote_id" / "receiver_mon0.pcap",
    ]
    logs = [log for path in paths for log in parsers.read_file(path).logs]
    flights = assemble_flights(*(log for log in logs if log.source.format != "pcap"))
    return next(flight for flight in flights if len(flight.sources) == 2)


def test_a_broadcast_that_the_log_confirms_passes(story: Flight) -> None:
    result = judged(story)
    assert (result.outcome, result.findings) == (Outcome.PASS, ())
    names = {name for observed in result.observations for name in observed.sources}
    assert names == {"receiver_mon0.pcap#remote-id#SYNTHETIC0000001"}
