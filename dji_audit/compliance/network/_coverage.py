"""How much of a time window was recorded, by which network logs, with which blind spots.

A unit declares its devices, each by one or several names as network logs give them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

import parsers
from dji_audit.compliance.network._flight_time_window import ContactMatchSettings, ContactTimeWindow


def device_names(device: str) -> tuple[str, ...]:
    """Return the names of one device, which is declared as ``192.0.2.20,tablet.lan``."""
    return tuple(name for part in device.split(",") if (name := part.strip()))


def is_from_devices(rows: pd.DataFrame, devices: Sequence[str]) -> "pd.Series[bool]":
    """Return which contacts come from one of the devices, by any of its names."""
    return rows["device"].isin([name for device in devices for name in device_names(device)])


#: Blind blind_spots that may hide every name, so that the absence of a contact proves nothing.
_TUNNELS = ("tunnel", "vpn")
#: Bytes of a packet that a capture must keep for the names in it to be complete.
_ENOUGH_OF_A_PACKET = 512

_NO_LOGS = (
    "No network log covers this flight, and a flight log alone cannot show "
    "which computers the devices contacted."
)

Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCoverage:
    """What one network log could record of a window."""

    file: str
    sha256: str
    format: str
    #: Capture window, shifted by the clock offset; ``None``: the log does not say.
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
    #: Declared devices without a contact in this log.
    unseen_devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCoverage:
    """How much of a window was recorded."""

    window: ContactTimeWindow | None
    #: Share of the window in which conversations of every device were recorded, 0 to 1.
    share: float
    #: Intervals in which they were not.
    gaps: tuple[Span, ...]
    logs: tuple[LogCoverage, ...]
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
        counts: Counter[str] = Counter()
        for log in self.logs:
            if not log.not_counted:
                counts.update(log.blind_spots)
        return dict(sorted(counts.items()))


def log_coverage(
    log: parsers.Log,
    window: ContactTimeWindow | None,
    devices: Sequence[str],
    settings: ContactMatchSettings,
) -> LogCoverage:
    """Return what a network log could record of a window, and whether it counts."""
    watch = log.capture_window or parsers.CaptureWindow(None, None)
    offset = pd.Timedelta(seconds=settings.clock_offset_s)
    start, end = (None if time is None else time + offset for time in (watch.start, watch.end))
    return LogCoverage(
        file=log.source.name,
        sha256=log.source.sha256,
        format=log.source.format,
        start=start,
        end=end,
        not_counted=_log_not_counted_reason(log, watch, devices)
        or _no_overlap_reason(start, end, window),
        snap_length=watch.snap_length,
        flow_count=watch.flow_count,
        unnamed_flow_count=watch.unnamed_flow_count,
        blind_spots=dict(watch.blind_spots),
        clock=log.clock.source,
        clock_uncertainty_s=log.clock.uncertainty_s,
        unseen_devices=tuple(
            device for device in devices if not is_from_devices(log.contacts, [device]).any()
        ),
    )


def network_coverage(
    window: ContactTimeWindow | None,
    logs: tuple[LogCoverage, ...],
    devices: tuple[str, ...],
    settings: ContactMatchSettings,
) -> NetworkCoverage:
    """Return how much of a window some logs recorded together.

    A log without a contact of a device did not record that device. Where several devices are
    declared, only the time in which all of them were recorded counts.
    """
    if window is None:
        insufficient_reason = "The time of the flight is not known." if logs else _NO_LOGS
        return NetworkCoverage(
            window=None,
            share=0.0,
            gaps=(),
            logs=logs,
            devices=devices,
            insufficient_reason=insufficient_reason,
            text="the time of the flight is not known",
        )
    by_device_spans = {device: _recorded_intervals(window, logs, device) for device in devices}
    # The window without every gap of every device.
    gaps = _union_of_spans(
        gap for recorded in by_device_spans.values() for gap in _unrecorded_gaps(window, recorded)
    )
    recorded = (
        list(_unrecorded_gaps(window, gaps)) if devices else _recorded_intervals(window, logs)
    )
    share = _recorded_share(window, recorded)
    by_device = {
        device: _recorded_share(window, spans) for device, spans in by_device_spans.items()
    }
    text = _coverage_text(window, share=share, by_device=by_device, logs=logs, settings=settings)
    insufficient_reason = _insufficient_coverage_reason(share, logs, settings, text)
    return NetworkCoverage(
        window=window,
        share=share,
        gaps=_unrecorded_gaps(window, recorded),
        logs=logs,
        devices=devices,
        insufficient_reason=insufficient_reason,
        text=text,
        by_device=by_device,
    )


def _recorded_intervals(
    window: ContactTimeWindow, logs: Sequence[LogCoverage], device: str | None = None
) -> list[Span]:
    """Return the intervals of a window that logs recorded; of a device, by logs that hold it."""
    return _union_of_spans(
        (max(log.start, window.start), min(log.end, window.end))
        for log in logs
        if not log.not_counted and log.start is not None and log.end is not None
        if device not in log.unseen_devices
    )


def _recorded_share(window: ContactTimeWindow, recorded: Sequence[Span]) -> float:
    """Return which part of the window was recorded, 0 to 1."""
    recorded_s = sum((end - start).total_seconds() for start, end in recorded)
    return recorded_s / window.duration_s if window.duration_s else float(bool(recorded))


def _log_not_counted_reason(
    log: parsers.Log, watch: parsers.CaptureWindow, devices: Sequence[str]
) -> str:
    """Return why a log does not count as coverage; empty: it counts."""
    if watch.start is None or watch.end is None:
        return "it does not state its capture window"
    if watch.flow_count is None:
        return "it does not hold all conversations"
    if watch.excluded_traffic:
        return f"it leaves out {watch.excluded_traffic}"
    if devices and not is_from_devices(log.contacts, devices).any():
        return "it holds no contact of the declared devices"
    if watch.snap_length is not None and watch.snap_length < _ENOUGH_OF_A_PACKET:
        return f"it kept only {watch.snap_length} bytes of each packet, too few for names"
    return ""


def _no_overlap_reason(
    start: pd.Timestamp | None, end: pd.Timestamp | None, window: ContactTimeWindow | None
) -> str:
    """Return that a log does not overlap the window; empty: it does."""
    outside = window and start and end and (end < window.start or start > window.end)
    return "it was recorded at another time" if outside else ""


def _union_of_spans(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _unrecorded_gaps(window: ContactTimeWindow, recorded: Sequence[Span]) -> tuple[Span, ...]:
    """Return the parts of the window that are not recorded."""
    edges = [window.start, *(time for span in recorded for time in span), window.end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((start, end) for start, end in pairs if start < end)


def _insufficient_coverage_reason(
    share: float, logs: Sequence[LogCoverage], settings: ContactMatchSettings, text: str
) -> str:
    """Return why the absence of a contact proves nothing; empty if it is conclusive."""
    if not logs:
        return _NO_LOGS
    if share < settings.min_coverage:
        needed = f"{100 * settings.min_coverage:g} %"
        return f"The absence of a contact proves nothing below {needed} coverage: {text}."
    if not share:
        # Whatever share a policy asks for.
        return f"The absence of a contact proves nothing: {text}."
    tunnelled = sum(
        log.blind_spots.get(name, 0) for log in logs if not log.not_counted for name in _TUNNELS
    )
    if tunnelled:
        return (
            "The absence of a contact proves nothing: "
            f"{tunnelled} conversations went through a tunnel."
        )
    return ""


def _coverage_text(
    window: ContactTimeWindow,
    *,
    share: float,
    by_device: Mapping[str, float],
    logs: Sequence[LogCoverage],
    settings: ContactMatchSettings,
) -> str:
    """Return in words how much of the window was recorded, and by which logs."""
    counted = [log for log in logs if not log.not_counted]
    span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    counted_text = f"{len(counted)} of {len(logs)} network log{'s' * (len(logs) != 1)}"
    parts = [f"{percent_text(share)} of the window ({span}) was recorded, by {counted_text}"]
    parts.append(_device_coverage_text(by_device))
    if settings.clock_offset_s:
        parts.append(f"clocks shifted by {settings.clock_offset_s:+g} s")
    flows = sum(log.flow_count or 0 for log in counted)
    if unnamed := sum(log.unnamed_flow_count or 0 for log in counted):
        parts.append(f"{unnamed:,} of {flows:,} conversations have no name")
    blind_spots: Counter[str] = Counter()
    for log in counted:
        blind_spots.update(log.blind_spots)
    if blind_spots:
        blind = ", ".join(f"{name} {count:,}" for name, count in sorted(blind_spots.items()))
        parts.append(f"blind spots: {blind}")
    return "; ".join(parts)


def _device_coverage_text(by_device: Mapping[str, float]) -> str:
    """Return the devices that were recorded, with the share of each of several."""
    if not by_device:
        return "for all devices; none is declared"
    if len(by_device) == 1:
        return f"for device {next(iter(by_device))}"
    each = ", ".join(f"{device} {percent_text(share)}" for device, share in by_device.items())
    return f"for all {len(by_device)} devices at once ({each})"


def percent_text(share: float) -> str:
    """Return a share as per cent, never rounded up to 100 %."""
    tenths = int(share * 1000) / 10
    return f"{tenths:g} %" if tenths or not share else "less than 0.1 %"
