"""What hides names from whoever watches a network: encrypted look-ups, tunnels and proxies.

Host names are those of public resolvers in Chromium's list of DNS over HTTPS providers and in
the resolvers' own documentation; ports are those IANA registered.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

#: Port and transport -> blind spot.
_PORTS: Mapping[tuple[int, str], str] = MappingProxyType(
    {
        (853, "tcp"): "dot",
        (853, "udp"): "doq",
        (784, "udp"): "doq",
        (8853, "udp"): "doq",
        (1194, "udp"): "vpn",
        (1194, "tcp"): "vpn",
        (51820, "udp"): "vpn",
        (500, "udp"): "vpn",
        (4500, "udp"): "vpn",
        # A SOCKS proxy carries every conversation behind it, as a tunnel does.
        (1080, "tcp"): "vpn",
    }
)
_RESOLVERS = frozenset(
    {
        "chrome.cloudflare-dns.com", "cloudflare-dns.com", "dns.adguard-dns.com", "dns.alidns.com",
        "dns.google", "dns.google.com", "dns.mullvad.net", "dns.nextdns.io", "dns.quad9.net",
        "dns.switch.ch", "dns.umbrella.com", "dns10.quad9.net", "dns11.quad9.net",
        "dns64.dns.google", "dns9.quad9.net", "doh.360.cn", "doh.cleanbrowsing.org",
        "doh.dns.apple.com", "doh.dns.sb", "doh.familyshield.opendns.com", "doh.libredns.gr",
        "doh.opendns.com", "doh.pub", "doh.umbrella.com", "doh.xfinity.com",
        "family.adguard-dns.com", "family.cloudflare-dns.com", "firefox.dns.nextdns.io",
        "freedns.controld.com", "mozilla.cloudflare-dns.com", "one.one.one.one",
        "security.cloudflare-dns.com", "unfiltered.adguard-dns.com",
    }
)  # fmt: skip


def encrypted_dns_or_tunnel_kind(
    host: str | None, port: int | None, transport: str | None
) -> str | None:
    """Return what a conversation hides; ``None``: nothing that is known of."""
    if host in _RESOLVERS and port in (443, None):
        return "doh"
    return _PORTS.get((port or 0, transport or ""))


def add_encrypted_dns_and_tunnel_flow_counts(
    counts: Counter[str],
    hosts: Iterable[str | None],
    ports: Iterable[int | None],
    transports: Iterable[str | None],
) -> None:
    """Count what conversations hide, by host, port and transport of each."""
    ends = zip(hosts, ports, transports, strict=True)
    counts.update(spot for end in ends if (spot := encrypted_dns_or_tunnel_kind(*end)))
