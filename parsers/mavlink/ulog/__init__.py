"""PX4 ULog: what the autopilot's logger writes, ``.ulg`` and ``.ulog``.

Specification: https://docs.px4.io/main/en/dev_log/ulog_file_format ; other
writers use the format too (a drone-show controller's logs were met).

| byte | header |
|---|---|
| 0 | ``55 4c 6f 67 01 12 35`` |
| 7 | version: 0 or 1 |
| 8 | u64 microseconds, the log's own clock |

Then records, ``u2 size, u1 type, size bytes``: `F` formats, `I` `M` information,
`P` `Q` parameters and their defaults, `A` `R` subscriptions, `D` data, `L` `C`
text, `S` synchronisation, `O` dropouts, `B` flag bits.  The first record may be
`B`, which tells where data was appended after the log was closed (`_ulog_index`);
no incompatible flag but that one is known, and a log with another is refused.

Times are microseconds since boot; UTC comes from the satellite receiver
(`_ulog_clock`).  Positions are 1e-7 degrees and millimetres up to v1.13 and
degrees and metres from v1.14 on (`_ulog_track`).  A fence breach stands in
``vehicle_status`` (v1.12, v1.13), ``failsafe_flags`` (from v1.14 on) or
``geofence_result`` where a logger was told to keep it (`_ulog_fence`); PX4 never
logs the polygons of a fence, only the ``GF_*`` parameters.  Messages of the
``event`` topic are decoded with the definitions inside the log and with nothing
else (`_ulog_metadata`).

``Log.records`` knows every topic by its name, all instances of it in one table
with the instance as ``multi_id``, and what is no data as ``INFO``,
``INFO_MULTIPLE``, ``PARAMETER``, ``PARAMETER_DEFAULT``, ``TEXT``, ``DROPOUT``,
``FORMAT``, ``SUBSCRIPTION``, ``SYNC``, ``FLAG_BITS`` and ``UNKNOWN``.

Encrypted logs (``ULogEnc``, ``.ulge``; header of 22 bytes, the wrapped key, then
the log under XChaCha20) are recognised; the private key that unwraps theirs is
the firmware maker's, so nothing in them is read.

Versions seen: PX4 of 2016 to v1.16.  Not decoded: the payload of tunnels and of
RTCM corrections, crash dumps, anything in encrypted logs.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..._bytes import Content
from ..._counters import Rising, counters
from ..._coverage import Span
from ..._errors import CorruptLogError, UnsupportedVersionError
from ..._formats import Format
from ..._keys import Keychains
from ..._model import Issue, Log, Records, Source
from ..._tables import captures, contacts, events
from .._shared._framing import cover
from .._shared._infer_takeoff import inferred
from . import (
    _captures as _ulog_captures,
)
from . import (
    _fence as _ulog_fence,
)
from . import (
    _identity as _ulog_identity,
)
from . import (
    _index as _ulog_index,
)
from . import (
    _links as _ulog_links,
)
from . import (
    _messages as _ulog_messages,
)
from . import (
    _remote_id as _ulog_remote_id,
)
from . import (
    _state as _ulog_state,
)
from . import (
    _text_events as _ulog_speech,
)
from . import (
    _track as _ulog_track,
)
from ._recording import Recording
from ._topics import Topic

NAME = "ulog"
MAGIC = bytes.fromhex("554c6f67011235")
ENCRYPTED = b"ULogEnc"
HEADER = 16
NEWEST = 1

#: Dropouts that are told one by one.
MOST_DROPOUTS = 50


def claims(content: Content) -> bool:
    """Return whether a file begins as a ULog does, encrypted or not."""
    return content.head.startswith((MAGIC, ENCRYPTED))


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a ULog.

    Raises:
        CorruptLogError: If the file is shorter than the header.
        UnsupportedVersionError: If the version is not known, or the log says that
            its flags make it unreadable for who does not know them.
    """
    if content.head.startswith(ENCRYPTED):
        return _encrypted(content)
    version = content.unpack("<B", len(MAGIC), "the version")[0]
    content.take(0, HEADER, "the header")
    if version > NEWEST:
        raise UnsupportedVersionError(f"ULog version {version}; known are 0 to {NEWEST}")
    _refuse_unknown_flags(content)
    with ThreadPoolExecutor(1) as beside:
        # Hashing lets go of the interpreter, so it costs little beside the search.
        digest = beside.submit(lambda: content.sha256)
        recording = Recording(content, _ulog_index.build(content))
        source = Source(content.name, len(content), digest.result(), NAME, str(version))
    if not len(recording.index.starts):
        raise CorruptLogError(HEADER, "a record", "none in the file")
    return _log(recording, source)


#: What rises through a log.
_RISING = (
    Rising("vehicle_local_position", "timestamp", "count", 1e-6),
    Rising("vehicle_gps_position", "timestamp", "count", 1e-6),
    Rising("vehicle_gps_position", "time_utc_usec", "clock", 1e-6, valid=("fix_type", 3)),
)


def _log(recording: Recording, source: Source) -> Log:
    drawn = _ulog_track.draw(recording)
    shots, asked = _ulog_captures.draw(recording)
    peers, links = _ulog_links.draw(recording)
    broadcast, pilots = _ulog_remote_id.draw(recording)
    homes = list(_ulog_state.homes(recording))
    mentions = tuple(_ulog_links.mentions(recording))
    told = [
        *_ulog_identity.draw(recording),
        *_ulog_state.draw(recording),
        *_ulog_fence.draw(recording),
        *(row for row, _ in homes),
        *asked,
        *links,
        *broadcast,
        *_ulog_speech.draw(recording),
    ]
    told += inferred(drawn.frame, told)
    issues = (
        *recording.index.issues,
        *recording.issues,
        *_dropouts(recording),
        *drawn.issues,
    )
    records = _records(recording)
    return Log(
        source=source,
        aircraft=_ulog_identity.aircraft(recording),
        clock=recording.timebase.clock,
        track=drawn.frame,
        track_record=drawn.record,
        events=events(told),
        captures=captures(shots),
        contacts=contacts(peers),
        mentions=mentions,
        places=(*(place for _, place in homes), *pilots),
        fences=_ulog_fence.fences(recording),
        issues=tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size))),
        counters=counters(records, _RISING),
        coverage=_coverage(recording),
        _records=records,
    )


def _records(recording: Recording) -> dict[str, Records]:
    found: dict[str, Records] = dict(
        _ulog_messages.listings(recording.content, recording.index).items()
    )
    for name, streams in recording.topics.items():
        if name in found:
            found[f"{name} (of the log)"] = found[name]
        found[name] = Topic(recording.content.array, streams)
    return found


def _coverage(recording: Recording) -> tuple[Span, ...]:
    index = recording.index
    spans = cover(index.starts, index.ends, len(recording.content), ~index.unknown)
    first = spans[0]
    # The header stands where `cover` sees a gap before the first record.
    rest = [Span(HEADER, first.size - HEADER, "gap")] if first.size > HEADER else []
    return (Span(0, HEADER, "header"), *rest, *spans[1:])


def _dropouts(recording: Recording) -> list[Issue]:
    found = list(_ulog_messages.dropouts(recording.content, recording.index))
    if len(found) > MOST_DROPOUTS:
        lost = sum(lasted for _, lasted in found)
        what = f"{len(found)} dropouts: the logger could not keep up and lost {lost} ms in all"
        return [Issue(found[0][0], 0, what)]
    return [
        Issue(at, 0, f"dropout: the logger could not keep up and lost {lasted} ms")
        for at, lasted in found
    ]


def _refuse_unknown_flags(content: Content) -> None:
    if len(content) < HEADER + 19 or content.data[HEADER + 2] != ord("B"):
        return
    flags = content.data[HEADER + 11 : HEADER + 19]
    if flags[0] & ~1 or any(flags[1:]):
        raise UnsupportedVersionError(f"ULog with incompatible flags {flags.hex()}")


def _encrypted(content: Content) -> Log:
    content.take(0, 22, "the header of an encrypted log")
    version = content.unpack("<B", len(ENCRYPTED), "the version")[0]
    key, nonce = content.unpack("<HH", 18, "the sizes of key and nonce")
    begin = min(22 + key + nonce, len(content))
    spans = [Span(0, 22, "header")]
    if begin > 22:
        spans.append(Span(22, begin - 22, "opaque"))
    if len(content) > begin:
        spans.append(Span(begin, len(content) - begin, "encrypted"))
    reason = "encrypted by the logger; the private key is with who built the firmware"
    return Log(
        source=Source(content.name, len(content), content.sha256, NAME, f"encrypted {version}"),
        issues=(Issue(begin, len(content) - begin, reason),),
        coverage=tuple(spans),
        encrypted=True,
    )


FORMAT = Format(
    name=NAME,
    title="PX4 ULog (.ulg)",
    reference="https://docs.px4.io/main/en/dev_log/ulog_file_format",
    claims=claims,
    read=read,
)
