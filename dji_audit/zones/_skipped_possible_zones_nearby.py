"""Features that were left out of zone files, near some positions."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from dji_audit.zones._model import LatLonBox, SkippedItem, ZoneFile
from dji_audit.zones._supplied_zones import SuppliedZones

Floats = npt.NDArray[np.float64]

#: Metres.  What could not be read as an area may be the middle of one that reaches this far: the
#: widest flight restriction zones around aerodromes in the United Kingdom have 2.5 nautical miles.
LEFT_OUT_REACH_M = 5000.0
#: Degrees within which positions count as one when they are compared with what was left out.
_CELL_DEG = 0.002


def skipped_possible_zones_near(
    zones: SuppliedZones, latitude_deg: Floats, longitude_deg: Floats
) -> Iterator[tuple[ZoneFile, list[SkippedItem]]]:
    """Yield each file with its features that were left out near some positions.

    Args:
        zones: The supplied files.
        latitude_deg: Latitudes, shape ``(n,)``.
        longitude_deg: Longitudes, shape ``(n,)``.

    A feature whose place is not known is near every position within the extent of its file.
    """
    cells = np.unique(np.round(np.column_stack([latitude_deg, longitude_deg]) / _CELL_DEG), axis=0)
    points = shapely.points(cells[:, ::-1] * _CELL_DEG)
    for file, extent in zip(zones.files, zones.completeness_areas, strict=True):
        near = [item for item in file.skipped_items_that_may_be_zones if item.bounds is None]
        # Of a file for another place it does not matter what it left out there.
        is_for_place = (
            not file.zones or extent.positions_inside_mask(latitude_deg, longitude_deg).any()
        )
        near = near if is_for_place else []
        placed = [
            (item, item.bounds)
            for item in file.skipped_items_that_may_be_zones
            if item.bounds is not None
        ]
        if placed:
            tree = shapely.STRtree(points)
            boxes = np.array([_box_widened_by_distance(bounds) for _, bounds in placed])
            hits = {int(row) for row in tree.query(boxes, predicate="intersects")[0]}
            near += [item for row, (item, _) in enumerate(placed) if row in hits]
        if near:
            yield file, near


def _box_widened_by_distance(bounds: LatLonBox) -> shapely.Geometry:
    """Return a box with the reach of what was left out on all sides, longitude first."""
    middle_deg = (bounds.south_deg + bounds.north_deg) / 2
    north_m, east_m = (float(each) for each in metres_per_latitude_and_longitude_degree(middle_deg))
    high, wide = LEFT_OUT_REACH_M / north_m, LEFT_OUT_REACH_M / max(east_m, 1.0)
    south, north = bounds.south_deg - high, bounds.north_deg + high
    west, east = bounds.west_deg - wide, bounds.east_deg + wide
    if bounds.west_deg <= bounds.east_deg:
        return shapely.box(west, south, east, north)
    return shapely.union(
        shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)
    )
