"""Network peers that parameters configure an autopilot to talk to.

ArduPilot keeps an IPv4 address in four parameters (``NET_Pn_IP0`` to ``3``), and
connects to it where ``NET_Pn_TYPE`` is 1 (UDP) or 3 (TCP); as a server it
waits.  PX4 has only a port (``MAV_n_REMOTE_PRT``, where ``MAV_n_CONFIG`` is
Ethernet), and the agent of its DDS client as one integer.  The autopilot's own address
and its gateway are not peers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

#: `NET_Pn_TYPE` of those that call -> protocol.
CLIENT_PROTOCOLS = {1: "udp", 3: "tcp"}
#: Network ports of ArduPilot, and links of PX4, at most.
MOST_PORTS, MOST_LINKS = 9, 3
#: `MAV_n_CONFIG`: over Ethernet.
ETHERNET = 1000


@dataclass(frozen=True, slots=True)
class NetworkPeer:
    """A computer that was set, and the parameters that do so, the first of them first."""

    parameters: tuple[str, ...]
    address: str | None
    port: int | None
    protocol: str


def network_peers(values: Mapping[str, float]) -> Iterator[NetworkPeer]:
    """Yield the computers that parameters set; one whose address is all zeros is none.

    Args:
        values: Last value of each parameter.
    """
    for number in range(1, MOST_PORTS + 1):
        stem = f"NET_P{number}"
        protocol = CLIENT_PROTOCOLS.get(_integer_or_zero(values.get(f"{stem}_TYPE")))
        if protocol and (
            peer := _network_peer_of_ipv4_octets(values, f"{stem}_IP", f"{stem}_PORT", protocol)
        ):
            yield peer
    if values.get("DDS_ENABLE", 0) > 0 and (
        peer := _network_peer_of_ipv4_octets(values, "DDS_IP", "DDS_UDP_PORT", "dds-xrce")
    ):
        yield peer
    for number in range(MOST_LINKS):
        name = f"MAV_{number}_REMOTE_PRT"
        port = _port_or_none(values.get(name))
        if port and values.get(f"MAV_{number}_CONFIG") == ETHERNET:
            yield NetworkPeer((name,), None, port, "mavlink/udp")
    agent = values.get("UXRCE_DDS_AG_IP")
    if agent is not None and agent == agent and values.get("UXRCE_DDS_CFG", 0) > 0:
        number = _integer_or_zero(agent) & 0xFFFFFFFF
        address = ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))
        yield NetworkPeer(
            ("UXRCE_DDS_AG_IP",), address, _port_or_none(values.get("UXRCE_DDS_PRT")), "dds-xrce"
        )


def _network_peer_of_ipv4_octets(
    values: Mapping[str, float], stem: str, port: str, protocol: str
) -> NetworkPeer | None:
    names = tuple(f"{stem}{octet}" for octet in range(4))
    parts = [values.get(name, np.nan) for name in names]
    if not all(part in range(256) for part in parts) or not any(parts):
        return None
    address = ".".join(f"{part:.0f}" for part in parts)
    return NetworkPeer(names, address, _port_or_none(values.get(port)), protocol)


def _integer_or_zero(value: float | None) -> int:
    return int(value) if value is not None and abs(value) < 2.0**62 else 0


def _port_or_none(value: float | None) -> int | None:
    number = _integer_or_zero(value)
    return number if 0 < number < 1 << 16 else None
