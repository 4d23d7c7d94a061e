"""MAVLink telemetry logs: what a ground station heard and sent.

Written by Mission Planner, MAVProxy (``.tlog``), QGroundControl (``.tlog``,
``.mavlink``), mavlink-router and others; also raw streams without times
(``.tlog.raw``, a dump of a serial port), which may begin with the text that a
board prints when it starts.

Facts: the MAVLink guide (mavlink.io, "Serialization", "Packet Signing"), the
public definitions at mavlink/mavlink, ArduPilot's and PX4's sources, and 24
logs of ArduPilot 3.3 to 4.8 and PX4, of 2015 to 2026.

**Bytes.** A record of a telemetry log is the ground station's time (microseconds
since 1970, 8 bytes, big-endian, covered by no checksum) and one frame:

- MAVLink 1: ``FE, length, sequence, system, component, number, payload, checksum``;
- MAVLink 2: ``FD, length, incompatible flags, compatible flags, sequence, system,
  component, number (3 bytes), payload, checksum``, and 13 bytes of signature if
  flag 1 is set.  Zeros at the end of a payload are not sent.

The checksum is CRC-16/MCRF4XX over all but the first byte and the signature,
then over a seed of one byte that stands for the layout.  Every place that looks
like a frame is checked; an intact frame is never lost to a look-alike before
it, and one that lost the time before it takes that of the frame before.  Frames
without an intact checksum are kept only where they fill the room between
intact ones.  If at least three frames of one number agree on another seed, they
are whole and of another definition (``UNKNOWN_<number>``).

**Layouts** come from pymavlink's dialect ``all``; eleven messages that it lacks
are added (`_dialect`).  Not decoded: the content of TUNNEL, V2_EXTENSION and
encapsulated data; PX4's EVENT beyond those about fences (their words are in a
file on the vehicle); signatures are counted, not checked, for want of a key.

**Time** is the vehicle's: milliseconds since its start, which SYSTEM_TIME ties
to UTC; where it never says, that of the ground station, and in a raw stream
none.  ``Clock.offset_s`` is what to add to the ground station's time.

**Several vehicles**: the track is that of the one with most positions; messages
of all are records with their sender, and an issue names those left out.

**Secrets** (Wi-Fi password, PIN and PUK of a SIM, signing key, user names and
passwords in addresses) are masked everywhere and counted in an issue.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..._bytes import Content
from ..._counters import Rising, counters
from ..._errors import CorruptLogError
from ..._formats import Format
from ..._keys import Keychains
from ..._layout import Bytes
from ..._model import Log, Source
from ..._tables import captures, contacts, events
from .._shared._ardupilot import GROUNDED
from .._shared._framing import candidates
from .._shared._infer_takeoff import inferred
from ._captures import capture_rows
from ._clock import Timing, Vehicle, choose, find_times
from ._command_events import order_events
from ._commands import Commands
from ._contacts import contact_rows
from ._event import Event
from ._fence import fence_events
from ._fence_geometry import fences, shape_events
from ._field_of_view import lenses
from ._flight import flight_events, home_places
from ._frames import AROUND_1, BLOCK, GOOD, STAMP, TIMED, VERSION_2, frames_at, looks
from ._identity import identify, identity_events
from ._index import Index, index
from ._issues import find_issues
from ._links import link_events, secrets
from ._modes import vehicle_name
from ._params import Param, fence_settings, parameters
from ._records import Stream
from ._remote_id import remote_places
from ._text import Text, said_by, text_events, texts
from ._track import track
from ._transfer import transfer_events

#: First bytes of captures of a network, whose packets hold frames too.
CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a")


def claims(content: Content) -> bool:
    """Return whether intact frames follow one another near the start."""
    return _stamp(content) is not None


def _stamp(content: Content) -> int | None:
    """Return the bytes of time before each frame, or ``None`` if this is no such stream."""
    head = content.head
    if head.startswith(CAPTURES):
        return None
    array = np.frombuffer(head, np.uint8)
    whole = len(head) == len(content)
    return next((stamp for stamp in (STAMP, 0) if _streams(array, stamp, whole)), None)


def _streams(array: Bytes, stamp: int, whole: bool) -> bool:
    places = candidates(array, stamp + 1, looks(stamp))
    look = frames_at(array, places[places + stamp + AROUND_1 <= len(array)], stamp)
    if not (np.isin(look.ends, look.starts).any() or (whole and len(look))):
        return False  # without the cost of the definitions
    found = index(array, stamp).frames
    found.keep((found.status == GOOD) & (found.has(TIMED) == bool(stamp)))
    if not len(found):
        return False
    linked = found.starts[1:] == found.ends[:-1]
    # Three in a row are two links in a row; a short file has few, but little else.
    return bool((linked[:-1] & linked[1:]).any()) or (
        whole and 2 * int(found.sizes.sum()) >= len(array)
    )


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a stream of MAVLink frames, with or without times."""
    del keys  # nothing here is encrypted
    stamp = _stamp(content)
    if stamp is None:
        raise CorruptLogError(0, "MAVLink frames that follow one another", "none")
    with ThreadPoolExecutor(1) as beside:
        # Hashing lets other threads run, and takes no part in decoding.
        beside.submit(lambda: content.sha256)
        return _read(content, stamp)


#: What rises through a log of one power-on.
_RISING = (
    Rising("GLOBAL_POSITION_INT", "time_boot_ms", "count", 1e-3),
    Rising("SYSTEM_TIME", "time_boot_ms", "count", 1e-3),
    Rising("SYSTEM_TIME", "time_unix_usec", "clock", 1e-6),
)


def _read(content: Content, stamp: int) -> Log:
    stream = Stream(index(content.array, stamp))
    vehicle = choose(stream)
    timing = find_times(stream, vehicle)
    said = texts(stream["STATUSTEXT"])
    commands = Commands(stream, vehicle)
    own = said_by(stream["STATUSTEXT"], said, vehicle.system)
    params, told = parameters(stream, vehicle)
    spans = stream.index.spans()
    drawn = track(stream, vehicle)
    told += _events(stream, vehicle, timing, said, commands, params)
    recorded, refuted = capture_rows(stream, vehicle, commands)
    told += refuted
    if vehicle_name(vehicle) not in GROUNDED:
        told += inferred(drawn.frame, told)
    records = stream.records()
    return Log(
        source=Source(
            content.name, len(content), content.sha256, FORMAT.name, _version(stream.index)
        ),
        aircraft=identify(stream, vehicle, own),
        clock=timing.clock,
        track=drawn.frame,
        events=events(told),
        captures=captures(recorded),
        contacts=contacts(contact_rows(stream, said, params)),
        places=(*home_places(stream, vehicle), *remote_places(stream)),
        lenses=lenses(stream),
        fences=fences(stream, vehicle, fence_settings(stream, vehicle)),
        issues=(*find_issues(stream, vehicle, spans, secrets(stream)), *drawn.issues),
        track_record=drawn.record,
        counters=counters(records, _RISING),
        coverage=spans,
        _records=records,
    )


def _events(
    stream: Stream,
    vehicle: Vehicle,
    timing: Timing,
    said: Sequence[Text],
    commands: Commands,
    params: Mapping[str, Param],
) -> list[Event]:
    own = said_by(stream["STATUSTEXT"], said, vehicle.system)
    types = params.get("FENCE_TYPE")
    mask = int(types.value) if types is not None and 0 <= types.value < 16 else 0
    fences, breached = fence_events(stream, vehicle, timing, own, commands, mask)
    return [
        *flight_events(stream, vehicle, timing),
        *fences,
        *shape_events(stream),
        *text_events(stream["STATUSTEXT"], said, () if breached else own),
        *order_events(Commands(stream)),
        *transfer_events(stream),
        *link_events(stream, vehicle),
        *identity_events(stream, vehicle),
    ]


def _version(found: Index) -> str:
    frames, kinds = found.frames, set[int]()
    for first in range(0, len(found), BLOCK):
        block = slice(first, first + BLOCK)
        kinds.update(np.unique(frames.kind[block][frames.status[block] == GOOD]).tolist())
    names = sorted({"2" if kind & VERSION_2 else "1" for kind in kinds})
    times = "with times" if found.timed else "raw"
    return f"MAVLink {' and '.join(names)}, {times}"


FORMAT = Format(
    name="mavlink-tlog",
    title="MAVLink telemetry log or raw stream",
    reference="mavlink.io guide; github.com/mavlink/mavlink definitions",
    claims=claims,
    read=read,
)
