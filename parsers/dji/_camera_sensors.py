"""Which sensor a camera has, where it has one only: by product, by camera, by the file's name.

A camera of several sensors (H20T, Mavic 3T, XT 2, M30T, M2E Dual) is in no table here:
something else must show which of them recorded.

Facts: the maker's specifications of each model; Camera records of real files; DJI's manuals of
Mavic 3E/3T and Matrice 4 for the ends of file names.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

VISIBLE, THERMAL, UNKNOWN = "visible", "thermal", "unknown"

#: Number of a product whose camera cannot be changed and sees visible light only.
_VISIBLE_PRODUCTS = frozenset(
    {2, 3, 4, 7, 12, 13, 24, 26, 28, 29, 38, 42, 44, 46, 59, 67, 73, 75, 76, 77, 96, 103, 111}
    | {113, 120, 121, 126, 152}
)
#: Number of a camera -> the one sensor that it has.
_CAMERA_SENSORS: Mapping[int, str] = MappingProxyType(
    dict.fromkeys((0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 13, 14, 15, 18, 19, 20, 23, 25, 28, 29), VISIBLE)
    | {7: THERMAL, 8: THERMAL}
)
#: Names as tables and videos write them, without spaces and in lower case, of products and cameras
#: with one sensor for visible light.
_VISIBLE_NAMES = re.compile(
    r"(dji)?(spark|mavicpro(platinum)?|mavicair(2s?)?|air2s|air3s?|mavicmini(2|se)?|mini[2-5](se|pro)?"
    r"|minise|mavic2(pro|zoom)?|mavic3(pro|classic|cine)?|flip|neo2?|avata2?|fpv"
    r"|(p|phantom)3(standard|advanced|professional|4k|se)|(p|phantom)4(pro(v2(\.0)?)?|advanced|rtk)?"
    r"|fc(260|300[scx]|300xw|300se|330x?|350|550|6310[sr]?|6510|6520|220s?|230|240|1102|2103|2200"
    r"|2204|2220|3170|3411|3582|3682|7203|7303|8282|8284|8482)|l[12]d-20c|osmo(action|pocket)?\w*"
    r"|ac00\d|pp-101|ot-210)"
)
_THERMAL_NAMES = re.compile(r"zenmusext(\(.*\))?|zenmusexts|xts?")
#: End of the name that the camera gave.  ``_D`` is the only picture of a camera with one lens.
_NAME_ENDING = re.compile(r"_([TWZVD])$|^DJI_\d{14}_\d{4}_([TWZVD])_|_DJI_\d{14}_\d{4}_([TWZVD])_")


def visible_or_thermal_sensor_of_camera(product: int | None, camera: int | None) -> str:
    """Return the sensor of a product and the camera that it carries, each a number or ``None``.

    Where the two contradict one another, it is not known.
    """
    told = {
        VISIBLE if product in _VISIBLE_PRODUCTS else UNKNOWN,
        UNKNOWN if camera is None else _CAMERA_SENSORS.get(camera, UNKNOWN),
    } - {UNKNOWN}
    return told.pop() if len(told) == 1 else UNKNOWN


def first_sensor_of_camera_or_aircraft_names(*names: str | None) -> str:
    """Return the sensor of a camera, or else of its aircraft, by names: the first that tells."""
    for name in names:
        plain = re.sub(r"\s", "", name or "").lower()
        if _VISIBLE_NAMES.fullmatch(plain):
            return VISIBLE
        if _THERMAL_NAMES.fullmatch(plain):
            return THERMAL
    return UNKNOWN


def sensor_of_file_name(name: str) -> str:
    """Return the sensor by the end of a media file's name, such as ``DJI_…_0001_T.MP4``."""
    end = _NAME_ENDING.search(name.rpartition(".")[0])
    if end is None:
        return UNKNOWN
    return THERMAL if "T" in end.groups() else VISIBLE
