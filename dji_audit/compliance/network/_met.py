"""Contacts by host: what a flight's devices met, and what the strongest of each claims."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.compliance.endpoints import normalise
from dji_audit.compliance.findings import CLAIMS
from dji_audit.compliance.network._claims import Known
from dji_audit.compliance.network._observe import Observation

_STRENGTH = list(CLAIMS)
#: Blocks that are the same in every network (RFC 1918, 3927, 4193, 4291, 6598).
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "255.255.255.255/32", "::1/128", "fc00::/7", "fe80::/10",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """All contacts of a flight with one host, or one address without a name.

    Where a log gives neither, they are those of one app.
    """

    host: str
    #: Whether it is a name.
    named: bool
    #: Rows of the observation, strongest claim first, then in time order.
    rows: pd.DataFrame
    #: What the catalogue says, all rows together.
    known: Known
    #: The strongest claim.
    claim: str
    #: Whether the unit accepts it.
    allowed: bool
    #: Whether it is an address of the local network.
    local: bool

    @property
    def talked(self) -> bool:
        """Whether it is more than a setting or an attempt."""
        return self.claim not in ("indicator", "attempted")

    @property
    def outside(self) -> bool:
        """Whether it is a computer outside the local network, by name or address."""
        return not self.local and bool(
            self.rows["host"].notna().any() or self.rows["address"].notna().any()
        )

    @property
    def conversations(self) -> pd.DataFrame:
        """The rows without look-ups: those are talk with the resolver."""
        return self.rows[self.rows["protocol"] != "dns"]

    @property
    def sent(self) -> int | None:
        """Bytes sent to it in all; ``None``: not known.  Two logs may tell the same bytes."""
        told = self.conversations.dropna(subset=["bytes_up"])
        return int(told.groupby("log")["bytes_up"].sum().max()) if len(told) else None

    @property
    def most_sent(self) -> int:
        """Bytes sent in the conversation that sent most; 0 if not known."""
        rows = self.conversations
        sent = rows.loc[~rows["claim"].isin(["indicator", "attempted"]), "bytes_up"].dropna()
        return int(sent.max()) if len(sent) else 0


def hosts_met(seen: Observation, accepted: Sequence[str] = ()) -> tuple[Met, ...]:
    """Return the hosts of an observation in order of their first contact.

    Args:
        seen: What is known of whom the devices talked to.
        accepted: Hosts that the unit accepts, with all below them.
    """
    allowed = tuple(name for host in accepted if (name := normalise(host)))
    met = []
    for host, places in seen.rows.groupby("label", sort=False).indices.items():
        rows = seen.rows.iloc[places]
        strength = np.array([_STRENGTH.index(claim) for claim in rows["claim"]])
        order = np.argsort(-strength, kind="stable")
        met.append(
            Met(
                str(host),
                bool(rows["host"].notna().any()),
                rows.iloc[order],
                _joined([seen.known[place] for place in places]),
                _STRENGTH[int(strength.max())],
                any(_below(str(host), name) for name in allowed),
                is_local(str(host)),
            )
        )
    return tuple(met)


def is_local(host: str) -> bool:
    """Return whether an address is one of the local network: no computer outside was met."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_multicast or any(
        address in block for block in _LOCAL if block.version == address.version
    )


def _joined(all_known: Sequence[Known]) -> Known:
    """Return what is known of a host when each contact narrows it in its own way."""
    rows = dict.fromkeys(row for known in dict.fromkeys(all_known) for row in known.rows)
    return Known(tuple(rows), any(known.takes for known in all_known))


def _below(host: str, name: str) -> bool:
    plain = normalise(host) or host
    return plain == name or plain.endswith(f".{name}")
