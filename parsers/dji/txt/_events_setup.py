"""How things were set up: home, fail-safe, firmware, parts, account, signs of a sync."""

from collections.abc import Iterator

import numpy as np

from ..._runs import runs
from ._event_rows import Row, at, instant
from ._record_file import RecordFile, name_of
from ._track import positions

_FIRMWARE, _COMPONENT, _FLIGHT_HUB, _BUSINESS = 15, 40, 53, 54
_NOBODY = "0" * 16


def setup_events(file: RecordFile) -> Iterator[Row]:
    """Yield the events that describe the set-up rather than the flight."""
    yield from _home(file)
    yield from _fail_safe(file)
    yield from _parts(file)
    yield from _account(file)


def _home(file: RecordFile) -> Iterator[Row]:
    typed = file.of(2)
    home = typed.records
    if not len(home):
        return
    latitude, longitude, _ = positions(home["latitude_deg"], home["longitude_deg"])
    is_set = np.asarray(home["home_set"]) == 1
    # Rounded to about a metre: below that the point has not moved.
    place = np.where(is_set, np.round(latitude, 5) * 1e6 + np.round(longitude, 5), np.nan)
    for run in runs(place):
        if np.isfinite(run.value):
            text = f"home point {latitude[run.first]:.6f}, {longitude[run.first]:.6f}"
            yield at(file, typed, run.first, "home", text, "Home.latitude_deg")


def _fail_safe(file: RecordFile) -> Iterator[Row]:
    typed = file.of(19)
    named = typed.records.words("fail_safe") if len(typed) else []
    for run in runs(typed.records["fail_safe"]):
        text = f"on loss of the controller's signal: {named[run.first]}"
        yield at(file, typed, run.first, "param", text, "MCParam.fail_safe", value=run.value)


def _parts(file: RecordFile) -> Iterator[Row]:
    """Yield firmware and serial numbers, each once: the app repeats them every second."""
    for code, kind, record, line in (
        (_FIRMWARE, "firmware", "Firmware", "firmware of the {part} ({sub}): {version}"),
        (_COMPONENT, "component", "ComponentSerial", "serial number of the {part}: {serial}"),
    ):
        rows, listed = file.listed(code)
        seen = set()
        for number, offset, row in listed.rows():
            text = line.format_map(row)
            if text not in seen:
                seen.add(text)
                yield _stated(instant(int(file.times.ns[rows[number]])), kind, text, record, offset)


def _account(file: RecordFile) -> Iterator[Row]:
    """Yield what Details and business records say of accounts and uploads: signs, no proof."""
    details = file.details
    at_byte = file.anatomy.details_at
    if len(details):
        start = details["start_ms"][0]
        plausible = np.isfinite(start) and 0 < start < 4_102_444_800_000
        time = instant(int(start) * 1_000_000) if plausible else None
        wanted = details["needs_upload"][0]
        if np.isfinite(wanted):
            text = f"the app's upload mark is {int(wanted)} (a sign, not proof of an upload)"
            record = "Details.needs_upload"
            yield _stated(time, "sync", text, record, at_byte) | {"value": float(wanted)}
        account = details["account_hash"][0]
        if account and account != _NOBODY:
            text = f"logged in to a DJI account; the file keeps part of its hash: {account}"
            yield _stated(time, "account", text, "Details.account_hash", at_byte)
        elif account:
            text = "not logged in to a DJI account"
            yield _stated(time, "account", text, "Details.account_hash", at_byte)
    for kind, what in ((_FLIGHT_HUB, "FlightHub"), (_BUSINESS, "business services")):
        frames = np.flatnonzero(file.index.kinds == kind)
        if len(frames):
            offset = int(file.index.payloads[frames[0]]) - file.index.header
            text = f"{len(frames)} records of {what}: the app was set up for it"
            time = instant(int(file.times.ns[frames[0]]))
            yield _stated(time, "sync", text, name_of(kind), offset)


def _stated(time: np.datetime64 | None, kind: str, text: str, record: str, offset: int) -> Row:
    return {
        "time": time,
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": record,
        "source_offset": offset,
    }
