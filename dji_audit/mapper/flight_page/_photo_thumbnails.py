"""The photos of a flight as thumbnails: the preview inside each file, when and how it was taken.

Nothing of a file but a checked JPEG gets in, as a ``data:`` address of an image, which no browser
runs.  A page holds so many of them and no more, evenly over the flight, and says so.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.flights import Flight, FlightSource
from dji_audit.mapper.flight_page._static_html import utc_and_local_text
from dji_audit.mapper.html._escape import escape_html, small_print_html
from dji_audit.mapper.html._times import TimeZone, unix_ms
from dji_audit.report.sensor_words import SENSOR_WORDS
from parsers import PhotoPreview, Thumbnail

#: Thumbnails in a page, and bytes of all of them together.
MAX_THUMBNAILS, MAX_THUMBNAIL_BYTES = 120, 700_000
#: Reasons why photos have no thumbnail that are listed.
_MAX_REASONS = 5


@dataclass(frozen=True, slots=True)
class CapturedPhoto:
    """A photo of the flight."""

    #: By the flight's clock; ``None``: not known.
    ms: int | None
    sensor: str
    name: str
    picture: PhotoPreview


@dataclass(frozen=True, slots=True)
class PhotosWithAndWithoutThumbnail:
    """The photos that have a thumbnail in the page, and those that have none."""

    shown: list[tuple[CapturedPhoto, Thumbnail]]
    #: Photos with a thumbnail that the page has no room for.
    left_out: int
    without: list[CapturedPhoto]


def photos_of_flight(flight: Flight) -> list[CapturedPhoto]:
    """Return the photos that were audited, and the pictures inside flight records, which come last.

    They are in order of time.
    """
    starts: dict[tuple[str, str], int | None] = {}
    captures = flight.captures[flight.captures["kind"] == "photo"]
    for row in rows_as_mappings(captures):
        if isinstance(row["file"], str):
            starts[row["file"], str(row["sensor"])] = unix_ms(row["start"])
    found = [
        _captured_photo(source, picture, starts)
        for source in flight.sources
        if source.copy_of is None
        for picture in source.log.pictures
    ]
    return sorted(
        found,
        key=lambda photo: (photo.ms is None, photo.ms or 0, photo.sensor != "visible", photo.name),
    )


def _captured_photo(
    source: FlightSource, picture: PhotoPreview, starts: Mapping[tuple[str, str], int | None]
) -> CapturedPhoto:
    name = PurePosixPath(source.log.source.name).name
    if picture.number is not None:
        # Inside a flight record: it says where, and neither when nor by which sensor.
        return CapturedPhoto(None, "unknown", f"{name}, picture {picture.number}", picture)
    sensors = source.log.captures["sensor"]
    sensor = str(sensors.iloc[0]) if len(sensors) else "unknown"
    ms = starts.get((name, sensor), unix_ms(source.start))
    return CapturedPhoto(ms, sensor, name, picture)


def choose_shown_photos(photos: Sequence[CapturedPhoto]) -> PhotosWithAndWithoutThumbnail:
    """Return which photos the page shows: all, or evenly over the flight as many as it may hold."""
    pairs = [(photo, photo.picture.thumbnail) for photo in photos]
    whole = [(photo, thumbnail) for photo, thumbnail in pairs if thumbnail is not None]
    count = min(len(whole), MAX_THUMBNAILS)
    chosen = whole
    while True:
        chosen = [whole[index] for index in _evenly_spaced_indices(len(whole), count)]
        if sum(len(thumbnail.jpeg) for _, thumbnail in chosen) <= MAX_THUMBNAIL_BYTES:
            break
        count = count * 9 // 10
    without = [photo for photo, thumbnail in pairs if thumbnail is None]
    return PhotosWithAndWithoutThumbnail(chosen, len(whole) - len(chosen), without)


def _evenly_spaced_indices(count: int, wanted: int) -> list[int]:
    return np.linspace(0, count - 1, wanted).round().astype(int).tolist() if wanted else []


def photo_section_html(photos: PhotosWithAndWithoutThumbnail, local: TimeZone) -> str:
    """Return the thumbnails and what is missing of them; empty: there is no photo."""
    if not photos.shown and not photos.without:
        return ""
    figures = "".join(_photo_figure_html(photo, thumb, local) for photo, thumb in photos.shown)
    notes = "".join(f'<p class="note">{escape_html(text)}</p>' for text in _photo_notes(photos))
    grid = f'<div id="photos">{figures}</div>' if figures else ""
    return f"<h2>Photos</h2>{grid}{notes}"


def _photo_figure_html(photo: CapturedPhoto, thumbnail: Thumbnail, local: TimeZone) -> str:
    at = "" if photo.ms is None else f' data-at="{photo.ms}"'
    address = "data:image/jpeg;base64," + base64.b64encode(thumbnail.jpeg).decode()
    if photo.picture.latitude_deg is not None and photo.picture.longitude_deg is not None:
        at += f' data-lat="{photo.picture.latitude_deg:.7f}"'
        at += f' data-lon="{photo.picture.longitude_deg:.7f}"'
    when = "time not stated" if photo.ms is None else utc_and_local_text(photo.ms, local)
    about = SENSOR_WORDS.get(photo.sensor, photo.sensor)
    if photo.picture.palette:
        about += f", palette {photo.picture.palette}"
    lines = [
        about,
        *_photo_temperature_range_texts(photo.picture),
        photo.name,
        *_photo_position_texts(photo.picture),
    ]
    return (
        f'<figure class="photo" data-sensor="{escape_html(photo.sensor)}"{at}>'
        f'<img src="{address}" width="{thumbnail.width_px}" height="{thumbnail.height_px}" '
        f'alt="{escape_html(f"Thumbnail of {photo.name}, {about}")}" decoding="async">'
        f"<figcaption>{escape_html(when)}"
        + "".join(f'<span class="sub">{escape_html(line)}</span>' for line in lines)
        + small_print_html(_byte_range_text(thumbnail))
        + "</figcaption></figure>"
    )


def _photo_temperature_range_texts(picture: PhotoPreview) -> Iterator[str]:
    if picture.temperature_range_c is not None:
        low, high = picture.temperature_range_c
        yield f"camera set to measure {low:g} to {high:g} °C"


def _photo_position_texts(picture: PhotoPreview) -> Iterator[str]:
    if picture.number is not None:
        latitude, longitude = picture.latitude_deg, picture.longitude_deg
        known = latitude is not None and longitude is not None
        yield f"at {latitude:.6f}, {longitude:.6f}" if known else "position not stated"


def _byte_range_text(thumbnail: Thumbnail) -> str:
    end = thumbnail.source_offset + thumbnail.source_size - 1
    return f"bytes {thumbnail.source_offset:,} to {end:,} of the file"


def _photo_notes(photos: PhotosWithAndWithoutThumbnail) -> Iterator[str]:
    if photos.shown:
        count = len(photos.shown)
        of = f" of {count + photos.left_out:,}" if photos.left_out else ""
        noun = "thumbnail is" if count == 1 and not photos.left_out else "thumbnails are"
        yield (
            f"{count:,}{of} {noun} here: the preview inside the file, without its metadata. It is "
            "not the photo: open the original for detail."
        )
    inside = sum(photo.picture.number is not None for photo, _ in photos.shown)
    if inside:
        yield (
            f"{inside:,} of them stand in flight records, with what the app showed of the camera: "
            "the record may state where they were taken, and never when."
        )
    if photos.left_out:
        yield (
            f"They are chosen evenly over the flight: a page holds at most {MAX_THUMBNAILS} "
            f"thumbnails and {MAX_THUMBNAIL_BYTES / 1e6:g} MB of them."
        )
    everything = [*(photo for photo, _ in photos.shown), *photos.without]
    thermal = [each for each in everything if each.sensor == "thermal"]
    if thermal and all(each.picture.temperature_range_c is None for each in thermal):
        yield (
            "No thermal photo states in its metadata which temperatures were measured. They are in "
            "its raw frame, which this page does not decode."
        )
    reasons = Counter(each.picture.no_thumbnail_reason for each in photos.without)
    for reason, number in reasons.most_common(_MAX_REASONS):
        names = [each.name for each in photos.without if each.picture.no_thumbnail_reason == reason]
        more = f" and {number - 3} more" if number > 3 else ""
        yield f"No thumbnail of {', '.join(names[:3])}{more}: {reason}."
    if len(reasons) > _MAX_REASONS:
        rest = sum(reasons.values()) - sum(n for _, n in reasons.most_common(_MAX_REASONS))
        yield f"{rest:,} more photos have no thumbnail for other reasons."
