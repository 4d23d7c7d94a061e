"""Photo of a DJI camera: JPEG, R-JPEG, DNG or TIFF with EXIF and XMP, or an XMP side-car.

Who writes it: the cameras of DJI aircraft, one file a picture, in ``DCIM/`` of the
card.  Only the metadata is read, from the first segments of the file;
the picture itself is never decoded.

Facts: the data lists in DJI's manuals of Mavic 3E/3T (pages 83, 89 and 90), Zenmuse P1 (22)
and Matrice 4 (90); ExifTool 12.57 (``DJI.pm``) for the segments of thermal pictures; CIPA
DC-008 for EXIF; ISO 10918-1 for JPEG; and measurement on 15 real pictures of 8 cameras.

* **Position** is that of XMP, which has more digits, else of EXIF; an EXIF rational of
  0/0 and a position at 0 N 0 E are no position.  ``GpsLongtitude`` [sic] is read too.
* **Altitude**: ``RelativeAltitude`` is above take-off.  ``AbsoluteAltitude`` is above sea
  level only where ``AltitudeType`` is ``GpsFusionAlt`` and nothing speaks of RTK: with RTK it
  is above the ellipsoid or in the datum of the base station, with ``PressureAlt`` or (of older
  cameras) without a type in a standard atmosphere: an XT S on a plain near the coast says
  -29.44 m at 37.7 m above take-off.  The column is missing then; the number stays in the records.
* **Gimbal** angles are to true north (not to the nose).  A camera that hangs upside down
  gives a roll beyond 90 degrees: yaw and roll are turned by 180 then.
* **Time** is UTC where the file says UTC: ``UTCAtExposure``, else the GPS time of EXIF,
  else a wall clock with its zone (``xmp:CreateDate``, ``OffsetTimeOriginal``).  A wall clock
  without a zone is not UTC: the time is missing then, and the clock's reading stands as
  ``wall_clock`` in the record ``Photo``.  ``Log.clock`` states how far the camera's own
  clock lay from UTC, apart from whole quarters of an hour, which are its zone.
* **Sensor**: the strongest evidence counts, in this order: ``ImageSource`` and band of XMP; the raw
  frame of an R-JPEG, its container, or FLIR's segment; the palette in ``ImageDescription``;
  exposure in EXIF; the end of the file's name.  Disagreement is an issue of size 0.
* **Laser**: target and distance stand in the record ``Laser``, where the status is Normal.
* **Field of view** follows from the 35 mm equivalent of EXIF, its digital zoom, and the shape
  of the picture.
* **Thumbnail**: the small JPEG that EXIF points to, checked and without its metadata; a
  thermal one in the palette that ``ImageDescription`` names.  Of Zenmuse XT and XT2 the range of
  temperature that the camera was set to measure stands in FLIR's data; DJI's own thermal cameras
  state none.
* **NTRIPHost** is the caster of network RTK.  With a float or fixed RTK solution the file
  reports that its corrections were in use (``reported``); without one it is a setting
  (``commanded``).

* **Elsewhere in the file**: all directories of EXIF are followed, the maker's notes too, which give
  angles and speeds where XMP has none; extended XMP, text in segments, and metadata of previews and
  further pictures stand in the records ``EXIF``, ``XMP`` and ``Text``, and are used where the photo
  has none of its own.  What contradicts the first, and what is of an unknown form, is an issue.

Not decoded: pictures, calibration and raw frames of the thermal camera (kept as bytes), TIFFs
whose first directory does not lie in the first 4 096 bytes.
"""

from collections.abc import Sequence

from ..._clocks._move_local_times_out_of_tables import (
    local_times_from_utc,
    move_local_times_out_of_tables,
)
from ..._dji_keychains import Keychains
from ..._file_content import Content
from ..._formats import Format
from ..._model import Issue, Log, PhotoPreview, Source
from ..._tables import event_table_from_rows
from ._find_thumbnail import find_thumbnail
from ._flir_temperature_range import flir_temperature_range_c
from ._identify_sensor import identify_sensor, thermal_palette
from ._photo_file import Photo, claims, open_photo
from ._photo_records import (
    field_of_view_records_from_focal_length,
    photo_records,
    rangefinder_points,
)
from ._photo_tables import (
    gimbal_issues,
    photo_capture_table,
    photo_track_table,
    read_aircraft,
    rtk_caster_contact_table,
)
from ._time_of_photo import time_of_photo
from ._which_facts_logs_record import FACTS


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the metadata of a photo; damage is an issue of the log.

    Raises:
        CorruptLogError: If neither EXIF nor XMP of a DJI camera can be read.
    """
    photo = open_photo(content)
    time = time_of_photo(photo)
    sensor = identify_sensor(photo)
    rows, taken, own = (
        photo_track_table(photo, time),
        photo_capture_table(photo, time, sensor),
        None,
    )
    if time.utc is None and time.wall_clock is not None:
        apart = move_local_times_out_of_tables("wall", rows, event_table_from_rows([]), taken)
        rows, taken, own = apart.track, apart.captures, apart.times
    elif time.utc is not None and time.wall_clock is not None and not time.contradiction:
        ahead = (time.wall_clock - time.utc.tz_localize(None)).to_timedelta64()
        own = local_times_from_utc(rows, event_table_from_rows([]), taken, ahead)
    doubts = (
        (Issue(photo.main_metadata_offset, 0, time.contradiction),) if time.contradiction else ()
    )
    return Log(
        Source.from_content(content, FORMAT.name, photo.container),
        read_aircraft(photo),
        time.clock,
        rows,
        captures=taken,
        contacts=rtk_caster_contact_table(photo, time),
        fields_of_view=field_of_view_records_from_focal_length(photo, time, sensor),
        rangefinder_points=rangefinder_points(photo, time),
        pictures=(_build_preview_with_palette_and_temperatures(content, photo),),
        issues=tuple(
            sorted(
                (*photo.issues, *sensor.issues, *gimbal_issues(photo), *doubts),
                key=lambda issue: issue.offset,
            )
        ),
        local_times=own,
        coverage=photo.coverage,
        _records=photo_records(photo, time, sensor),
    )


def _build_preview_with_palette_and_temperatures(content: Content, photo: Photo) -> PhotoPreview:
    found = find_thumbnail(content.data, photo.exif, photo.exif_offset)
    temperatures = flir_temperature_range_c(content.data, photo)
    return PhotoPreview(found.thumbnail, found.reason, thermal_palette(photo), temperatures)


FORMAT = Format(
    "dji-photo",
    "DJI photo",
    "DJI Mavic 3E/3T, Zenmuse P1 and Matrice 4 manuals; ExifTool 12.57; CIPA DC-008; measurement",
    claims,
    read,
    facts=FACTS,
    media=True,
)
