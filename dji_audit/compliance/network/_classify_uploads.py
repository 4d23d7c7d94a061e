"""The claim of a contact, from its catalogue match, path, bytes and time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.compliance.network._flight_time_window import ContactMatchSettings, ContactTimeWindow
from dji_audit.endpoints import UPLOAD_CATEGORIES, Catalogue, CatalogueEntry

#: Categories of hosts of which it is not known whether they accept uploads.
_UNCLEAR = frozenset({"infrastructure", "other", "vendor_apex"})

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CatalogueMatch:
    """The catalogue rows that match a host and, where one is matches, a path."""

    #: Every row that may apply; where the path decides, only the rows of its category.
    rows: tuple[CatalogueEntry, ...] = ()
    #: Whether the path accepts uploads.
    is_upload_path: bool = False

    @property
    def non_generic_catalogue_rows(self) -> tuple[CatalogueEntry, ...]:
        """The rows that can make a finding: those of hosts that are not shared by everybody."""
        return tuple(row for row in self.rows if row.specificity != "generic")

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of the host, most specific name first; the domain only if no other."""
        claims = dict.fromkeys(row.category for row in self.rows)
        return tuple(name for name in claims if name != "vendor_apex") or tuple(claims)

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators of the host."""
        return tuple(dict.fromkeys(row.operator for row in self.rows))

    def has_any_of_categories(self, categories: frozenset[str]) -> bool:
        """Return whether a row that can make a finding has one of some categories."""
        return any(row.category in categories for row in self.non_generic_catalogue_rows)

    @property
    def may_accept_uploads(self) -> bool:
        """Whether the host accepts uploads."""
        return self.is_upload_path or self.has_any_of_categories(UPLOAD_CATEGORIES)

    @property
    def is_of_unknown_purpose(self) -> bool:
        """Whether the host belongs to an operator and its purpose is not known."""
        owned = self.non_generic_catalogue_rows
        return bool(owned) and all(row.category in _UNCLEAR for row in owned)


@dataclass(frozen=True, slots=True, eq=False)
class CatalogueMatcher:
    """Matches hosts and paths with a catalogue; each pair once."""

    catalogue: Catalogue
    low_confidence: bool
    _matches: dict[tuple[str, str], CatalogueMatch] = field(default_factory=dict)

    def match(self, host: str | None, path: str | None) -> CatalogueMatch:
        """Return the catalogue match of a host (or address) and a path on it."""
        if not host:
            return CatalogueMatch()
        key = (host, path or "")
        if key not in self._matches:
            self._matches[key] = self._match_host_without_cache(host, path)
        return self._matches[key]

    def _match_host_without_cache(self, host: str, path: str | None) -> CatalogueMatch:
        rows = self.catalogue.entries_of_host(host, low_confidence=self.low_confidence)
        if not path:
            return CatalogueMatch(rows)
        # A path decides between categories only where the catalogue has it.
        path_rows = tuple(row for row in rows if row.is_known_path(path))
        upload_path = any(row.is_upload_path(path) and row.specificity != "generic" for row in rows)
        return CatalogueMatch(path_rows or rows, upload_path)


def upload_class_of_each_contact(
    rows: pd.DataFrame,
    *,
    matches: Sequence[CatalogueMatch],
    from_flight_log: Flags,
    is_mark: Flags,
    window: ContactTimeWindow,
    settings: ContactMatchSettings,
) -> list[str]:
    """Return the claim of each contact, one of ``CLAIMS``.

    Args:
        rows: Contacts, with the flight's times.
        matches: Catalogue match of each contact.
        from_flight_log: Whether it is in a log of the flight itself, so that it needs no time.
        is_mark: Whether it is a mark on the disk that a successful upload leaves.
        window: Time window of the flight.
        settings: Settings of the policy.
    """
    sent = rows["bytes_up"].to_numpy(np.float64, na_value=np.nan)
    is_large = np.nan_to_num(sent) >= settings.upload_bytes
    sent_any = np.isnan(sent) | (sent > 0)
    last = rows["end"].where(rows["end"].notna(), rows["time"])
    # A conversation that ended before take-off cannot hold the record of the flight.
    after = (last > window.flight_start).fillna(False).to_numpy(bool)
    happened = rows["grade"].isin(["measured", "reported"]).to_numpy(bool)
    attempted = (rows["grade"] == "attempted").to_numpy(bool)
    has_time = from_flight_log | rows["time"].notna().to_numpy(bool)
    claims = np.full(len(rows), "contact", object)
    upload_path = np.array([match.is_upload_path for match in matches], bool)
    upload_host = np.array([match.may_accept_uploads for match in matches], bool)
    claims[is_large & after & upload_host] = "probable_upload"
    claims[upload_path & sent_any] = "confirmed_upload"
    claims[attempted] = "attempted"
    claims[~(happened | attempted) | ~has_time] = "indicator"
    claims[is_mark & happened] = "confirmed_upload"
    return list(claims)
