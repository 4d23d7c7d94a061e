"""Where a unit says that its zone files are complete: a small table beside the stored files."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from dji_audit.zones._completeness_area import build_valid_lat_lon_box
from dji_audit.zones._model import LatLonBox, ZoneError

#: A hidden name, which no reader of zone files takes for one.
UNIT_EXTENTS_FILE = ".zone-extents.json"
#: SHA-256 of a zone file -> south, west, north, east.
_EXTENTS = TypeAdapter(
    dict[str, tuple[float, float, float, float]], config=ConfigDict(allow_inf_nan=False)
)


def read_completeness_boxes_by_zone_file_hash(folder: Path) -> Mapping[str, LatLonBox]:
    """Return SHA-256 of a zone file -> where the unit says that it is complete.

    Raises:
        ZoneError: If the table is damaged.
        OSError: If it cannot be read.
    """
    path = folder / UNIT_EXTENTS_FILE
    if not path.is_file():
        return {}
    try:
        table = _EXTENTS.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ZoneError(f"{path}: expected SHA-256 and south, west, north, east") from error
    return {
        sha256: build_valid_lat_lon_box(*values, f"{path}: {sha256}")
        for sha256, values in table.items()
    }


def completeness_box_file_content(extents: Mapping[str, LatLonBox]) -> bytes:
    """Return the table as a file."""
    rows = {
        sha256: (box.south_deg, box.west_deg, box.north_deg, box.east_deg)
        for sha256, box in sorted(extents.items())
    }
    return (json.dumps(rows, indent=1) + "\n").encode()
