"""MAVLink telemetry logs: the messages a ground station received and sent.

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
then over CRC_EXTRA, one byte that stands for the layout.  Every offset that looks
like a frame is checked: an intact frame is never lost to a look-alike before
it, and one that lost its time takes that of the frame before.  Frames
without an intact checksum are kept only where they fill the room between
intact ones.  If at least three frames of one number agree on another CRC_EXTRA, they
are intact and of another definition (``UNKNOWN_<number>``).

**Layouts** come from pymavlink's dialect ``all``; eleven messages that it lacks
are added (`_mavlink_message_definitions`).  Not decoded: the content of TUNNEL, V2_EXTENSION and
encapsulated data; PX4's EVENT other than those about fences (their texts are in a
file on the vehicle).  Signatures are counted, not checked, because there is no key.

**Time** is the vehicle's: milliseconds since its start, which SYSTEM_TIME ties
to UTC; where it never states UTC, the time is that of the ground station, and in a raw stream
there is none.  ``Clock.offset_s`` is what to add to the ground station's time.

**Damage** is located gap by gap.  Text that a console printed between frames, and frames of a
ground station with a wrong checksum between two intact ones, are no gaps: nothing of the vehicle
is lost with them.

**Several vehicles**: each system whose autopilot reports its own state gives a log of its
own, called ``file#system``, without the frames that other vehicles sent and without the messages
that were sent to them.  Frames of ground stations and other equipment are in all of them.  Bytes
that could not be decoded are counted with the first.  Within one log the track is that of the
component with most positions.

**Secrets** (Wi-Fi password, PIN and PUK of a SIM, signing key, user names and
passwords in addresses) are redacted everywhere and counted in an issue.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..._clocks._move_local_times_out_of_tables import log_with_elapsed_times_as_local
from ..._clocks._read_monotonic_counters import CounterField, read_counters
from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._formats import Format, LogsAndParts
from ..._model import Log, Source
from ..._tables import contact_table_from_rows, event_table_from_rows, media_capture_table_from_rows
from ..._track_values._redundant_sensor_readings import read_sensor_readings
from .._shared._event_rows import EventRow
from ._aircraft_and_sender_identity import identity_events, read_aircraft
from ._camera_sensors import field_of_view_changes_of_first_camera
from ._choose_vehicle import VehicleOfStream, find_vehicles
from ._fence._fence_events import fence_events_and_has_breach_messages
from ._fence._fence_geometry import fence_shape_events, fences_of_stream
from ._file_transfer import file_and_log_transfer_events
from ._fit_vehicle_clock import TlogClockFit, fit_vehicle_clock
from ._flight_events import flight_events, home_positions, received_adsb_aircraft
from ._frame_header_columns import (
    GOOD,
    TIMESTAMP_SIZE,
    VERSION_2,
)
from ._hosts_named_in_messages import contact_rows
from ._index_frames import TlogIndex, index_frames
from ._link_events import link_setup_and_traffic_events, redacted_message_counts
from ._media_captures import media_capture_rows_and_events
from ._message_columns import TlogMessages
from ._parameters import (
    LastParameterValue,
    parameters_from_packed_files,
    read_parameters_and_events,
    timed_fence_parameter_values,
)
from ._redundant_measurements import (
    READING_FIELDS,
    ground_station_clock_to_compare,
    last_stated_declination_reading,
    lifetime_totals,
    missing_frame_counts_by_sequence,
    stated_serials,
)
from ._remote_id._own_broadcast import operator_positions
from ._remote_id._received_aircraft import received_remote_id_as_frame_stream
from ._start_of_headerless_log import (
    find_log_start,
    find_start_and_timestamp_size,
    has_consecutive_intact_frames,
)
from ._status_text import StatusText, status_text_events, status_texts, status_texts_from_system
from ._tlog_issues import (
    find_issues,
    issues_that_damage_is_counted_in_other_log,
    vehicle_independent_file_issues,
)
from ._track import read_track
from ._vehicle_commands import TlogCommands, command_events
from ._which_facts_logs_record import FACTS

#: First bytes of packet captures, whose packets may hold frames too.
PACKET_CAPTURE_MAGIC = (
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",
)


#: Bytes that hold a few frames of nearly every log.
_FIRST_FRAMES_SIZE = 512


def claims(content: Content) -> bool:
    """Return whether intact frames follow one another near the start."""
    return _timestamp_size(content) is not None


def _timestamp_size(content: Content) -> int | None:
    """Return the bytes of time before each frame, or ``None`` if this is no such stream."""
    head = content.head
    if head.startswith(PACKET_CAPTURE_MAGIC) or not (b"\xfe" in head or b"\xfd" in head):
        return None
    array = np.frombuffer(head, np.uint8)
    is_whole_file = len(head) == len(content)
    return next(
        (
            stamp
            for stamp in (TIMESTAMP_SIZE, 0)
            # The first frames of most logs decide, at a fraction of the cost.
            if has_consecutive_intact_frames(array[:_FIRST_FRAMES_SIZE], stamp, is_whole_file=False)
            or has_consecutive_intact_frames(array, stamp, is_whole_file=is_whole_file)
        ),
        None,
    )


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a stream of MAVLink frames, with or without times: the log of its first vehicle."""
    return read_log_per_vehicle(content, keys).logs[0]


def read_log_per_vehicle(content: Content, keys: Sequence[Keychains]) -> LogsAndParts:
    """Read a stream of MAVLink frames, with or without times: a log for each vehicle in it."""
    del keys  # nothing here is encrypted
    stamp = _timestamp_size(content)
    if stamp is None and (found := find_start_and_timestamp_size(content)) is not None:
        _, stamp = found
    if stamp is None:
        raise CorruptLogError(0, "MAVLink frames that follow one another", "none")
    with ThreadPoolExecutor(1) as hasher:
        # Hashing lets other threads run, and takes no part in decoding.
        hasher.submit(lambda: content.sha256)
        return _read_logs(content, index_frames(content.array, stamp))


#: Counters of a log of one power-on.
_COUNTERS = (
    CounterField("GLOBAL_POSITION_INT", "time_boot_ms", "count", 1e-3),
    CounterField("SYSTEM_TIME", "time_boot_ms", "count", 1e-3),
    CounterField("SYSTEM_TIME", "time_unix_usec", "clock", 1e-6),
)


def _read_logs(content: Content, index: TlogIndex) -> LogsAndParts:
    stream = TlogMessages(index)
    vehicles = find_vehicles(stream)
    heard = received_remote_id_as_frame_stream(content, stream)
    parts = () if heard is None else (heard,)
    if len(vehicles) == 1:
        log = _read_log_of_one_vehicle(content, stream, vehicles[0])
        return LogsAndParts((log,), parts, log.coverage, log.issues)
    names = [str(vehicle.system) for vehicle in vehicles]
    logs = tuple(
        _read_log_of_one_vehicle(
            content, TlogMessages(index, vehicle.others), vehicle, name, names[0]
        )
        for vehicle, name in zip(vehicles, names, strict=True)
    )
    spans = index.coverage_spans()
    return LogsAndParts(logs, parts, spans, vehicle_independent_file_issues(stream, spans))


def _read_log_of_one_vehicle(
    content: Content,
    stream: TlogMessages,
    vehicle: VehicleOfStream,
    name: str | None = None,
    damaged_log_name: str | None = None,
) -> Log:
    """Return the log of one vehicle.

    Args:
        content: The file.
        stream: Its frames, without those of other vehicles.
        vehicle: The vehicle.
        name: What tells its log from the others in the file; ``None``: there is no other.
        damaged_log_name: Which of several logs the bytes are counted with that are of no vehicle,
            so that a unit is told of them once.
    """
    timing = fit_vehicle_clock(stream, vehicle)
    texts = status_texts(stream["STATUSTEXT"])
    commands = TlogCommands(stream, vehicle)
    own = status_texts_from_system(stream["STATUSTEXT"], texts, vehicle.system)
    packed = parameters_from_packed_files(stream, vehicle.system)
    params, event_rows = read_parameters_and_events(stream, vehicle, packed)
    is_elsewhere = damaged_log_name != name
    spans = stream.index.coverage_spans(stream.without, damage_is_elsewhere=is_elsewhere)
    track = read_track(stream, vehicle)
    event_rows += _event_rows(stream, vehicle, timing, texts, commands, params)
    recordings, refuted = media_capture_rows_and_events(stream, vehicle, commands)
    event_rows += refuted
    records = stream.records_by_name()
    made = Log(
        source=Source.from_content(
            content, FORMAT.name, _mavlink_version(stream.index), stream=name
        ),
        aircraft=read_aircraft(stream, vehicle, own),
        clock=timing.clock,
        track=track.frame,
        events=event_table_from_rows(event_rows),
        captures=media_capture_table_from_rows(recordings),
        contacts=contact_table_from_rows(contact_rows(stream, texts, params)),
        named_positions=(*home_positions(stream, vehicle), *operator_positions(stream)),
        fields_of_view=field_of_view_changes_of_first_camera(stream),
        received_aircraft=received_adsb_aircraft(stream),
        fences=fences_of_stream(
            stream, vehicle, timed_fence_parameter_values(stream, vehicle, packed)
        ),
        issues=(
            *find_issues(stream, vehicle, spans, redacted_message_counts(stream)),
            *(
                issues_that_damage_is_counted_in_other_log(stream.index, damaged_log_name or "")
                if is_elsewhere
                else ()
            ),
            *track.issues,
        ),
        track_record=track.record,
        logger_counts=missing_frame_counts_by_sequence(stream, vehicle),
        stated_serials=stated_serials(stream, vehicle, own),
        other_clocks=tuple(ground_station_clock_to_compare(stream)),
        lifetime_totals=tuple(lifetime_totals(params)),
        sensor_readings=(
            *read_sensor_readings(records, READING_FIELDS),
            *last_stated_declination_reading(params),
        ),
        monotonic_counters=read_counters(records, _COUNTERS),
        coverage=spans,
        _records=records,
    )
    return log_with_elapsed_times_as_local(made) if timing.counts_from_start else made


def _event_rows(
    stream: TlogMessages,
    vehicle: VehicleOfStream,
    timing: TlogClockFit,
    texts: Sequence[StatusText],
    commands: TlogCommands,
    params: Mapping[str, LastParameterValue],
) -> list[EventRow]:
    own = status_texts_from_system(stream["STATUSTEXT"], texts, vehicle.system)
    types = params.get("FENCE_TYPE")
    mask = int(types.value) if types is not None and 0 <= types.value < 16 else 0
    fences_of_stream, breached = fence_events_and_has_breach_messages(
        stream, vehicle, timing, own, commands, mask
    )
    return [
        *flight_events(stream, vehicle, timing),
        *fences_of_stream,
        *fence_shape_events(stream),
        *status_text_events(stream["STATUSTEXT"], texts, () if breached else own),
        *command_events(TlogCommands(stream)),
        *file_and_log_transfer_events(stream),
        *link_setup_and_traffic_events(stream, vehicle),
        *identity_events(stream, vehicle),
    ]


def _mavlink_version(index: TlogIndex) -> str:
    good, two = index.status == GOOD, index.frames.frame_kind_bit_mask(VERSION_2)
    names = [name for name, is_it in (("1", ~two), ("2", two)) if (good & is_it).any()]
    times = "with times" if index.has_timestamps else "raw"
    return f"MAVLink {' and '.join(names)}, {times}"


FORMAT = Format(
    name="mavlink-tlog",
    title="MAVLink telemetry log or raw stream",
    claims=claims,
    facts=FACTS,
    read=read,
    read_logs_and_parts=read_log_per_vehicle,
    find_start_offset=find_log_start,
    skips_filled_tail=True,
    reference="mavlink.io guide; github.com/mavlink/mavlink definitions",
)
