"""Whom the story's controller talked to: the truth behind every network log.

The controller's tablet (192.0.2.20, DJI GO 4) looks up names, fetches a map, asks what zones are
near, and sends a flight record of 3 MB twenty minutes after landing.  Hosts are real names;
addresses are of blocks that are set aside for documentation (RFC 5737); nobody was asked anything.
"""

from dataclasses import dataclass

DEVICE, RESOLVER = "192.0.2.20", "192.0.2.1"
PACKAGE, APP, UID = "dji.go.v4", "DJI GO 4", 10147
#: What stands in the requests and must stand in nothing that a reader tells.
HIDDEN = "pk.SYNTHETIC0secret0token0123456789"
#: 2026-05-14 00:00 UTC.
_DAY_MS = 1_778_716_800_000


def utc_ms(clock: str) -> int:
    """Return an instant of the day of the flight, from ``09:31:29`` or ``09:31:29.250``."""
    hours, minutes, seconds = clock.split(":")
    return _DAY_MS + round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation: ``path`` is what only decrypted evidence shows."""

    clock: str
    host: str | None
    address: str
    port: int
    transport: str
    protocol: str
    up: int
    down: int
    seconds: float
    method: str = "GET"
    path: str = "/"
    #: Whether the other side took it up.
    answered: bool = True

    @property
    def begin_ms(self) -> int:
        """When it began, milliseconds since 1970."""
        return utc_ms(self.clock)

    @property
    def end_ms(self) -> int:
        """When it ended."""
        return self.begin_ms + round(self.seconds * 1000)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One name that was asked for; without an address the resolver blocked it."""

    clock: str
    host: str
    address: str | None

    @property
    def begin_ms(self) -> int:
        """When it was asked."""
        return utc_ms(self.clock)


CONVERSATIONS = (
    Conversation("09:00:31.250", "flysafe-api.dji.com", "203.0.113.10", 443, "tcp", "tls", 1824,
                 5210, 0.85, path="/api/v3/geofence/query?level=2"),
    Conversation("09:01:40.500", "a.tiles.mapbox.com", "198.51.100.30", 443, "tcp", "tls", 931,
                 48_211, 2.5, path=f"/v4/mapbox.satellite/14/8011/5477.png?access_token={HIDDEN}"),
    Conversation("09:02:05.125", "ditu.google.cn", "203.0.113.50", 80, "tcp", "http", 312, 1760,
                 0.4, path="/maps/api/geocode/json?latlng=50.615,-3.965"),
    Conversation("09:06:10.000", "maps.googleapis.com", "203.0.113.40", 443, "udp", "quic", 3045,
                 22_480, 6.2, path="/maps/vt?pb=1"),
    Conversation("09:10:20.750", None, "198.51.100.99", 8883, "tcp", "tcp", 612, 404, 30.0),
    Conversation("09:12:00.000", None, "198.51.100.77", 1935, "tcp", "tcp", 0, 0, 0.0,
                 answered=False),
    Conversation("09:31:29.000", "mydjiflight.dji.com", "203.0.113.20", 443, "tcp", "tls",
                 3_145_728, 640, 41.5, "POST", f"/api/v2/flight_log/zipupload?token={HIDDEN}"),
)  # fmt: skip

LOOKUPS = (
    Lookup("09:00:31.125", "flysafe-api.dji.com", "203.0.113.10"),
    Lookup("09:01:40.375", "a.tiles.mapbox.com", "198.51.100.30"),
    Lookup("09:02:05.000", "ditu.google.cn", "203.0.113.50"),
    Lookup("09:04:30.000", "statistical-report.djiservice.org", None),
    Lookup("09:06:09.875", "maps.googleapis.com", "203.0.113.40"),
    Lookup("09:31:28.875", "mydjiflight.dji.com", "203.0.113.20"),
)
