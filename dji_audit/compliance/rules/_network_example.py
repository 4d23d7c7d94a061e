"""Small network logs, for the examples of the rules about the network."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

import parsers
from dji_audit.compliance.rules._example import hover, rows_of

_START = pd.Timestamp("2026-05-14T09:00:00Z")

#: A flight of five seconds, with take-off and landing.
FLIGHT: Mapping[str, Any] = {
    "track": hover(0, 10, 20, 10, 0),
    "events": (
        {"time": 0, "kind": "takeoff", "text": "took off"},
        {"time": 4, "kind": "landing", "text": "landed"},
    ),
}
DEVICE = "192.0.2.20"


def talk(host: str | None, **more: Any) -> dict[str, Any]:
    """Return a contact two minutes after the start, by TLS, of a few bytes."""
    return {
        "time": 120, "end": 130, "device": DEVICE, "host": host, "address": "203.0.113.7",
        "port": 443, "protocol": "tls", "bytes_up": 900, "bytes_down": 5000,
        "evidence": "tls.server_name", "grade": "measured",
    } | more  # fmt: skip


UPLOAD = talk("mydjiflight.dji.com", time=1200, end=1260, bytes_up=3_000_000)
MAPS = talk("a.tiles.mapbox.com")
BLOCKED = talk("mydjiflight.dji.com", grade="attempted", bytes_up=None, bytes_down=None)


def network(*contacts: Mapping[str, Any], hours: float = 25, **watch: Any) -> dict[str, Any]:
    """Return the field ``network`` of a case: one capture, from fifteen minutes before."""
    begin = _START - pd.Timedelta(minutes=15)
    told = {"flow_count": len(contacts), "unnamed_flow_count": 0} | watch
    log = parsers.Log(
        parsers.Source("capture.pcap", 100_000, "1" * 64, "example"),
        contacts=rows_of(parsers.CONTACTS, _in_order(contacts), _START),
        watch=parsers.Watch(begin, begin + pd.Timedelta(hours=hours), **told),
    )
    return {"network": (log,)}


def _in_order(contacts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(contacts, key=lambda row: float(row["time"]))
