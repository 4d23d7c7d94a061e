"""The raw records of a photo: its tags, its properties, its segments, and its laser target."""

from typing import Any

from ..._model import FieldOfView, RangefinderPoint, RecordsOfType
from .._field_of_view import horizontal_and_vertical_fov_deg
from .._records_from_dicts import RecordsFromDicts
from ._identify_sensor import PhotoSensor
from ._photo_file import Photo, photo_position_by_column_name
from ._time_of_photo import PhotoUtcAndWallClock

#: XMP property -> column of the record ``Laser``.
_LASER_PROPERTIES = {
    "LRFTargetDistance": "distance_m",
    "LRFTargetLat": "latitude_deg",
    "LRFTargetLon": "longitude_deg",
    "LRFTargetAlt": "height_ato_m",
    "LRFTargetAbsAlt": "altitude_absolute_m",
}
#: EXIF tag -> column of the record ``Photo``.
_OPTICS_TAGS = {
    "FocalLength": "focal_length_mm",
    "FocalLengthIn35mmFilm": "focal_length_35mm_mm",
    "DigitalZoomRatio": "digital_zoom",
    "PixelXDimension": "width_px",
    "PixelYDimension": "height_px",
}
#: A smaller picture does not show the shape of the sensor.
_SMALLEST_SIDE_PX = 100


def photo_records(
    photo: Photo, time: PhotoUtcAndWallClock, sensor: PhotoSensor
) -> dict[str, RecordsOfType]:
    """Return ``Photo``, ``EXIF``, ``XMP``, ``Laser``, ``Text``, ``Segment``, those that are."""
    out: dict[str, RecordsOfType] = {
        "Photo": RecordsFromDicts((_photo_fields(photo, time, sensor),))
    }
    structures = [(photo.exif_offset, photo.exif), *photo.embedded.structures]
    rows = [
        {"offset": at}
        | {name: _tag_value_or_byte_count(value) for name, value in exif.tags.items()}
        for at, exif in structures
        if exif.tags
    ]
    if rows:
        out["EXIF"] = RecordsFromDicts(rows)
    packets = [photo.xmp, *photo.embedded.packets]
    stated = [({"offset": it.offset}, {**it.others, **it.dji}) for it in packets]
    if any(properties for _, properties in stated):
        out["XMP"] = RecordsFromDicts([at | properties for at, properties in stated if properties])
    if photo.embedded.texts:
        out["Text"] = RecordsFromDicts(
            [
                {"offset": it.offset, "marker": f"0x{it.marker:02x}", "text": it.text, **it.values}
                for it in photo.embedded.texts
            ]
        )
    if photo.xmp.first_dji_property_text("LRFStatus") is not None:
        out["Laser"] = RecordsFromDicts((_laser_fields(photo),))
    if photo.segments:
        out["Segment"] = RecordsFromDicts(
            tuple(
                {
                    "offset": segment.offset,
                    "size": segment.size,
                    "marker": f"0x{segment.marker:02x}",
                    "begins": segment.head[:16].hex(),
                }
                for segment in photo.segments
            )
        )
    return out


def field_of_view_records_from_focal_length(
    photo: Photo, time: PhotoUtcAndWallClock, sensor: PhotoSensor
) -> tuple[FieldOfView, ...]:
    """Return the field of view, if the photo states its focal length."""
    lens = _lens_and_image_size_fields(photo)
    wide, high = lens["width_px"] or 0.0, lens["height_px"] or 0.0
    shape = (5.0, 4.0) if sensor.name == "thermal" else (4.0, 3.0)
    if min(wide, high) >= _SMALLEST_SIDE_PX:
        shape = wide, high
    angles = horizontal_and_vertical_fov_deg(
        lens["focal_length_35mm_mm"], lens["digital_zoom"], shape
    )
    if angles is None:
        return ()
    label = "EXIF.FocalLengthIn35mmFilm"
    return (FieldOfView(time.utc, sensor.name, *angles, label, photo.main_metadata_offset),)


def rangefinder_points(photo: Photo, time: PhotoUtcAndWallClock) -> tuple[RangefinderPoint, ...]:
    """Return the target of the laser, if it measured one."""
    if photo.xmp.first_dji_property_text("LRFStatus") is None:
        return ()
    laser = _laser_fields(photo)
    distance, latitude, longitude = (
        laser["distance_m"],
        laser["latitude_deg"],
        laser["longitude_deg"],
    )
    height = laser["height_ato_m"]
    if distance is None or latitude is None or longitude is None or height is None:
        return ()
    label = "XMP.LRFTargetDistance"
    return (
        RangefinderPoint(
            time.utc, distance, latitude, longitude, height, label, photo.main_metadata_offset
        ),
    )


def _lens_and_image_size_fields(photo: Photo) -> dict[str, float | None]:
    lens = {column: photo.exif.numeric_value(tag) for tag, column in _OPTICS_TAGS.items()}
    if photo.pixels is not None:
        lens |= {"width_px": float(photo.pixels[0]), "height_px": float(photo.pixels[1])}
    return lens


def _photo_fields(photo: Photo, time: PhotoUtcAndWallClock, sensor: PhotoSensor) -> dict[str, Any]:
    return {
        "offset": photo.main_metadata_offset,
        "utc": time.utc,
        "wall_clock": time.wall_clock,
        "zone_s": time.zone_s,
        "altitude_absolute_m": photo.xmp.numeric_value("AbsoluteAltitude"),
        "altitude_type": photo.xmp.first_dji_property_text("AltitudeType"),
        "rtk_flag": photo.xmp.numeric_value("RtkFlag"),
        "sensor": sensor.name,
        "sensor_signs": "; ".join(f"{sign.sensor}: {sign.reason}" for sign in sensor.evidence),
        **photo_position_by_column_name(photo),
        **_lens_and_image_size_fields(photo),
    }


def _laser_fields(photo: Photo) -> dict[str, Any]:
    status = photo.xmp.first_dji_property_text("LRFStatus")
    normal = status is not None and status.lower() == "normal"
    values = {
        column: photo.xmp.numeric_value(name) if normal else None
        for name, column in _LASER_PROPERTIES.items()
    }
    return {"offset": photo.xmp.offset, "status": status, **values}


def _tag_value_or_byte_count(
    value: str | bytes | tuple[float, ...],
) -> str | float | int | tuple[float, ...]:
    if isinstance(value, bytes):
        return len(value)
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value
