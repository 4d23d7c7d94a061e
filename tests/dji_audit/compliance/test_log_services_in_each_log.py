"""A log service fails `log_upload` by its name in every kind of network log that names hosts."""

import base64
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Policy, load_policy
from dji_audit.flights import Flight
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

#: A host of each of the nine services, and of the maker's open interface for logs.
HOSTS = (
    "app.airdata.com",
    "www.dronelogbook.com",
    "hub.flylitchi.com",
    "app.dronelink.com",
    "www.dronedeploy.com",
    "app.airhub.app",
    "external.dronesense.com",
    "api.flightreader.com",
    "app.kittyhawk.io",
)
LOOK_ALIKES = ("app.airdata.com.example.org", "notflylitchi.com", "airdata.example")
DEVICE, SERVER = made.DEVICE, made.SERVER
#: 2026-05-14 10:00 UTC, an hour after take-off.
SECONDS = made.SECONDS + 3600
AT = 3600.0

Make = Callable[[str], bytes]


def capture(packets: list[bytes]) -> bytes:
    frames = [
        made.record(made.ethernet(one), AT + number * 0.1) for number, one in enumerate(packets)
    ]
    return made.header() + b"".join(frames)


def pcap_tls(host: str) -> bytes:
    talk = made.Connection()
    return capture([*talk.opened(), talk.up(made.client_hello(host)), talk.down(b"\x16\x03\x03")])


def pcapng_tls(host: str) -> bytes:
    talk = made.Connection()
    packets = [*talk.opened(), talk.up(made.client_hello(host)), talk.down(b"\x16\x03\x03")]
    ticks = SECONDS * 1_000_000
    blocks = [made.enhanced_packet(one, ticks + number) for number, one in enumerate(packets)]
    return made.section() + made.interface() + b"".join(blocks)


def pcap_dns(host: str) -> bytes:
    return capture([made.dns_question(host), made.dns_answer(host, [SERVER])])


def pcap_http(host: str) -> bytes:
    talk = made.Connection(port=80)
    request = f"POST /up HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc".encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    return capture([*talk.opened(), talk.up(request), talk.down(answer)])


def zeek_table(path: str, fields: str, values: str) -> bytes:
    head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
    names = f"ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\t{fields}"
    row = f"{SECONDS}.000000\tC1\t{DEVICE}\t5000\t{SERVER}\t443\t{values}"
    return f"{head}#path\t{path}\n#fields\t{names}\n{row}\n".encode()


def zeek_ssl(host: str) -> bytes:
    return zeek_table("ssl", "server_name\testablished", f"{host}\tT")


def zeek_http(host: str) -> bytes:
    return zeek_table("http", "method\thost\turi\tstatus_code", f"POST\t{host}\t/up\t200")


def zeek_dns(host: str) -> bytes:
    return zeek_table("dns", "query\trcode_name\tanswers", f"{host}\tNOERROR\t{SERVER}")


def zeek_json(host: str) -> bytes:
    row = {
        "_path": "ssl", "ts": SECONDS + 0.5, "uid": "C1", "id.orig_h": DEVICE, "id.orig_p": 5000,
        "id.resp_h": SERVER, "id.resp_p": 443, "server_name": host, "established": True,
    }  # fmt: skip
    return json.dumps(row).encode() + b"\n"


def suricata(**event: object) -> bytes:
    ends = {"src_ip": DEVICE, "src_port": 5000, "dest_ip": SERVER, "dest_port": 443}
    time = {"timestamp": "2026-05-14T10:00:00.000000+0000"}
    return json.dumps({**time, **ends, **event}).encode() + b"\n"


def suricata_tls(host: str) -> bytes:
    return suricata(event_type="tls", tls={"sni": host})


def suricata_http(host: str) -> bytes:
    return suricata(event_type="http", http={"hostname": host, "url": "/up", "status": 200})


def suricata_dns(host: str) -> bytes:
    question = {"type": "query", "id": 1, "rrname": host}
    answer = {
        "type": "answer", "id": 1, "rrname": host, "rcode": "NOERROR",
        "grouped": {"A": [SERVER]},
    }  # fmt: skip
    return suricata(event_type="dns", dns=question) + suricata(event_type="dns", dns=answer)


def squid_tunnel(host: str) -> bytes:
    line = f"{SECONDS}.250    850 {DEVICE} TCP_TUNNEL/200 5210 CONNECT {host}:443 - "
    return f"{line}HIER_DIRECT/{SERVER} -\n".encode()


def squid_combined(host: str) -> bytes:
    line = f'{DEVICE} - - [14/May/2026:10:00:31 +0000] "CONNECT {host}:443 HTTP/1.1" 200 5210 '
    return f'{line}"-" "-" TCP_TUNNEL:HIER_DIRECT\n'.encode()


def dnsmasq(host: str) -> bytes:
    stamp = "2026-05-14T10:00:11+00:00 gate dnsmasq[812]:"
    return f"{stamp} query[A] {host} from {DEVICE}\n{stamp} reply {host} is {SERVER}\n".encode()


def bind(host: str) -> bytes:
    head = "2026-05-14T10:00:11.123Z queries: info: client @0x7f91b800"
    return f"{head} {DEVICE}#51234 ({host}): query: {host} IN A +E(0)K (192.168.8.1)\n".encode()


def adguard(host: str) -> bytes:
    row = {
        "T": "2026-05-14T10:00:11.123456789Z", "QH": host, "QT": "A", "QC": "IN", "CP": "",
        "Answer": base64.b64encode(wire.dns_answer(7, host, [SERVER], 0)).decode(),
        "IP": DEVICE, "Result": {}, "Elapsed": 837429,
    }  # fmt: skip
    return json.dumps(row).encode() + b"\n"


def har(host: str) -> bytes:
    entry = {
        "startedDateTime": "2026-05-14T10:00:11.123Z", "time": 20, "serverIPAddress": SERVER,
        "request": {
            "method": "POST", "url": f"https://{host}/up", "httpVersion": "HTTP/1.1",
            "headers": [], "headersSize": 200, "bodySize": 900,
        },
        "response": {
            "status": 200, "statusText": "OK", "headers": [], "headersSize": 100, "bodySize": 10,
            "content": {"size": 10},
        },
    }  # fmt: skip
    creator = {"name": "proxy", "version": "1"}
    return json.dumps({"log": {"version": "1.2", "creator": creator, "entries": [entry]}}).encode()


def pcapdroid(host: str) -> bytes:
    names = (
        "IPProto,SrcIP,SrcPort,DstIP,DstPort,UID,App,Proto,Status,Info,BytesSent,BytesRcvd,"
        "PktsSent,PktsRcvd,FirstSeen,LastSeen"
    )
    times = f"{SECONDS * 1000},{SECONDS * 1000 + 900}"
    row = f"6,{DEVICE},5000,{SERVER},443,10147,Flight app,TLS,Closed,{host},900,5000,9,9,{times}"
    return f"{names}\n{row}\n".encode()


def firewall(host: str) -> bytes:
    return (
        "time,srcip,dstip,dstport,hostname,action,sentbyte,rcvdbyte\n"
        f"2026-05-14T10:00:11Z,{DEVICE},{SERVER},443,{host},accept,900,5000\n"
    ).encode()


def pihole(host: str, folder: Path) -> bytes:
    path = folder / "pihole-FTL.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE domain_by_id (id INTEGER PRIMARY KEY, domain TEXT);"
            "CREATE TABLE client_by_id (id INTEGER PRIMARY KEY, ip TEXT, name TEXT);"
            "CREATE TABLE forward_by_id (id INTEGER PRIMARY KEY, forward TEXT);"
            "CREATE TABLE query_storage (id INTEGER PRIMARY KEY, timestamp INTEGER, type INTEGER,"
            " status INTEGER, domain INTEGER, client INTEGER, forward INTEGER,"
            " additional_info INTEGER, reply_type INTEGER, reply_time REAL, dnssec INTEGER);"
        )
        base.execute("INSERT INTO domain_by_id VALUES (1, ?)", (host,))
        base.execute("INSERT INTO client_by_id VALUES (1, ?, '')", (DEVICE,))
        base.execute("INSERT INTO forward_by_id VALUES (1, '192.168.8.1#53')")
        base.execute(
            "INSERT INTO query_storage VALUES (1, ?, 1, 2, 1, 1, 1, NULL, 4, 0.03, 0)", (SECONDS,)
        )
    base.close()
    return path.read_bytes()


#: Kind of log -> name of a file, and the bytes that name a host once.
KINDS: dict[str, tuple[str, Make]] = {
    "pcap, TLS": ("a.pcap", pcap_tls),
    "pcapng, TLS": ("a.pcapng", pcapng_tls),
    "pcap, DNS": ("a.pcap", pcap_dns),
    "pcap, HTTP": ("a.pcap", pcap_http),
    "Zeek ssl": ("ssl.log", zeek_ssl),
    "Zeek http": ("http.log", zeek_http),
    "Zeek dns": ("dns.log", zeek_dns),
    "Zeek JSON": ("ssl.log", zeek_json),
    "Suricata tls": ("eve.json", suricata_tls),
    "Suricata http": ("eve.json", suricata_http),
    "Suricata dns": ("eve.json", suricata_dns),
    "Squid": ("access.log", squid_tunnel),
    "proxy, combined": ("access.log", squid_combined),
    "dnsmasq": ("dnsmasq.log", dnsmasq),
    "BIND": ("query.log", bind),
    "AdGuard Home": ("querylog.json", adguard),
    "HAR": ("a.har", har),
    "PCAPdroid": ("a.csv", pcapdroid),
    "firewall": ("a.csv", firewall),
}


@pytest.fixture(scope="module")
def log_upload_policy() -> Policy:
    whole = load_policy()
    return replace(whole, rules={"log_upload": whole.rules["log_upload"]})


def log_upload_outcome(
    log: parsers.Log, flight: Flight, policy: Policy
) -> tuple[Outcome, frozenset[str | None]]:
    """Return the outcome, and the hosts that it fails on."""
    context = AuditContext(network=(log,), devices=(DEVICE,))
    (result,) = audit_flight(flight, policy, context).results
    return result.outcome, frozenset(finding.subject for finding in result.findings)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_log_service_is_known_in_every_kind_of_network_log(
    kind: str, host: str, flight: Flight, log_upload_policy: Policy
) -> None:
    name, make = KINDS[kind]
    log = made.read(make(host), name)
    assert log_upload_outcome(log, flight, log_upload_policy) == (Outcome.FAIL, frozenset({host}))


@pytest.mark.parametrize("host", HOSTS)
def test_a_log_service_is_known_in_the_database_of_pihole(
    host: str, flight: Flight, log_upload_policy: Policy, tmp_path: Path
) -> None:
    log = made.read(pihole(host, tmp_path), "pihole-FTL.db")
    assert log_upload_outcome(log, flight, log_upload_policy) == (Outcome.FAIL, frozenset({host}))


@pytest.mark.parametrize("host", LOOK_ALIKES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_like_theirs_fails_in_no_kind_of_log(
    kind: str, host: str, flight: Flight, log_upload_policy: Policy
) -> None:
    name, make = KINDS[kind]
    log = made.read(make(host), name)
    assert len(log.contacts), "the log names the host"
    outcome, hosts = log_upload_outcome(log, flight, log_upload_policy)
    assert outcome is not Outcome.FAIL
    assert host not in hosts
