"""Real captures of other projects: every name that another tool finds is found.

The names in QUIC and in a ClientHello of several segments, which dpkt does not put
together, are those that nDPI states in its own test results for the same files.
"""

from pathlib import Path

import pytest

import parsers
from dji_audit.endpoints import shipped_catalogue
from parsers import Log
from tests.conftest import SAMPLES, required
from tests.parsers.network.captures_made import rows_of
from tests.parsers.network.dpkt_names import names_of

FOLDER = SAMPLES / "network"
CAPTURES = sorted(FOLDER.glob("*.pcap*")) if FOLDER.is_dir() else []
#: Capture -> name of its one conversation, as nDPI states it.
QUIC = {
    "ndpi_quic-29.pcap": "localhost",
    "ndpi_quic-v2.pcapng": "test",
    "ndpi_quic_frags_different_dcid.pcapng": "cdnjs.cloudflare.com",
}
TLS = {
    "ndpi_tls_2_reasms.pcapng": "i.instagram.com",
    "ndpi_tls_2_reasms_b.pcapng": "video.fmct2-3.fna.fbcdn.net",
}
#: Captures whose clients offer QUIC but name nobody: their whole ClientHello was read.
NAMELESS_QUIC = (
    "ndpi_quic-33.pcapng",
    "ndpi_doq.pcapng",
    "ndpi_quic_frags_ch_in_multiple_packets.pcapng",
    "ndpi_quic-forcing-vn-with-data.pcapng",
)
#: Link types of Wi-Fi and others that no reader takes for IP, and DJI's own.
NOT_IP = {
    "dji_p3x_ofdm_to_center_run1.pcap": 4651,
    "zeek_arp-who-has-radiotap.pcap": 2,
    "zeek_arp-who-has-wlanmon.pcap": 2,
    "zeek_ieee80211.15.4.pcap": 1,
}
NAMES_IN = {"dns": "name", "tls": "server_name", "quic": "server_name", "http": "host"}


@pytest.fixture(scope="module")
def logs() -> dict[str, Log]:
    required("the folder of captures", bool(CAPTURES))
    return {path.name: parsers.read(path) for path in CAPTURES}


def names_in(log: Log) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind, column in NAMES_IN.items():
        if kind in log.record_counts:
            found |= {(kind, str(name)) for name in log.records(kind)[column].dropna()}
    return found


def escaped(name: str) -> str:
    """Return a name as zone files write it, which is how we do."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x5C else f"\\{byte:03d}"
        for byte in name.encode()
    )


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: str(path.name))
def test_every_name_that_dpkt_finds_is_found(path: Path, logs: dict[str, Log]) -> None:
    expected = {(kind, escaped(name)) for kind, name in names_of(path)}
    assert expected <= names_in(logs[path.name])


def test_dpkt_finds_names_at_all() -> None:
    required("the folder of captures", bool(CAPTURES))
    assert sum(len(names_of(path)) for path in CAPTURES) > 200


@pytest.mark.parametrize("name", [*QUIC, *TLS])
def test_a_name_that_fills_several_packets_is_found(name: str, logs: dict[str, Log]) -> None:
    protocol = "quic" if name in QUIC else "tls"
    host = (QUIC | TLS)[name]
    (row,) = rows_of(logs[name].contacts)
    assert (row.protocol, row.host, row.evidence) == (protocol, host, f"{protocol}.server_name")
    assert row.grade == "measured"


@pytest.mark.parametrize("name", NAMELESS_QUIC)
def test_a_client_that_names_nobody_was_read_whole(name: str, logs: dict[str, Log]) -> None:
    (hello,) = rows_of(logs[name].records("quic"))
    assert hello.complete
    assert hello.server_name is None
    assert hello.alpn


@pytest.mark.parametrize("name", NOT_IP)
def test_packets_that_are_not_ip_are_counted_and_give_no_contact(
    name: str, logs: dict[str, Log]
) -> None:
    log = logs[name]
    assert log.capture_window is not None
    assert log.capture_window.blind_spots["not_ip"] == NOT_IP[name]
    assert log.contacts.empty
    assert "link type" in " ".join(issue.reason for issue in log.issues)


def test_what_hides_names_is_counted(logs: dict[str, Log]) -> None:
    def seen(name: str) -> dict[str, int]:
        watch = logs[name].capture_window
        assert watch is not None
        return dict(watch.blind_spots)

    assert seen("ndpi_dns_dot.pcap") == {"dot": 1}
    assert seen("ndpi_doq.pcapng") == {"doq": 1}
    assert seen("ndpi_quic_frags_different_dcid.pcapng") == {"ech": 1}
    assert seen("ndpi_quic_q50.pcap") == {"quic_unread": 1}
    assert seen("dpkt_truncated_dns_2.pcap") == {"cut_short": 1}


def test_the_host_behind_a_proxy_is_named(logs: dict[str, Log]) -> None:
    (through,) = rows_of(logs["pcapdroid_http_proxy.pcap"].contacts)
    assert (through.host, through.protocol, through.port) == ("weberblog.net", "tls", 8080)
    (asked,) = rows_of(logs["zeek_http_proxy.pcap"].contacts)
    assert (asked.host, asked.path, asked.evidence) == ("bro.org", "/", "http.target")


def test_dns_that_came_in_pieces_is_put_together(logs: dict[str, Log]) -> None:
    log = logs["ndpi_dns_fragmented.pcap"]
    answers = log.records("dns")
    assert not answers.damaged.any()
    assert log.capture_window is not None
    assert "fragments" not in log.capture_window.blind_spots


def test_multicast_names_are_no_contacts(logs: dict[str, Log]) -> None:
    for log in logs.values():
        assert not log.contacts.host.str.endswith(".local", na=False).any() or (
            "http" in log.record_counts
        )
        assert not log.contacts.address.str.startswith(("224.", "239.", "ff02"), na=False).any()


def test_no_real_capture_has_a_host_that_is_a_maker_s(logs: dict[str, Log]) -> None:
    """None of them is of a drone: a hit would be a false one."""
    known = shipped_catalogue()
    hosts = {name for log in logs.values() for _, name in names_in(log)}
    hosts |= {str(host) for log in logs.values() for host in log.contacts.host.dropna()}
    assert len(hosts) > 200
    hits = {
        host: match.indicator
        for host in sorted(hosts)
        for match in known.entries_of_host(host, low_confidence=True)
        if match.specificity == "vendor"
    }
    assert hits == {}
