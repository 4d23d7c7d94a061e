"""Names of columns that only tables of received Remote ID have."""

import re
from collections.abc import Iterable

#: Names of the identity of an aircraft, as small letters and digits.
IDENTITY_COLUMNS = ("uasid", "basicid", "basicid0")
_OTHER_COLUMNS = {
    "uatype", "uatype0", "operatorlatitude", "operatorlocationtype", "operatorid",
}  # fmt: skip
_PLAIN = re.compile(r"[^a-z0-9]")


def has_remote_id_column_names(titles: Iterable[str]) -> bool:
    """Return whether titles of columns hold an identity and one more name of Remote ID."""
    names = {_PLAIN.sub("", title.lower()) for title in titles}
    return not names.isdisjoint(IDENTITY_COLUMNS) and not names.isdisjoint(_OTHER_COLUMNS)
