"""Which computers an autopilot is set to talk to, by its parameters."""

import pytest

from parsers.mavlink._shared._network_params import NetworkPeer, network_peers

NET = {"NET_P1_IP0": 203.0, "NET_P1_IP1": 0.0, "NET_P1_IP2": 113.0, "NET_P1_IP3": 7.0}
NAMES = tuple(NET)


@pytest.mark.parametrize(
    ("kind", "protocol"), [(1, "udp"), (2, None), (3, "tcp"), (4, None), (0, None), (None, None)]
)
def test_a_port_that_calls_names_a_computer_and_a_server_none(
    kind: int | None, protocol: str | None
) -> None:
    values = NET | {"NET_P1_PORT": 14550.0} | ({} if kind is None else {"NET_P1_TYPE": kind})
    expected = [NetworkPeer(NAMES, "203.0.113.7", 14550, protocol)] if protocol else []
    assert list(network_peers(values)) == expected


def test_its_own_address_and_its_gateway_are_no_peers() -> None:
    own = {f"NET_{name}{place}": 10.0 for name in ("IPADDR", "GWADDR") for place in range(4)}
    assert list(network_peers(own)) == []


@pytest.mark.parametrize("part", [-1.0, 256.0, 1.5, float("nan"), float("inf")])
def test_numbers_that_are_no_address_name_none(part: float) -> None:
    assert list(network_peers(NET | {"NET_P1_TYPE": 1.0, "NET_P1_IP2": part})) == []


def test_px4_names_a_port_over_ethernet_and_the_agent_of_dds() -> None:
    values = {
        "MAV_0_REMOTE_PRT": 14540.0, "MAV_0_CONFIG": 101.0,
        "MAV_2_REMOTE_PRT": 14550.0, "MAV_2_CONFIG": 1000.0,
        "UXRCE_DDS_CFG": 1000.0, "UXRCE_DDS_AG_IP": -1062731775.0, "UXRCE_DDS_PRT": 8888.0,
    }  # fmt: skip
    assert list(network_peers(values)) == [
        NetworkPeer(("MAV_2_REMOTE_PRT",), None, 14550, "mavlink/udp"),
        NetworkPeer(("UXRCE_DDS_AG_IP",), "192.168.0.1", 8888, "dds-xrce"),
    ]
    assert list(network_peers({"UXRCE_DDS_CFG": 1.0, "UXRCE_DDS_AG_IP": float("nan")})) == []
