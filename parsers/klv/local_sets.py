"""Bare KLV (``.klv``, ``.bin``): UAS datalink local sets of MISB ST 0601, one after another.

Who writes it: programs that take the metadata out of a video of a helicopter or a large drone; the
same bytes stand in MPEG transport streams and in tracks of MP4.

Facts: MISB ST 0601, ST 0102, ST 0107, ST 0903 and ST 1201 as published; SMPTE ST 336.  Validated
on vectors only: two packets that were published, and streams that other programs made; no
recording of a helicopter could be had.

A local set: key, BER length, items (BER-OID tag, BER length, value, big endian).  The first is the
time stamp, the last the checksum.

* track: position and altitude of the sensor, heading and attitude of the platform; the direction of
  the camera from both and its relative angles, else from the sensor to the frame centre.
  Altitudes are above mean sea level (item 15); those above the ellipsoid stay in the records.
  A height above the ground is that of a radar altimeter.
* captures: a video from the first to the last local set, split where the sensor changes or nothing
  came for ten seconds; visible or thermal by the name of the image source.
* aircraft: platform designation, call sign, tail number; mission and security marking are events.
* corners of the picture on the ground, in full or as offsets from the frame centre, less the
  position of the sensor, with the step of their numbers: what was in view follows from them.
* height over the picture: altitude of the sensor less the elevation of the frame centre.
* records: every numeric item in its unit, texts, nested sets and packs as bytes; among them the
  corners of the picture, as offsets from the frame centre (steps of 0.26 m) or in full.

A value outside its range is not given, and counted.  Pitch has a range of 20 degrees, roll of 50.
Where a checksum does not fit the values stay in the records; the track has them only where no
checksum of the stream fits.  Leap seconds that a stream states are taken off.

Not decoded: the parts of packs and of other nested sets; packets of other keys.
"""

from collections.abc import Sequence

from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Log
from ._build_log import read_log
from ._find_local_sets import LABEL_PREFIX, UAS_KEY
from ._which_facts_logs_record import FACTS


def claims(content: Content) -> bool:
    """Return whether a file begins with a local set, or with another packet before one."""
    head = content.head
    return head.startswith(UAS_KEY) or (head.startswith(LABEL_PREFIX) and UAS_KEY in head)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read every local set.

    Raises:
        CorruptLogError: If none can be read.
    """
    del keys  # nothing is encrypted
    log = read_log(content, FORMAT.name, has_video=content.carrier is not None)
    if not log.record_counts:
        raise CorruptLogError(0, "a whole UAS datalink local set", f"{len(content)} bytes")
    return log


FORMAT = Format(
    "klv",
    "KLV metadata (MISB ST 0601)",
    "MISB ST 0601, ST 0102, ST 0903, ST 1201; SMPTE ST 336",
    claims,
    read,
    facts=FACTS,
)
