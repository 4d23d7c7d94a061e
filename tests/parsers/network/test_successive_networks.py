"""Captures that hold several networks one after another, and those that only look so."""

import pytest

from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

OFFICE, STATION = "192.168.8.20", "10.4.0.7"
#: Hardware addresses: device and router of two networks, and a second device of the first.
DEVICE_A, ROUTER_A, DEVICE_B, ROUTER_B, OTHER_A = (
    bytes.fromhex(f"0200000000{number:02x}") for number in range(1, 6)
)
OUTSIDE = "203.0.114.9"


def talk(
    first: float, last: float, device: bytes, router: bytes, address: str, link: int = 1
) -> list[tuple[float, bytes]]:
    """Return packets of a device and answers from outside, one each ten seconds."""
    packets: list[tuple[float, bytes]] = []
    at = first
    while at <= last:
        up = wire.udp((address, 40_000), (OUTSIDE, 9_000), b"x")
        down = wire.udp((OUTSIDE, 9_000), (address, 40_000), b"y")
        heads = (router + device + b"\x08\x00", device + router + b"\x08\x00")
        both = zip((up, down), heads if link == 1 else (b"", b""), strict=True)
        packets += [(at, head + packet) for packet, head in both]
        at += 10
    return packets


def changes(*parts: list[tuple[float, bytes]], link: int = 1) -> tuple[str, ...]:
    packets = sorted((packet for part in parts for packet in part), key=lambda one: one[0])
    data = made.header(link) + b"".join(made.record(frame, at) for at, frame in packets)
    window = made.read(data).capture_window
    assert window is not None
    assert not window.merge_signs, "both are of one day"
    return window.network_changes


def test_one_network_is_one_whoever_speaks_in_it() -> None:
    morning = talk(0, 600, DEVICE_A, ROUTER_A, OFFICE)
    evening = talk(30_000, 30_600, OTHER_A, ROUTER_A, "192.168.8.21")
    assert changes(morning) == ()
    assert changes(morning, evening) == (), "the router is the same"


@pytest.mark.parametrize("pause", [0.5, 20, 3_000, 30_000])
def test_two_networks_with_nothing_in_common_are_told_apart_however_short_the_pause(
    pause: float,
) -> None:
    signs = changes(
        talk(0, 600, DEVICE_A, ROUTER_A, OFFICE),
        talk(600 + pause, 1200 + pause, DEVICE_B, ROUTER_B, STATION),
    )
    assert signs[0].startswith("It shows 2 networks one after another: no hardware address that")
    assert "until 2026-05-14 09:10:00 UTC" in signs[0]
    assert len(signs) == 3, "their routers and local networks differ too"


def test_a_computer_that_is_carried_from_one_network_to_another_shows_their_routers() -> None:
    signs = changes(
        talk(0, 600, DEVICE_A, ROUTER_A, OFFICE), talk(900, 1500, DEVICE_A, ROUTER_B, OFFICE)
    )
    (sign,) = signs
    assert "no router that is seen until" in sign


def test_networks_of_the_same_hardware_addresses_differ_by_their_local_addresses() -> None:
    (sign,) = changes(
        talk(0, 600, DEVICE_A, ROUTER_A, OFFICE), talk(900, 1500, DEVICE_A, ROUTER_A, STATION)
    )
    assert "no local network that is seen until" in sign


def test_without_hardware_addresses_the_local_networks_show_it() -> None:
    parts = (
        talk(0, 600, DEVICE_A, ROUTER_A, OFFICE, link=101),
        talk(900, 1500, DEVICE_B, ROUTER_B, STATION, link=101),
    )
    (sign,) = changes(*parts, link=101)
    assert "no local network" in sign
    assert (
        changes(parts[0], talk(900, 1500, DEVICE_B, ROUTER_B, "192.168.8.99", 101), link=101) == ()
    )


def test_networks_that_were_watched_at_one_time_are_no_sign() -> None:
    assert (
        changes(
            talk(0, 1000, DEVICE_A, ROUTER_A, OFFICE), talk(600, 1500, DEVICE_B, ROUTER_B, STATION)
        )
        == ()
    )


def test_a_stray_packet_of_another_network_is_no_sign() -> None:
    stray = talk(0, 0, DEVICE_B, ROUTER_B, STATION)
    assert changes(stray, talk(100, 900, DEVICE_A, ROUTER_A, OFFICE)) == ()


def test_a_public_address_that_changes_over_night_is_no_sign() -> None:
    assert changes(
        talk(0, 600, DEVICE_A, ROUTER_A, "198.18.0.5"),
        talk(900, 1500, DEVICE_A, ROUTER_A, "198.19.0.6"),
    ) == ()  # fmt: skip
