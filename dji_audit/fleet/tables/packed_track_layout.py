"""How the bytes of a packed track are laid out: its records, all least byte first and unpadded.

A track: ``TRACK_HEAD``; the bytes of its columns in the order of ``TRACK_COLUMNS``; as 4 bytes each
the numbers of the fixes after which the log is silent; the camera, if it is known where it looked.

A camera: ``CAMERA_HEAD``; the bytes of its columns in the order of ``CAMERA_COLUMNS``; a
``CAPTURE_RECORD`` for each video; the ``ZOOM_STEP_RECORD`` of all of these one after another; a
``PHOTOS_RECORD`` for the photos of each sensor and field of view; the bytes of the columns of each
of these in the order of ``PHOTO_COLUMNS``; words in UTF-8, apart by a zero byte: sensor, source of
the field of view, and those that captures and photos name by their numbers.

Columns are those of ``packed_columns``.  The column of times of a track, of a camera and of photos
is never in runs, so that no bytes stand for more values than there are bytes.
"""

import numpy as np

from dji_audit.fleet.tables.packed_columns import COLUMN_HEAD

MAGIC, VERSION = b"DJAT", 1
TRACK_COLUMNS = ("ms", "lat", "lon", "height")
CAMERA_COLUMNS = ("ms", "height", "yaw", "pitch", "roll", "half_across", "half_up")
PHOTO_COLUMNS = ("ms", "ground")
#: No packed track is larger, in bytes.
LARGEST_PACKED_TRACK = 64 << 20

BREAK_NUMBER = np.dtype("<u4")
TRACK_HEAD = np.dtype(
    [
        ("magic", "S4"),
        # Of all bytes that follow it.
        ("crc32", "<u4"),
        ("version", "u1"),
        ("is_timed", "u1"),
        ("fixes", "<u4"),
        ("breaks", "<u4"),
        ("camera_bytes", "<u4"),
        ("columns", COLUMN_HEAD, (len(TRACK_COLUMNS),)),
    ]
)
#: Where the bytes begin over which the checksum is.
CHECKED_FROM = 8
CAMERA_HEAD = np.dtype(
    [
        ("directions", "<u4"),
        # A line of sight flatter than this gives a direction alone.
        ("shallow_deg", "<f8"),
        # The widest half fields of view of the captures; NaN: none states any.
        ("widest_half", "<f8", (2,)),
        # Whether the ground is measured for one of the captures.
        ("has_own_ground", "u1"),
        ("from_corners", "u1"),
        ("captures", "<u4"),
        ("zoom_steps", "<u4"),
        ("photos", "<u4"),
        ("word_bytes", "<u4"),
        ("columns", COLUMN_HEAD, (len(CAMERA_COLUMNS),)),
    ]
)
#: Numbers of words; NaN: not known.
CAPTURE_RECORD = np.dtype(
    [
        ("start_ms", "<i8"),
        ("end_ms", "<i8"),
        ("half", "<f8", (2,)),
        ("ground_m", "<f8"),
        ("kind", "<u2"),
        ("sensor", "<u2"),
        ("zoom_steps", "<u4"),
    ]
)
ZOOM_STEP_RECORD = np.dtype([("ms", "<i8"), ("half", "<f8", (2,))])
#: Photos of one sensor and field of view.
PHOTOS_RECORD = np.dtype(
    [
        ("count", "<u4"),
        ("sensor", "<u2"),
        ("half", "<f8", (2,)),
        ("columns", COLUMN_HEAD, (len(PHOTO_COLUMNS),)),
    ]
)
