"""Write the story's network evidence that is no list of lines: archives, databases, settings.

From the descriptions of the formats; no reader is imported.  What is true is ``network_story``.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sample_logs.network_story import (
    CONVERSATIONS,
    DEVICE,
    HIDDEN,
    PACKAGE,
    UID,
    Conversation,
    utc_ms,
)
from sample_logs.sqlite_pages import PAGE, database, leaf_page
from sample_logs.story import Story

HAR, FLOWS, NETSTATS = "tablet.har", "tablet.mitm", "netstats.txt"
IOS, SETTINGS = "DataUsage.sqlite", "QGroundControl.ini"
SIDECAR = "log_42_2026-5-14-14-01-58.uploaded"
#: An address that must stand in nothing that a reader tells.
EMAIL = "pilot7@police.example"
#: The buckets of the phone: begin, seconds, and bytes received and sent of the app.
BUCKETS = ((utc_ms("08:00:00"), 7200, 78_101, 3_150_428), (utc_ms("10:00:00"), 7200, 2_048, 512))
_COCOA_S = 978_307_200
#: Process, bundle, bytes over Wi-Fi in and out, over the mobile network in and out.
PROCESSES = (
    ("CumulativeUsageTracker", None, 80_149, 3_150_940, 1_024, 300),
    ("mDNSResponder/com.dji.go", "com.dji.go", 78_101, 3_150_428, 0, 0),
    ("nsurlsessiond", None, 2_048, 512, 1_024, 300),
)
USED_S = utc_ms("09:32:11") // 1000


def write_network_files(folder: Path, story: Story) -> dict[str, Any]:
    """Write an archive, a dump of flows, statistics of both kinds of phone, and settings."""
    text = json.dumps(har(), indent=1, ensure_ascii=False) + "\n"
    (folder / HAR).write_text(text, encoding="utf-8", newline="\n")
    (folder / FLOWS).write_bytes(b"".join(netstring(flow(talk)) for talk in _decrypted()))
    (folder / NETSTATS).write_text(netstats(), newline="\n")
    (folder / IOS).write_bytes(data_usage())
    (folder / SETTINGS).write_text(settings(), newline="\n")
    (folder / SIDECAR).write_bytes(b"")
    return {}


def _decrypted() -> list[Conversation]:
    return [talk for talk in CONVERSATIONS if talk.host is not None and talk.protocol != "quic"]


def _scheme(talk: Conversation) -> str:
    return "http" if talk.protocol == "http" else "https"


# HTTP Archive


def har() -> dict[str, Any]:
    """Return an archive of the requests, with a cookie and a header that must not be shown."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "Prüfstand", "version": "1.0"},
            "pages": [],
            "entries": [har_entry(talk) for talk in _decrypted()],
        }
    }


def har_entry(talk: Conversation) -> dict[str, Any]:
    """Return one entry."""
    begin = datetime.fromtimestamp(talk.begin_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return {
        "startedDateTime": begin.replace("+00:00", "Z"),
        "time": talk.seconds * 1000,
        "request": {
            "method": talk.method,
            "url": f"{_scheme(talk)}://{talk.host}{talk.path}",
            "httpVersion": "HTTP/1.1",
            "headers": [
                {"name": "Host", "value": talk.host},
                {"name": "Authorization", "value": f"Bearer {HIDDEN}"},
            ],
            "cookies": [],
            "headersSize": -1,
            "bodySize": talk.up,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": [{"name": "Set-Cookie", "value": HIDDEN}],
            "content": {"size": talk.down, "mimeType": "application/json"},
            "headersSize": -1,
            "bodySize": talk.down,
        },
        "serverIPAddress": talk.address,
        "connection": str(talk.port),
    }


# mitmproxy


def flow(talk: Conversation) -> dict[str, Any]:
    """Return one flow, as version 20 lays it out; of the upload, not all that was sent."""
    begin, end = talk.begin_ms / 1000, talk.end_ms / 1000
    ends = {"tls": talk.protocol == "tls", "sni": talk.host, "timestamp_start": begin}
    return {
        "type": "http",
        "version": 20,
        "id": f"00000000-0000-4000-8000-{talk.begin_ms % 10**12:012d}",
        "error": None,
        "client_conn": ends | {"peername": [DEVICE, 50_000], "sockname": ["192.0.2.2", 8080]},
        "server_conn": ends | {"address": [talk.host, talk.port],
                               "peername": [talk.address, talk.port]},
        "request": {
            "method": talk.method.encode(),
            "scheme": _scheme(talk).encode(),
            "host": talk.host,
            "port": talk.port,
            "path": talk.path.encode(),
            "http_version": b"HTTP/1.1",
            "headers": [[b"Cookie", HIDDEN.encode()], [b"accept", b"*/*"]],
            "content": bytes(min(talk.up, 4096)),
            "timestamp_start": begin,
            "timestamp_end": begin,
        },
        "response": {
            "status_code": 200,
            "headers": [[b"content-type", b"application/json"]],
            "content": bytes(min(talk.down, 512)),
            "timestamp_start": end,
            "timestamp_end": end,
        },
    }  # fmt: skip


def netstring(value: Any) -> bytes:
    """Return a value as a typed netstring."""
    if value is None:
        body, kind = b"", b"~"
    elif isinstance(value, bool):
        body, kind = str(value).lower().encode(), b"!"
    elif isinstance(value, int):
        body, kind = str(value).encode(), b"#"
    elif isinstance(value, float):
        body, kind = repr(value).encode(), b"^"
    elif isinstance(value, bytes):
        body, kind = value, b","
    elif isinstance(value, str):
        body, kind = value.encode(), b";"
    elif isinstance(value, dict):
        body = b"".join(netstring(part) for pair in value.items() for part in pair)
        kind = b"}"
    else:
        body, kind = b"".join(map(netstring, value)), b"]"
    return str(len(body)).encode() + b":" + body + kind


# Android


def netstats() -> str:
    """Return statistics as Android prints them in a bug report, after the list of packages."""
    ident = "ident=[{type=1, ratType=COMBINED, metered=false, defaultNetwork=true}]"
    buckets = [
        f"      st={begin // 1000} rb={down} rp=120 tb={up} tp=2300 op=0"
        for begin, _, down, up in BUCKETS
    ]
    return (
        "\n".join(
            [
                "========================================================",
                "== dumpstate: 2026-05-14 12:05:00",
                "========================================================",
                "DUMP OF SERVICE package:",
                f"  Package [{PACKAGE}] (8f3c2d1):",
                f"    userId={UID}",
                "DUMP OF SERVICE netstats:",
                "Active interfaces:",
                f"  iface=wlan0 {ident}",
                "Xt stats:",
                "  Pending bytes: 0",
                "  History since boot:",
                f"  {ident} uid=-1 set=ALL tag=0x0",
                "    NetworkStatsHistory: bucketDuration=3600",
                "      st=1778749200 rb=80149 rp=130 tb=3150940 tp=2310 op=0",
                "UID stats:",
                "  Pending bytes: 0",
                "  History since boot:",
                f"  {ident} uid={UID} set=DEFAULT tag=0x0",
                "    NetworkStatsHistory: bucketDuration=7200",
                *buckets,
                f"  {ident} uid=10055 set=DEFAULT tag=0x0",
                "    NetworkStatsHistory: bucketDuration=7200",
                "      st=1778745600 rb=2048 rp=4 tb=512 tp=4 op=0",
                "UID tag stats:",
                "  Pending bytes: 0",
                "  History since boot:",
                f"  {ident} uid={UID} set=DEFAULT tag=0xffffff01",
                "    NetworkStatsHistory: bucketDuration=7200",
                "      st=1778745600 rb=1000 rp=4 tb=500 tp=4 op=0",
                "--------- 0.150s was the duration of dumpsys netstats",
            ]
        )
        + "\n"
    )


# iOS: a database of four pages, one of them free, byte by byte, so that it is always the same

_PROCESS_SQL = (
    "CREATE TABLE ZPROCESS ( Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, "
    "ZFIRSTTIMESTAMP TIMESTAMP, ZTIMESTAMP TIMESTAMP, ZBUNDLENAME VARCHAR, ZPROCNAME VARCHAR )"
)
_LIVE_SQL = (
    "CREATE TABLE ZLIVEUSAGE ( Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, "
    "ZKIND INTEGER, ZHASPROCESS INTEGER, ZTIMESTAMP TIMESTAMP, ZWIFIIN FLOAT, ZWIFIOUT FLOAT, "
    "ZWWANIN FLOAT, ZWWANOUT FLOAT )"
)


def data_usage() -> bytes:
    """Return a database with a row of each process and one of what it used."""
    used = float(USED_S - _COCOA_S)
    schema = [
        ("table", "ZLIVEUSAGE", "ZLIVEUSAGE", 2, _LIVE_SQL),
        ("table", "ZPROCESS", "ZPROCESS", 3, _PROCESS_SQL),
    ]
    live = [
        (None, 1, 1, 0, number, used, *map(float, row[2:]))
        for number, row in enumerate(PROCESSES, 1)
    ]
    processes = [
        (None, 2, 1, used - 86_400, used, row[1], row[0]) for row in PROCESSES
    ]  # fmt: skip
    return database([leaf_page(schema, 100), leaf_page(live), leaf_page(processes), bytes(PAGE)], 4)


# QGroundControl


def settings() -> str:
    """Return settings that send every log by themselves, and forward what the aircraft says."""
    return f"""[General]
SettingsVersion=9
forwardMavlink=true
forwardMavlinkHostName=198.51.100.7:14551

[LinkConfigurations]
Link0\\host0=198.51.100.8
Link0\\hostCount=1
Link0\\name=Second screen
Link0\\port0=14550
Link0\\type=1
count=1

[MAVLinkLogGroup]
Description=QGroundControl Session
Email={EMAIL}
EnableAutoUpload=true
LogURL=https://logs.px4.io/upload
PublicLog=true

[NTRIP]
ntripPassword={HIDDEN}
ntripServerConnectEnabled=true
ntripServerHostAddress=caster.example.org
ntripServerPort=2101
ntripUsername=pilot7

[Video]
rtspUrl=rtsp://pilot7:{HIDDEN}@198.51.100.9:8554/live
"""
