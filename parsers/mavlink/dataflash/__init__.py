"""ArduPilot DataFlash logs: the log that an ArduPilot autopilot writes of its own flight.

Written by ArduCopter, ArduPlane, Rover, Sub, Blimp and Tracker to the card or
flash of the autopilot, as ``.bin`` or ``.BIN``; ground stations turn them into
text (``.log``).  PX4's first logger, sdlog2, used the same frame
(``.px4log``).  Recognised by content, never by name.

Facts are from ArduPilot's public sources (``AP_Logger``, ``LogStructure.h``,
``AC_Fence``, ``ModeReason.h``), its log message reference, and logs of firmware
3.0 to 4.8-dev; values were compared field by field with pymavlink's sequential
reader.

**Binary.** A record is ``A3 95``, its type, and its fields, packed and little
endian; there is no length and no checksum.  A record of type 128 (FMT, 89
bytes) defines a type: its length, name, one character for each field, and
labels.  FMTU, UNIT and MULT give units and factors and mark the field that
numbers the sensor.  Definitions may come late, be repeated, and change where
logs were joined: each applies from its own offset on.  `_record_framing` finds the records
and reads on behind damage: after a gap a record is accepted only
when two more follow it, since there is no checksum.  Where damage
follows a record so closely that it may reach into it, the record is listed but
not used in any table.

**Text.** One message a line; lines before the first FMT name the firmware.
Values are already scaled.

**Time.** See `_boot_time_to_utc`.  Messages without time (EV, ERR, MODE and MSG
before firmware 3.3) take the time of the message before them.

**Tables.**

* track: ``POS``, or ``GPS`` before firmware 3.3 and where no ``POS`` can be
  read, which an issue states; each row has the latest
  speed, course and satellites (``GPS``), attitude (``ATT``), mount (``MNT``),
  battery (``BAT``), range finder looking down (``RFND``) and mode.
  ``height_ato_m`` is above home, which is where the aircraft was armed unless a
  ``home`` event says otherwise;
* events: modes, arming, take-off, faults and messages; the settings of the fence
  (each parameter, each shape as text that can be compared), its breaches, and the reaction
  to them; ``ERR 9`` repeated is one breach, and repeated clears are one clear;
* captures: ``CAM`` (reported), ``TRIG``, commands that were not refused and
  executed mission items (commanded; see `_camera_commands_of_log`).  Thermal only where
  one of them chose the infrared source: the log has no other sign of it;
* events ``simulator``, where the log shows that the vehicle was simulated (``VER.BT``, ``SIM``
  records, ``SIM_*`` parameters, a text), and ``log.pause``, where the logger wrote nothing while
  disarmed (``LOG_DISARMED`` 0);
* events of links: configuration by parameter, packets of each MAVLink channel (``MAV``),
  bytes of each serial port (``UART``, ``@SYS/uarts.txt``), signal of the radio
  (``RAD``);
* contacts: network ports that connect to an address (``NET_Pn_*``), and addresses in
  messages.  Parameters are listed where they concern fence, links, camera or
  Remote ID, differ from their default, or change; all are in
  ``records("PARM")``.

Not decoded: the content of stored files (``FILE``) other than the counters of
the serial ports, and ``ISBD`` arrays.  Remote ID is known only by its
parameters and by messages: the log does not hold what was broadcast.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..._clocks._move_local_times_out_of_tables import log_with_elapsed_times_as_local
from ..._clocks._read_monotonic_counters import CounterField, read_counters
from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._formats import Format
from ..._model import Aircraft, Log, NamedPosition, Source
from ..._tables import contact_table_from_rows, event_table_from_rows, media_capture_table_from_rows
from ..._track_values._redundant_sensor_readings import read_sensor_readings
from .._shared._ardupilot_names import (
    BOARD_MESSAGE,
    vehicle_and_frame_class_name,
    vehicle_type_in_firmware_text,
)
from .._shared._redact_chunked_text import changed_chunks_after_redaction
from .._shared._timestamps import timestamp_or_none
from ._boot_time_to_utc import DataflashClock
from ._dataflash_messages_clock_and_modes import (
    DataflashMessagesClockAndModes,
    row_groups_joining_text_message_parts,
)
from ._fences_and_fence_events import fence_events, fences_of_log
from ._flight_events import flight_events, received_adsb_aircraft
from ._flight_mode_changes import read_flight_modes
from ._index_binary_log import index_binary
from ._index_text_log import index_text, lines_before_first_definition
from ._media_captures import camera_command_events, media_capture_rows
from ._message_columns import DataflashMessages, integer_or_minus_one
from ._network_hosts_and_link_traffic import (
    contact_rows,
    link_configuration_events,
    link_traffic_events,
)
from ._redundant_measurements import (
    READING_FIELDS,
    board_serials_stated_in_log,
    byte_counts_stated_by_logger,
    declination_readings,
    lifetime_totals,
    other_clocks_to_compare,
)
from ._second_writer_issues import second_writer_issues
from ._start_of_headerless_log import (
    find_log_start,
    find_start_of_lines_without_fmt,
    find_start_of_records_without_fmt,
    has_binary_fmt_definition,
    has_text_fmt_definition,
    is_text_log,
)
from ._track import read_track
from ._which_facts_logs_record import FACTS


def claims(content: Content) -> bool:
    """Return whether a file holds a definition of a message, in bytes or as text."""
    return has_binary_fmt_definition(content.head) or has_text_fmt_definition(content.head)


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a DataFlash log.

    Raises:
        CorruptLogError: If it holds no message at all.
    """
    with ThreadPoolExecutor(1) as hasher:
        # Hashing runs on another core.
        hasher.submit(lambda: content.sha256)
        # Damage gives numbers of any size; those out of range are left out without a warning.
        with np.errstate(all="ignore"):
            return _read_log(content)


#: Counters of a log; the time of the week starts again with each week.
_COUNTERS = (
    CounterField("POS", "TimeUS", "count", 1e-6, begins_new_log=True),
    CounterField("GPS", "TimeUS", "count", 1e-6, begins_new_log=True),
    CounterField("GPS", "GMS", "clock", 1e-3, valid=("Status", 3), period_s=604_800.0),
    # Firmware before 3.3: ``T`` counts from power-on, and ``TimeMS`` is the time of the week.
    CounterField("GPS", "T", "count", 1e-3, begins_new_log=True),
    CounterField("GPS", "TimeMS", "clock", 1e-3, valid=("Status", 3), period_s=604_800.0),
    # Without a receiver, or beside it, these are written all the time.
    CounterField("IMU", "TimeUS", "count", 1e-6, begins_new_log=True),
    CounterField("ATT", "TimeMS", "count", 1e-3, begins_new_log=True),
)


def _read_log(content: Content) -> Log:
    is_text = is_text_log(content)
    index = index_text(content.array) if is_text else index_binary(content.array)
    if not index.messages:
        at = find_start_of_records_without_fmt(content)
        at = find_start_of_lines_without_fmt(content) if at is None else at
        if at is None:
            raise CorruptLogError(0, "a DataFlash message", "none")
        raise CorruptLogError(
            at,
            "the definitions (FMT) of a DataFlash log, which say what its records hold",
            "records and no definition: the definitions are gone, so nothing can be decoded",
        )
    messages, trusted = index.messages, index.trusted
    version = _firmware_version(
        trusted, lines_before_first_definition(index, content.array) if is_text else []
    )
    vehicle = vehicle_type_in_firmware_text(version or "")
    times = DataflashClock(trusted, len(content))
    log = DataflashMessagesClockAndModes(
        trusted, times, read_flight_modes(trusted, times, vehicle), vehicle
    )
    track = read_track(trusted, times, log.modes)
    event_rows = [
        *flight_events(log),
        *fence_events(log),
        *camera_command_events(log),
        *link_configuration_events(log),
        *link_traffic_events(log),
    ]
    made = Log(
        source=Source.from_content(content, FORMAT.name, "text" if is_text else "binary"),
        aircraft=_read_aircraft(log, version),
        clock=times.clock,
        track=track.frame,
        events=event_table_from_rows(event_rows),
        captures=media_capture_table_from_rows(media_capture_rows(log)),
        contacts=contact_table_from_rows(contact_rows(log)),
        named_positions=tuple(_home_positions(log)),
        fences=fences_of_log(log),
        received_aircraft=received_adsb_aircraft(log),
        issues=(*index.issues, *track.issues, *second_writer_issues(trusted)),
        track_record=track.record,
        logger_counts=() if is_text else byte_counts_stated_by_logger(log),
        stated_serials=board_serials_stated_in_log(log),
        other_clocks=tuple(other_clocks_to_compare(log)),
        lifetime_totals=tuple(lifetime_totals(log)),
        sensor_readings=(
            *read_sensor_readings(trusted, READING_FIELDS),
            *declination_readings(log),
        ),
        monotonic_counters=read_counters(trusted, _COUNTERS),
        coverage=index.coverage,
        _records=_messages_without_split_secrets(messages),
    )
    return log_with_elapsed_times_as_local(made) if times.is_time_since_power_on_only else made


def _messages_without_split_secrets(
    messages: Mapping[str, DataflashMessages],
) -> Mapping[str, DataflashMessages]:
    """Return messages without the secrets that only the parts of a text together show."""
    plain = messages.get("MSG")
    if plain is None or "Message" not in plain.labels:
        return messages
    texts = plain.first_present_field_as_texts("Message")
    instead: dict[str, str] = {}
    for rows in row_groups_joining_text_message_parts(plain):
        if len(rows) > 1:
            chunks = [texts[row] for row in rows]
            for number, shown in changed_chunks_after_redaction(chunks):
                instead[chunks[number]] = shown
    if not instead:
        return messages
    return {**messages, "MSG": plain.with_texts_of_field_replaced("Message", instead)}


def _firmware_version(
    messages: Mapping[str, DataflashMessages], preamble: Sequence[str]
) -> str | None:
    texts = messages["MSG"].first_present_field_as_texts("Message") if "MSG" in messages else []
    named = (text for text in (*texts, *preamble) if re.search(r"\bV\d+\.\d+", text))
    stated = messages["VER"].first_present_field_as_texts("FWS") if "VER" in messages else []
    return (
        next((text for text in named if vehicle_type_in_firmware_text(text)), None)
        or next(iter(stated), None)
        or None
    )


def _read_aircraft(log: DataflashMessagesClockAndModes, version: str | None) -> Aircraft:
    boards = (BOARD_MESSAGE.search(text) for _, text in log.pilot_message_rows_and_texts)
    board = next((match["serial"] for match in boards if match), None)
    number = log.last_parameter_statements.get("BRD_SERIAL_NUM")
    frame = log.last_parameter_statements.get("FRAME_CLASS")
    return Aircraft(
        model=vehicle_and_frame_class_name(
            log.vehicle, integer_or_minus_one(frame.value) if frame is not None else None
        ),
        serial=f"{number.value:.0f}" if number is not None and number.value > 0 else None,
        flight_controller_serial=board,
        firmware={"autopilot": version} if version else {},
    )


def _home_positions(log: DataflashMessagesClockAndModes) -> Iterator[NamedPosition]:
    """Yield the home points, each where it differs from the one before it."""
    messages = log.messages_named("ORGN")
    latitudes, longitudes = messages.numbers_of_field("Lat"), messages.numbers_of_field("Lng")
    home = (messages.numbers_of_field("Type") == 1) & ((latitudes != 0) | (longitudes != 0))
    utc = log.utc_ns_of_messages(messages) if len(messages) else np.empty(0, np.int64)
    previous = None
    for row in np.flatnonzero(home).tolist():
        position = float(latitudes[row]), float(longitudes[row])
        if position != previous:
            time, offset = timestamp_or_none(int(utc[row])), int(messages.offsets[row])
            yield NamedPosition("home", time, *position, None, "ORGN", offset)
        previous = position


FORMAT = Format(
    name="dataflash",
    title="ArduPilot DataFlash log (.bin, .log, .px4log)",
    reference="ArduPilot public sources (AP_Logger, LogStructure.h) and its log message reference",
    claims=claims,
    facts=FACTS,
    read=read,
    find_start_offset=find_log_start,
    skips_filled_tail=True,
)
