"""ArduPilot DataFlash logs: what an ArduPilot autopilot keeps of its own flight.

Written by ArduCopter, ArduPlane, Rover, Sub, Blimp and Tracker to the card or
flash of the autopilot, as ``.bin`` or ``.BIN``; ground stations turn them into
text (``.log``).  PX4's first logger, sdlog2, used the same frame
(``.px4log``).  Told by content, never by name.

Facts are from ArduPilot's public sources (``AP_Logger``, ``LogStructure.h``,
``AC_Fence``, ``ModeReason.h``), its log message reference, and logs of firmware
3.0 to 4.8-dev; values were compared field by field with pymavlink's sequential
reader.

**Binary.** A record is ``A3 95``, its type, and its fields, packed and little
endian; there is no length and no checksum.  A record of type 128 (FMT, 89
bytes) defines a type: its length, name, one character for each field, and
labels.  FMTU, UNIT and MULT give units and factors and mark the field that
numbers the sensor.  Definitions may come late, come again, and change where
logs were joined: each counts from where it stands.  See `_chain` for how
records are found, and how reading goes on behind damage: a record is believed
after a gap when two more follow it, since there is no checksum.  Where damage
follows a record so closely that it may reach into it, the record is listed but
not used in any table.

**Text.** One message a line; lines before the first FMT name the firmware.
Values are already scaled.

**Time.** See `_dataflash_clock`.  Messages without time (EV, ERR, MODE and MSG
before firmware 3.3) take the time of the message before them.

**Tables.**

* track: ``POS``, or ``GPS`` before firmware 3.3 and where no ``POS`` can be
  read, which an issue says; beside each row the latest
  speed, course and satellites (``GPS``), attitude (``ATT``), mount (``MNT``),
  battery (``BAT``), range finder looking down (``RFND``) and mode.
  ``height_ato_m`` is above home, which is where the aircraft was armed unless a
  ``home`` event says otherwise;
* events: modes, arming, take-off, faults and messages; the fence as it was set
  (each parameter, each shape as text that can be compared), breached, and acted
  on; ``ERR 9`` repeated is one breach, and repeated clears are one clear;
* captures: ``CAM`` (reported), ``TRIG``, commands that were not refused and
  mission items as flown (commanded; see `_dataflash_orders`).  Thermal only where
  one of them chose the infrared source: the log has no other word for it;
* events of links: set-up by parameter, packets of each MAVLink channel (``MAV``),
  bytes of each serial port (``UART``, ``@SYS/uarts.txt``), signal of the radio
  (``RAD``);
* contacts: network ports that call an address (``NET_Pn_*``), and addresses in
  messages.  Parameters are listed where they concern fence, links, camera or
  Remote ID, differ from their default, or change; all are in
  ``records("PARM")``.

Not decoded: the inside of stored files (``FILE``) other than the counters of
the serial ports, and of ``ISBD`` arrays.  Remote ID is known only by its
parameters and by messages: the log does not hold what was broadcast.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import numpy as np
import pandas as pd

from ..._bytes import Content
from ..._counters import Rising, counters
from ..._errors import CorruptLogError
from ..._formats import Format
from ..._keys import Keychains
from ..._model import Aircraft, Issue, Log, Place, Source
from ..._secrets import redact_path
from ..._tables import captures, contacts, events
from .._shared._ardupilot import BOARD, GROUNDED, model_name, vehicle_in
from .._shared._infer_takeoff import inferred
from .._shared._redact_chunks import masked
from . import _binary as binary
from . import _text as text
from ._captures import capture_events, capture_rows
from ._clock import NAT, Times
from ._context import Context, whole_texts
from ._events import flight_events
from ._fence import fence_events, fences
from ._links import contact_rows, link_events
from ._messages import Messages, whole
from ._modes import read_modes
from ._track import read_track
from ._traffic import traffic_events

#: A definition as text logs list it: "FMT, 128, 89, FMT, BBnNZ, Type,...".
_TEXT = re.compile(rb"^FMT, ?\d{1,3}, ?\d{1,3}, ?[A-Z0-9a-z_]{1,4}, ?[A-Za-z]*,", re.MULTILINE)


def claims(content: Content) -> bool:
    """Return whether a file holds a definition of a message, in bytes or as text."""
    return _binary(content.head) or _text(content.head)


def _binary(head: bytes) -> bool:
    at = head.find(b"\xa3\x95\x80")
    while at >= 0:
        record = head[at : at + binary.FMT_SIZE]
        if len(record) == binary.FMT_SIZE and binary.definition(record, at) is not None:
            return True
        at = head.find(b"\xa3\x95\x80", at + 1)
    return False


def _text(head: bytes) -> bool:
    return b"\0" not in head and _TEXT.search(head) is not None


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a DataFlash log.

    Raises:
        CorruptLogError: If it holds no message at all.
    """
    with ThreadPoolExecutor(1) as beside:
        # Hashing needs another core, not ours.
        beside.submit(lambda: content.sha256)
        # Damage makes numbers of any size; those out of range are left out, not warned of.
        with np.errstate(all="ignore"):
            return _read(content)


#: What rises through a log; the time of the week begins anew with each.
_RISING = (
    Rising("POS", "TimeUS", "count", 1e-6),
    Rising("GPS", "TimeUS", "count", 1e-6),
    Rising("GPS", "GMS", "clock", 1e-3, valid=("Status", 3), period_s=604_800.0),
)


def _read(content: Content) -> Log:
    is_text = not _binary(content.head)
    found = text.index(content.array) if is_text else binary.index(content.array)
    if not found.messages:
        raise CorruptLogError(0, "a DataFlash message", "none")
    messages, trusted, secrets = _without_secrets(found)
    version = _firmware(trusted, text.preamble(found, content.array) if is_text else [])
    vehicle = vehicle_in(version or "")
    times = Times(trusted, len(content))
    log = Context(trusted, times, read_modes(trusted, times, vehicle), vehicle)
    drawn = read_track(trusted, times, log.modes)
    told = [
        *flight_events(log),
        *fence_events(log),
        *capture_events(log),
        *link_events(log),
        *traffic_events(log),
    ]
    if vehicle not in GROUNDED:
        told += inferred(drawn.frame, told)
    return Log(
        source=Source(
            content.name,
            len(content),
            content.sha256,
            FORMAT.name,
            "text" if is_text else "binary",
        ),
        aircraft=_aircraft(log, version),
        clock=times.clock,
        track=drawn.frame,
        events=events(told),
        captures=captures(capture_rows(log)),
        contacts=contacts(contact_rows(log)),
        places=_places(log),
        fences=fences(log),
        issues=(*found.issues, *secrets, *drawn.issues),
        track_record=drawn.record,
        counters=counters(messages, _RISING),
        coverage=found.coverage,
        _records=messages,
    )


def _without_secrets(
    found: binary.Index,
) -> tuple[Mapping[str, Messages], Mapping[str, Messages], tuple[Issue, ...]]:
    """Return all messages and those to trust with secrets taken out, and how many there were."""
    plain = found.messages.get("MSG")
    if plain is None or "Message" not in plain.labels:
        return found.messages, found.trusted, ()
    words = plain.texts("Message")
    clean = {one: redact_path(one) for one in set(words)}
    taken = {one: instead for one, (instead, times) in clean.items() if times}
    count = 0
    for rows in whole_texts(plain):
        parts = [words[row] for row in rows]
        instead, times = redact_path("".join(parts)) if len(parts) > 1 else clean[parts[0]]
        count += max(times, sum(clean[part][1] for part in parts))
        if times and len(parts) > 1:
            ends = list(accumulate(map(len, parts)))
            places = list(zip([0, *ends[:-1]], ends, strict=True))
            for number, shown in masked("".join(parts), instead, places):
                taken[parts[number]] = shown
    if not taken:
        return found.messages, found.trusted, ()
    first = next(row for row, one in enumerate(words) if one in taken)
    issue = Issue(int(plain.offsets[first]), 0, f"{count} secrets in messages are not shown")
    replaced = [
        {**messages, "MSG": messages["MSG"].replaced("Message", taken)}
        for messages in (found.messages, found.trusted)
    ]
    return replaced[0], replaced[1], (issue,)


def _firmware(messages: Mapping[str, Messages], preamble: Sequence[str]) -> str | None:
    texts = messages["MSG"].texts("Message") if "MSG" in messages else []
    named = (one for one in (*texts, *preamble) if re.search(r"\bV\d+\.\d+", one))
    stated = messages["VER"].texts("FWS") if "VER" in messages else []
    return next((one for one in named if vehicle_in(one)), None) or next(iter(stated), None) or None


def _aircraft(log: Context, version: str | None) -> Aircraft:
    boards = (BOARD.search(one) for _, one in log.texts)
    board = next((found["serial"] for found in boards if found), None)
    number = log.settings.get("BRD_SERIAL_NUM")
    frame = log.settings.get("FRAME_CLASS")
    return Aircraft(
        model=model_name(log.vehicle, whole(frame.value) if frame is not None else None),
        serial=f"{number.value:.0f}" if number is not None and number.value > 0 else None,
        flight_controller_serial=board,
        firmware={"autopilot": version} if version else {},
    )


def _places(log: Context) -> tuple[Place, ...]:
    """Return the home points."""
    found = log.named("ORGN")
    latitudes, longitudes = found.numbers("Lat"), found.numbers("Lng")
    home = (found.numbers("Type") == 1) & ((latitudes != 0) | (longitudes != 0))
    utc = log.utc_ns(found) if len(found) else np.empty(0, np.int64)
    places: list[Place] = []
    for row in np.flatnonzero(home).tolist():
        if places and (places[-1].latitude_deg, places[-1].longitude_deg) == (
            latitudes[row],
            longitudes[row],
        ):
            continue
        at = None if utc[row] == NAT else pd.Timestamp(int(utc[row]), tz="UTC")
        places.append(
            Place(
                "home",
                at,
                float(latitudes[row]),
                float(longitudes[row]),
                None,
                "ORGN",
                int(found.offsets[row]),
            )
        )
    return tuple(places)


FORMAT = Format(
    name="dataflash",
    title="ArduPilot DataFlash log (.bin, .log, .px4log)",
    reference="ArduPilot public sources (AP_Logger, LogStructure.h) and its log message reference",
    claims=claims,
    read=read,
)
