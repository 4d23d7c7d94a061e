"""How much of a time window was recorded, by which network logs, with which blind spots.

A log recorded while its records show that it did (``parsers.NetworkCaptureWindow.recorded``),
and not from its first to its last.  Packets that were not understood were not watched.

A unit declares its devices, each by one or several names as network logs give them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

import parsers
from dji_audit.common.plain_english import percent_text, pluralised_count
from dji_audit.common.time_intervals import Intervals, interval_complement, total_duration_s
from dji_audit.compliance.network._flight_time_window import ContactMatchSettings, ContactTimeWindow
from dji_audit.compliance.network._network_watched_times import (
    NOT_WATCHED,
    NetworkWatchedTimes,
    merge_watched_times,
    times_watched_by_all,
    watched_times_of_log,
)


def split_declared_device_names(device: str) -> tuple[str, ...]:
    """Return the names of one device, which is declared as ``192.0.2.20,tablet.lan``."""
    return tuple(name for part in device.split(",") if (name := part.strip()))


def contacts_from_devices_mask(rows: pd.DataFrame, devices: Sequence[str]) -> "pd.Series[bool]":
    """Return which contacts come from one of the devices, by any of its names."""
    return rows["device"].isin(
        [name for device in devices for name in split_declared_device_names(device)]
    )


#: Blind spots that may hide every name, so that the absence of a contact proves nothing.
_TUNNELS = ("tunnel", "vpn")
#: Blind spots that count encrypted look-ups, each one of the conversations of a log.
_LOOKUPS = ("doh", "doq", "dot")
#: Bytes of a packet that a capture must keep for the names in it to be complete.
_ENOUGH_OF_A_PACKET = 512
#: Number by which a capture tells interfaces of one name apart.
_NUMBER = re.compile(r" \d+$")

_ANOTHER_TIME = "it was recorded at another time"
_NO_LOGS = (
    "No network log covers this flight, and a flight log alone cannot show "
    "which computers the devices contacted."
)

Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLogCoverageOfTimeWindow:
    """What one network log could record of a window."""

    file: str
    sha256: str
    format: str
    #: First and last record, shifted by the clock offset; ``None``: the log does not say.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Why it does not count for the coverage; empty: it counts.
    not_counted: str
    #: Bytes kept of each packet, if packets were cut.
    snap_length: int | None
    flow_count: int | None
    unnamed_flow_count: int | None
    blind_spots: Mapping[str, int] = field(default_factory=dict)
    #: Source and uncertainty of its times.
    clock: str | None = None
    clock_uncertainty_s: float | None = None
    #: What a person declared of its clock; empty: nothing.
    clock_declared: str = ""
    #: Declared devices of which it holds no record.
    unseen_devices: tuple[str, ...] = ()
    #: What of its records was not understood, and how many: "link type 105 (Wi-Fi)".
    unread: Mapping[str, int] = field(default_factory=dict)
    #: Seconds of the window in which it was recording, whichever device or interface.
    recorded_s: float = 0.0
    #: When every interface of it was watched, where no device is declared.
    watched: NetworkWatchedTimes = NOT_WATCHED
    #: Declared device -> when it was watched.
    watched_devices: Mapping[str, NetworkWatchedTimes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCoverage:
    """How much of a window was recorded."""

    window: ContactTimeWindow | None
    #: Share of the window in which conversations of every device were recorded and understood,
    #: 0 to 1.
    share: float
    #: The same from take-off to landing.
    flight_share: float
    #: When they were recorded, in the window.
    intervals: tuple[Span, ...]
    #: When they were not.
    gaps: tuple[Span, ...]
    logs: tuple[NetworkLogCoverageOfTimeWindow, ...]
    #: Devices whose contacts count; empty: all devices in the logs.
    devices: tuple[str, ...]
    #: Why the absence of a contact proves nothing, in a sentence; empty: it is conclusive.
    insufficient_reason: str
    #: The coverage in words.
    text: str
    #: Declared device -> share of the window in which its conversations were recorded.
    by_device: Mapping[str, float] = field(default_factory=dict)

    @property
    def blind_spots(self) -> dict[str, int]:
        """Blind spot -> how often it hid names from the logs that count."""
        return _sum_counts_by_cause(log.blind_spots for log in self.logs if not log.not_counted)

    @property
    def logs_that_count_as_coverage(self) -> tuple[NetworkLogCoverageOfTimeWindow, ...]:
        """The logs that count."""
        return tuple(log for log in self.logs if not log.not_counted)


def coverage_of_window_by_one_network_log(
    log: parsers.Log,
    window: ContactTimeWindow | None,
    devices: Sequence[str],
    settings: ContactMatchSettings,
) -> NetworkLogCoverageOfTimeWindow:
    """Return what a network log could record of a window, and whether it counts."""
    capture = log.capture_window or parsers.NetworkCaptureWindow(None, None)
    offset = pd.Timedelta(seconds=settings.clock_offset_s)
    start, end = (None if time is None else time + offset for time in (capture.start, capture.end))
    recorded = _watched_times_in_window(capture.recorded, window, settings)
    watched_devices = {
        device: merge_watched_times(
            _watched_times_in_window(capture.by_device.get(name), window, settings)
            for name in split_declared_device_names(device)
        )
        for device in devices
    }
    return NetworkLogCoverageOfTimeWindow(
        file=log.source.name,
        sha256=log.source.sha256,
        format=log.source.format,
        start=start,
        end=end,
        not_counted=_why_log_not_counted(log, capture, devices)
        or (_ANOTHER_TIME if _is_log_outside_time_window(start, end, window) else "")
        or _why_nothing_was_recorded(capture, recorded, watched_devices, window),
        snap_length=capture.snap_length,
        flow_count=capture.flow_count,
        unnamed_flow_count=capture.unnamed_flow_count,
        blind_spots=dict(capture.blind_spots),
        clock=log.clock.source,
        clock_uncertainty_s=log.clock.uncertainty_s,
        clock_declared=log.clock.declared,
        unseen_devices=tuple(
            device
            for device in devices
            if not any(name in capture.by_device for name in split_declared_device_names(device))
        ),
        unread=dict(capture.unread),
        recorded_s=total_duration_s(recorded.intervals),
        watched=times_watched_by_all(
            (recorded, *_watched_times_of_each_interface(capture.by_interface, window, settings))
        ),
        watched_devices=watched_devices,
    )


def shows_no_record_within_window(
    log: parsers.Log, window: ContactTimeWindow | None, settings: ContactMatchSettings
) -> bool:
    """Return whether a network log that shows when it recorded shows nothing of a window."""
    capture = log.capture_window
    return (
        window is not None
        and capture is not None
        and capture.recorded is not None
        and not len(_watched_times_in_window(capture.recorded, window, settings).shares)
    )


def _watched_times_in_window(
    recorded: parsers.NetworkRecordingTimes | None,
    window: ContactTimeWindow | None,
    settings: ContactMatchSettings,
) -> NetworkWatchedTimes:
    if recorded is None or window is None:
        return NOT_WATCHED
    return watched_times_of_log(recorded, window.start, window.end, settings.clock_offset_s)


def _watched_times_of_each_interface(
    by_interface: Mapping[str, parsers.NetworkRecordingTimes],
    window: ContactTimeWindow | None,
    settings: ContactMatchSettings,
) -> Iterator[NetworkWatchedTimes]:
    """Yield when each interface was watched: where no device is declared, it may be at any.

    Interfaces of one name, such as those of a capture in two parts, are one.  An interface of
    which nothing was understood counts in the share of the whole.
    """
    by_name: dict[str, list[NetworkWatchedTimes]] = defaultdict(list)
    for name, recorded in by_interface.items():
        if recorded.read_count:
            by_name[_NUMBER.sub("", name)].append(
                _watched_times_in_window(recorded, window, settings)
            )
    for parts in by_name.values():
        yield merge_watched_times(parts)


def network_coverage(
    window: ContactTimeWindow | None,
    logs: tuple[NetworkLogCoverageOfTimeWindow, ...],
    devices: tuple[str, ...],
    settings: ContactMatchSettings,
) -> NetworkCoverage:
    """Return how much of a window some logs recorded together.

    A log without a record of a device did not watch that device. Where several devices are
    declared, only the time in which all of them were watched counts.
    """
    if window is None:
        insufficient_reason = "The time of the flight is not known." if logs else _NO_LOGS
        return NetworkCoverage(
            window=None,
            share=0.0,
            flight_share=0.0,
            intervals=(),
            gaps=(),
            logs=logs,
            devices=devices,
            insufficient_reason=insufficient_reason,
            text="the time of the flight is not known",
        )
    counted = [log for log in logs if not log.not_counted]
    watched_devices = {
        device: merge_watched_times(log.watched_devices[device] for log in counted)
        for device in devices
    }
    watched = (
        times_watched_by_all(watched_devices.values())
        if devices
        else merge_watched_times(log.watched for log in counted)
    )
    share = _watched_share_of_window(watched, window)
    flight_share = _watched_flight_share(watched, window)
    by_device = {
        device: _watched_share_of_window(part, window) for device, part in watched_devices.items()
    }
    gaps = _window_seconds_to_timestamp_spans(
        interval_complement(watched.joined_intervals, 0.0, window.duration_s), window
    )
    text = _recorded_share_text(
        window, share=share, by_device=by_device, logs=logs, settings=settings
    )
    return NetworkCoverage(
        window=window,
        share=share,
        flight_share=flight_share,
        intervals=_window_seconds_to_timestamp_spans(watched.joined_intervals, window),
        gaps=gaps,
        logs=logs,
        devices=devices,
        insufficient_reason=_why_network_coverage_insufficient(
            (share, flight_share),
            logs,
            settings,
            text + _longest_unrecorded_gap_text(gaps) + _why_no_network_log_counts_text(logs),
        ),
        text=text,
        by_device=by_device,
    )


def _watched_share_of_window(watched: NetworkWatchedTimes, window: ContactTimeWindow) -> float:
    """Return which part of the window was watched, 0 to 1."""
    if not window.duration_s:
        return float(watched.shares.max(initial=0.0))
    return min(1.0, round(watched.watched_and_understood_s / window.duration_s, 9))


def _watched_flight_share(watched: NetworkWatchedTimes, window: ContactTimeWindow) -> float:
    """Return which part of the flight itself was watched, 0 to 1."""
    begin, end = (
        (time - window.start).total_seconds() for time in (window.flight_start, window.flight_end)
    )
    starts, ends = watched.intervals[:, 0], watched.intervals[:, 1]
    if end <= begin:
        at_once = (starts <= begin) & (ends >= begin)
        return float(watched.shares[at_once].max(initial=0.0))
    inside = np.clip(np.minimum(ends, end) - np.maximum(starts, begin), 0.0, None)
    return min(1.0, round(float((inside * watched.shares).sum()) / (end - begin), 9))


def _window_seconds_to_timestamp_spans(
    intervals: Intervals, window: ContactTimeWindow | None
) -> tuple[Span, ...]:
    """Return stretches in seconds since the start of a window as instants."""
    if window is None:
        return ()
    origin = window.start
    return tuple(
        (origin + _timedelta_from_seconds(start), origin + _timedelta_from_seconds(end))
        for start, end in intervals.tolist()
    )


def _timedelta_from_seconds(seconds: float) -> pd.Timedelta:
    return pd.Timedelta(round(seconds * 1e9), "ns")


def _why_log_not_counted(
    log: parsers.Log, capture: parsers.NetworkCaptureWindow, devices: Sequence[str]
) -> str:
    """Return why a log does not count as coverage; empty: it counts."""
    if capture.start is None or capture.end is None:
        return "it does not state its capture window"
    if capture.flow_count is None:
        return "it does not hold all conversations"
    if capture.recorded is None:
        return "it does not show when it was recording"
    if capture.excluded_traffic:
        return f"it leaves out {capture.excluded_traffic}"
    if capture.merge_signs:
        sign = capture.merge_signs[0]
        return f"it seems to be merged from several captures: {sign[:1].lower()}{sign[1:-1]}"
    if capture.network_changes and not devices:
        # Where devices are declared, each is known to be watched while it is seen.
        sign = capture.network_changes[0]
        return f"{sign[:1].lower()}{sign[1:-1]}; declare the devices with --device"
    if devices and not any(
        name in capture.by_device
        for device in devices
        for name in split_declared_device_names(device)
    ):
        return "it holds no contact of the declared devices"
    if capture.snap_length is not None and capture.snap_length < _ENOUGH_OF_A_PACKET:
        return f"it kept only {capture.snap_length} bytes of each packet, too few for names"
    return ""


def _is_log_outside_time_window(
    start: pd.Timestamp | None, end: pd.Timestamp | None, window: ContactTimeWindow | None
) -> bool:
    """Return whether a log spans no part of the window."""
    if window is None or start is None or end is None:
        return False
    return bool(end < window.start or start > window.end)


def _why_nothing_was_recorded(
    capture: parsers.NetworkCaptureWindow,
    recorded: NetworkWatchedTimes,
    watched_devices: Mapping[str, NetworkWatchedTimes],
    window: ContactTimeWindow | None,
) -> str:
    """Return that a log shows nothing of the window, although it spans it; empty: it does."""
    if window is None:
        return ""
    times = capture.recorded
    if times is not None and times.unread_count and not times.read_count:
        kinds = _unread_record_counts_text(capture.unread)
        return f"none of its {times.unread_count:,} records was understood{kinds}"
    if not len(recorded.shares):
        return "it shows no record in this time"
    lookup_count = sum(capture.blind_spots.get(name, 0) for name in _LOOKUPS)
    if capture.flow_count is not None and capture.flow_count <= lookup_count:
        return "it holds look-ups of names, and no other conversation"
    if watched_devices and not any(len(part.shares) for part in watched_devices.values()):
        return "it shows no record of the declared devices in this time"
    return ""


def _unread_record_counts_text(unread: Mapping[str, int]) -> str:
    """Return what was not understood, in brackets; empty: it is not known what."""
    if not unread:
        return ""
    parts = [f"{what} {count:,}" for what, count in unread.items()]
    more = f" and {pluralised_count(len(parts) - 3, 'more kind')}" if len(parts) > 3 else ""
    return f" ({', '.join(parts[:3])}{more})"


def _why_network_coverage_insufficient(
    shares: tuple[float, float],
    logs: Sequence[NetworkLogCoverageOfTimeWindow],
    settings: ContactMatchSettings,
    text: str,
) -> str:
    """Return why the absence of a contact proves nothing; empty if it is conclusive.

    Args:
        shares: Of the window, and of the flight itself, that was recorded.
        logs: The network logs.
        settings: The share that is needed.
        text: The coverage in words.
    """
    share, flight_share = shares
    if not logs:
        return _NO_LOGS
    if share < settings.min_coverage:
        needed = f"{100 * settings.min_coverage:g} %"
        return f"The absence of a contact proves nothing below {needed} coverage: {text}."
    if flight_share < settings.min_coverage:
        # A day's recording may leave out the minutes that matter most.
        recorded = f"only {percent_text(flight_share)} of the flight itself was recorded"
        return f"The absence of a contact proves nothing: {recorded}; {text}."
    if not share:
        # Whatever share a policy asks for.
        return f"The absence of a contact proves nothing: {text}."
    tunnelled = sum(
        log.blind_spots.get(name, 0) for log in logs if not log.not_counted for name in _TUNNELS
    )
    if tunnelled:
        return (
            "The absence of a contact proves nothing: "
            f"{tunnelled} conversations went through a tunnel or proxy."
        )
    return ""


def _longest_unrecorded_gap_text(gaps: Sequence[Span]) -> str:
    """Return the longest stretch in which nothing was recorded; empty: there is none."""
    if not gaps:
        return ""
    start, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    hours = (end - start).total_seconds() / 3600
    length = f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
    return f"; nothing for {length} from {start:%Y-%m-%d %H:%M} UTC on"


def _why_no_network_log_counts_text(logs: Sequence[NetworkLogCoverageOfTimeWindow]) -> str:
    """Return why a log of that time does not count, where none does; empty: one counts."""
    if any(not log.not_counted for log in logs):
        return ""
    doubtful = [log for log in logs if log.not_counted != _ANOTHER_TIME]
    return f"; {doubtful[0].file} does not count: {doubtful[0].not_counted}" if doubtful else ""


def _recorded_share_text(
    window: ContactTimeWindow,
    *,
    share: float,
    by_device: Mapping[str, float],
    logs: Sequence[NetworkLogCoverageOfTimeWindow],
    settings: ContactMatchSettings,
) -> str:
    """Return in words how much of the window was recorded, and by which logs."""
    counted = [log for log in logs if not log.not_counted]
    span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    counted_text = f"{len(counted)} of {pluralised_count(len(logs), 'network log')}"
    parts = [f"{percent_text(share)} of the window ({span}) was recorded, by {counted_text}"]
    parts.append(_recorded_share_by_device_text(by_device))
    if settings.clock_offset_s:
        parts.append(f"clocks shifted by {settings.clock_offset_s:+g} s")
    unread = _sum_counts_by_cause(log.unread for log in counted)
    if unread:
        total = sum(unread.values())
        parts.append(
            f"{total:,} of their records were not understood{_unread_record_counts_text(unread)}"
        )
    if blind_spots := _sum_counts_by_cause(log.blind_spots for log in counted):
        blind = ", ".join(f"{name} {count:,}" for name, count in blind_spots.items())
        parts.append(f"blind spots: {blind}")
    return "; ".join(parts)


def _sum_counts_by_cause(counts: "Iterator[Mapping[str, int]]") -> dict[str, int]:
    """Return the sums of some counts by name, in order of the names."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))


def _recorded_share_by_device_text(by_device: Mapping[str, float]) -> str:
    """Return the devices that were recorded, with the share of each of several."""
    if not by_device:
        return "for all devices; none is declared"
    if len(by_device) == 1:
        return f"for device {next(iter(by_device))}"
    each = ", ".join(f"{device} {percent_text(share)}" for device, share in by_device.items())
    return f"for all {len(by_device)} devices at once ({each})"
