"""Hosts and URLs that stand as text in the records, known hosts or not."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._model import HostReference
from ..._record_layout import ByteArray
from ..._shared._find_hosts import find_hosts
from ._aircraft_app_and_positions import read_aircraft
from ._indexed_record_file import RecordFile, record_name
from ._record_layouts import LAYOUTS

#: Records that are numbers only: all that have a layout, but for the serial in Home.
_NUMERIC_RECORDS = frozenset(LAYOUTS)
#: A log names few hosts; more than this is damage or an attack on the reader's patience.
_MOST_REFERENCES = 1000
#: Which bytes are letters or digits.
_IS_ALPHANUMERIC = np.array([chr(byte).isascii() and chr(byte).isalnum() for byte in range(256)])


def host_references(file: RecordFile) -> tuple[HostReference, ...]:
    """Return each host or URL once for each record type, at its first occurrence.

    The name that a pilot typed for the aircraft may look like a host; it is none that the app or
    the aircraft stated.
    """
    references: dict[tuple[str, str], HostReference] = {}
    typed: str | None = None
    for mention in _find_host_references(file):
        if typed is None:
            typed = (read_aircraft(file).name or "").lower()
        if mention.text.lower() in typed:
            continue
        references.setdefault((mention.record, mention.text), mention)
        if len(references) >= _MOST_REFERENCES:
            break
    return tuple(sorted(references.values(), key=lambda mention: mention.source_offset))


def _find_host_references(file: RecordFile) -> Iterator[HostReference]:
    at = file.layout.details_offset
    for _, host, text in find_hosts(file.layout.details):
        yield HostReference(host, text, "Details", at)
    for kind in file.bodies.present_record_types:
        if kind in _NUMERIC_RECORDS:
            continue
        rows = file.readable_frame_indices(kind)
        for group in file.bodies_by_length(kind):
            for row in np.flatnonzero(_may_hold_host_name_mask(group.bodies)).tolist():
                for _, host, text in find_hosts(group.bodies[row].tobytes()):
                    offset = file.index.frame_offset(rows[group.rows[row]])
                    yield HostReference(host, text, record_name(kind), offset)


def _may_hold_host_name_mask(bodies: ByteArray) -> npt.NDArray[np.bool_]:
    """Return which bodies hold ``://``, or a dot between a letter or digit and another."""
    may_hold_host = np.zeros(len(bodies), bool)
    if bodies.shape[1] < 3:
        return may_hold_host
    here = bodies[:, 1:-1]
    # Few bytes are a dot or a stroke: only around those is more looked at.
    rows, at = np.divmod(np.flatnonzero(here == ord(".")), here.shape[1])
    may_hold_host[
        rows[_IS_ALPHANUMERIC[bodies[rows, at]] & _IS_ALPHANUMERIC[bodies[rows, at + 2]]]
    ] = True
    rows, at = np.divmod(np.flatnonzero(here == ord("/")), here.shape[1])
    may_hold_host[rows[(bodies[rows, at] == ord(":")) & (bodies[rows, at + 2] == ord("/"))]] = True
    return may_hold_host
