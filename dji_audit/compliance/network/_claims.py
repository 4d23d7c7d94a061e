"""What a contact claims: how the catalogue reads a host, a path, the bytes and the time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.network._match_settings import Terms, Window
from dji_audit.endpoints import UPLOADS, Catalogue, Endpoint

#: Roles of which it is not known whether they take anything.
_UNCLEAR = frozenset({"infrastructure", "other", "vendor_apex"})

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says of a host and, where one was seen, a path."""

    #: Every row that may apply: of the path's role, if the path tells which.
    rows: tuple[Endpoint, ...] = ()
    #: Whether the path is one that takes uploads.
    takes: bool = False

    @property
    def owned(self) -> tuple[Endpoint, ...]:
        """The rows that can make a finding: of hosts that not everybody shares."""
        return tuple(row for row in self.rows if row.specificity != "generic")

    @property
    def categories(self) -> tuple[str, ...]:
        """The roles of the host, the most specific name first; the domain's only if it is all."""
        found = dict.fromkeys(row.category for row in self.rows)
        return tuple(name for name in found if name != "vendor_apex") or tuple(found)

    @property
    def operators(self) -> tuple[str, ...]:
        """Whose the host is."""
        return tuple(dict.fromkeys(row.operator for row in self.rows))

    def has(self, categories: frozenset[str]) -> bool:
        """Return whether a role that can make a finding is among some categories."""
        return any(row.category in categories for row in self.owned)

    @property
    def may_upload(self) -> bool:
        """Whether the host takes uploads."""
        return self.takes or self.has(UPLOADS)

    @property
    def unclear(self) -> bool:
        """Whether it is an operator's own and nothing says what it is for."""
        owned = self.owned
        return bool(owned) and all(row.category in _UNCLEAR for row in owned)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Reads hosts and paths with a catalogue; each pair once."""

    catalogue: Catalogue
    low_confidence: bool
    _read: dict[tuple[str, str], Known] = field(default_factory=dict)

    def read(self, host: str | None, path: str | None) -> Known:
        """Return what is known of a host (or address) and a path on it."""
        if not host:
            return Known()
        key = (host, path or "")
        if key not in self._read:
            self._read[key] = self._known(host, path)
        return self._read[key]

    def _known(self, host: str, path: str | None) -> Known:
        rows = self.catalogue.match(host, low_confidence=self.low_confidence)
        if not path:
            return Known(rows)
        # A path tells roles apart only where the catalogue has it.
        told = tuple(row for row in rows if row.has(path))
        takes = any(row.takes(path) and row.specificity != "generic" for row in rows)
        return Known(told or rows, takes)


def claims(
    rows: pd.DataFrame,
    known: Sequence[Known],
    own: Flags,
    marks: Flags,
    window: Window,
    terms: Terms,
) -> list[str]:
    """Return the claim of each contact, one of ``CLAIMS``.

    Args:
        rows: Contacts, with the flight's times.
        known: What the catalogue says of each.
        own: Whether the flight's own logs tell it, so that it needs no time to be the flight's.
        marks: Whether it is a mark on the disk, left when an upload had succeeded.
        window: Of the flight.
        terms: What the policy says.
    """
    sent = rows["bytes_up"].to_numpy(np.float64, na_value=np.nan)
    much = np.nan_to_num(sent) >= terms.upload_bytes
    some = np.isnan(sent) | (sent > 0)
    last = rows["end"].where(rows["end"].notna(), rows["time"])
    # What ended before the aircraft took off cannot hold the record of the flight.
    after = (last > window.began).fillna(False).to_numpy(bool)
    happened = rows["grade"].isin(["measured", "reported"]).to_numpy(bool)
    tried = (rows["grade"] == "attempted").to_numpy(bool)
    placed = own | rows["time"].notna().to_numpy(bool)
    found = np.full(len(rows), "contact", object)
    takes = np.array([one.takes for one in known], bool)
    uploads = np.array([one.may_upload for one in known], bool)
    found[much & after & uploads] = "probable_upload"
    found[takes & some] = "confirmed_upload"
    found[tried] = "attempted"
    found[~(happened | tried) | ~placed] = "indicator"
    found[marks & happened] = "confirmed_upload"
    return list(found)
