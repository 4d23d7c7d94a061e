"""The pictures inside a flight record: up to four of what the camera saw, each with a thumbnail.

They lie behind the records, first the pictures, then their thumbnails, each a JPEG, one behind
another.  Details state the size of each and where the aircraft was; no record states when.

Facts: measurement on 11 real records with 19 pictures: pictures of 640 x 360 to
1440 x 1080 pixels, thumbnails of 120 x 120 to 288 x 216 pixels and 1 to 7 kB.  In some the stated
latitude is no angle.
"""

from collections.abc import Iterator

import numpy as np

from ..._model import PhotoPreview
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._strip_metadata_from_thumbnail import (
    MOST_BYTES,
    InvalidThumbnailError,
    thumbnail_without_metadata,
)
from ._indexed_record_file import RecordFile

_MOST_PICTURES = 4
_JPEG = b"\xff\xd8\xff"


def embedded_pictures(file: RecordFile) -> tuple[PhotoPreview, ...]:
    """Return the pictures whose sizes Details state, in their order."""
    if not len(file.details):
        return ()
    begin = next((span.offset for span in file.index.spans if span.kind == "media"), None)
    numbers = range(1, _MOST_PICTURES + 1)
    sizes = {
        name: int(file.details[name][0])
        for kind in ("picture", "thumbnail")
        for name in (f"{kind}_{number}_size" for number in numbers)
        if file.details.records_holding_field_mask(name)[0] and file.details[name][0] > 0
    }
    if begin is None or not sizes:
        return ()
    return tuple(_iterate_embedded_thumbnails(file, begin, sizes))


def _iterate_embedded_thumbnails(
    file: RecordFile, begin: int, sizes: dict[str, int]
) -> Iterator[PhotoPreview]:
    data, at = file.content.data, begin
    for name, size in sizes.items():
        kind, number = name.split("_")[:2]
        if bytes(data[at : at + len(_JPEG)]) != _JPEG:
            at = data.find(_JPEG, at)
        if at < 0:
            return
        if kind == "thumbnail":
            yield _preview_of_embedded_picture(file, int(number), at, size)
        at += size


def _preview_of_embedded_picture(file: RecordFile, number: int, at: int, size: int) -> PhotoPreview:
    latitudes, longitudes = (
        np.asarray(file.details[f"picture_{number}_{axis}_deg"][:1], np.float64)
        for axis in ("latitude", "longitude")
    )
    masked = replace_false_positions_with_nan(latitudes, longitudes)
    latitude, longitude = float(masked.latitude_deg[0]), float(masked.longitude_deg[0])
    position = (latitude, longitude) if np.isfinite([latitude, longitude]).all() else (None, None)
    data = bytes(file.content.data[at : at + min(size, MOST_BYTES)])
    try:
        thumbnail, reason = thumbnail_without_metadata(data, at), ""
    except InvalidThumbnailError as error:
        thumbnail, reason = None, f"its thumbnail at byte {at:,} is not shown: {error}"
    return PhotoPreview(
        thumbnail, reason, number=number, latitude_deg=position[0], longitude_deg=position[1]
    )
