"""How much of a window was watched, by which logs, and to what they were blind."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

import parsers
from dji_audit.compliance.network._devices import told_of
from dji_audit.compliance.network._match_settings import Terms, Window

#: Blind spots in which every name may be hidden, so that silence means nothing.
_TUNNELS = ("tunnel", "vpn")
#: Bytes of a packet that must be kept for the names in it to be whole.
_ENOUGH_OF_A_PACKET = 512

_NO_LOGS = (
    "No network evidence covers this flight, and a flight log alone cannot show "
    "which computers were talked to."
)

Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, slots=True)
class Watching:
    """What one network log could see of a window."""

    file: str
    sha256: str
    format: str
    #: Shifted by the clock offset; ``None``: the log does not say.
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: Why it does not count towards the coverage; empty: it does.
    not_counted: str
    #: Bytes of each packet that were kept, if fewer than it had.
    snap_length: int | None
    flow_count: int | None
    unnamed_flow_count: int | None
    blind_spots: Mapping[str, int] = field(default_factory=dict)
    #: Where its times are from, and how well they are known.
    clock: str | None = None
    clock_uncertainty_s: float | None = None
    #: Declared devices of which it holds no contact.
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a window was watched."""

    window: Window | None
    #: Part of the window in which conversations of every device were watched, 0 to 1.
    share: float
    #: Parts of it in which they were not.
    gaps: tuple[Span, ...]
    logs: tuple[Watching, ...]
    #: Devices whose contacts count; empty: all devices that the logs saw.
    devices: tuple[str, ...]
    #: Why silence means nothing here, in a sentence; empty: it does mean something.
    lacking: str
    #: What the coverage is, in words.
    text: str
    #: Declared device -> part of the window in which its own conversations were watched.
    by_device: Mapping[str, float] = field(default_factory=dict)

    @property
    def blind_spots(self) -> dict[str, int]:
        """What hid names from the logs that count, and how often."""
        found: Counter[str] = Counter()
        for log in self.logs:
            if not log.not_counted:
                found.update(log.blind_spots)
        return dict(sorted(found.items()))


def watching(
    log: parsers.Log, window: Window | None, devices: Sequence[str], terms: Terms
) -> Watching:
    """Return what a network log could see of a window, and whether it counts."""
    watch = log.watch or parsers.Watch(None, None)
    offset = pd.Timedelta(seconds=terms.clock_offset_s)
    start, end = (None if time is None else time + offset for time in (watch.start, watch.end))
    return Watching(
        log.source.name,
        log.source.sha256,
        log.source.format,
        start,
        end,
        _not_counted(log, watch, devices) or _elsewhere(start, end, window),
        watch.snap_length,
        watch.flow_count,
        watch.unnamed_flow_count,
        dict(watch.blind_spots),
        log.clock.source,
        log.clock.uncertainty_s,
        tuple(device for device in devices if not told_of(log.contacts, [device]).any()),
    )


def cover(
    window: Window | None, logs: tuple[Watching, ...], devices: tuple[str, ...], terms: Terms
) -> Coverage:
    """Return how much of a window some logs watched, together.

    A log that holds no contact of a device did not watch it. Where several are declared the
    window was watched where each of them was.
    """
    if window is None:
        lacking = "The flight has no time." if logs else _NO_LOGS
        return Coverage(None, 0.0, (), logs, devices, lacking, "the flight has no time")
    each = {device: _seen(window, logs, device) for device in devices}
    # Where one was not watched, all were not: the window less every gap of every device.
    gaps = _union(gap for seen in each.values() for gap in _gaps(window, seen))
    seen = list(_gaps(window, gaps)) if devices else _seen(window, logs)
    share = _share(window, seen)
    by_device = {device: _share(window, spans) for device, spans in each.items()}
    text = _text(window, share, by_device, logs, terms)
    lacking = _lacking(share, logs, terms, text)
    return Coverage(window, share, _gaps(window, seen), logs, devices, lacking, text, by_device)


def _seen(window: Window, logs: Sequence[Watching], device: str | None = None) -> list[Span]:
    """Return the parts of a window that logs watched; of one device, those that saw it."""
    return _union(
        (max(log.start, window.start), min(log.end, window.end))
        for log in logs
        if not log.not_counted and log.start is not None and log.end is not None
        if device not in log.unseen
    )


def _share(window: Window, seen: Sequence[Span]) -> float:
    watched = sum((end - start).total_seconds() for start, end in seen)
    return watched / window.seconds if window.seconds else float(bool(seen))


def _not_counted(log: parsers.Log, watch: parsers.Watch, devices: Sequence[str]) -> str:
    if watch.start is None or watch.end is None:
        return "it does not say from when to when it watched"
    if watch.flow_count is None:
        return "it does not hold all conversations"
    if watch.misses:
        return f"it leaves out {watch.misses}"
    if devices and not told_of(log.contacts, devices).any():
        return "it saw none of the declared devices"
    if watch.snap_length is not None and watch.snap_length < _ENOUGH_OF_A_PACKET:
        return f"it kept only {watch.snap_length} bytes of each packet, too few for names"
    return ""


def _elsewhere(start: pd.Timestamp | None, end: pd.Timestamp | None, window: Window | None) -> str:
    apart = window and start and end and (end < window.start or start > window.end)
    return "it watched at another time" if apart else ""


def _union(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _gaps(window: Window, seen: Sequence[Span]) -> tuple[Span, ...]:
    edges = [window.start, *(time for span in seen for time in span), window.end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((start, end) for start, end in pairs if start < end)


def _lacking(share: float, logs: Sequence[Watching], terms: Terms, text: str) -> str:
    """Return why silence means nothing; empty if it means something."""
    if not logs:
        return _NO_LOGS
    if share < terms.min_coverage:
        return f"Silence means nothing below {100 * terms.min_coverage:g} %: {text}."
    if not share:
        # However little a policy asks for.
        return f"Silence means nothing where nothing was watched: {text}."
    hidden = sum(
        log.blind_spots.get(name, 0) for log in logs if not log.not_counted for name in _TUNNELS
    )
    if hidden:
        return f"Silence means nothing here: {hidden} conversations ran through a tunnel."
    return ""


def _text(
    window: Window,
    share: float,
    by_device: Mapping[str, float],
    logs: Sequence[Watching],
    terms: Terms,
) -> str:
    counted = [log for log in logs if not log.not_counted]
    span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    by = f"{len(counted)} of {len(logs)} network log{'s' * (len(logs) != 1)}"
    parts = [f"{_percent(share)} of the window ({span}) was watched, by {by}"]
    parts.append(_of_whom(by_device))
    if terms.clock_offset_s:
        parts.append(f"clocks moved by {terms.clock_offset_s:+g} s")
    flows = sum(log.flow_count or 0 for log in counted)
    if unnamed := sum(log.unnamed_flow_count or 0 for log in counted):
        parts.append(f"{unnamed:,} of {flows:,} conversations have no name")
    spots: Counter[str] = Counter()
    for log in counted:
        spots.update(log.blind_spots)
    if spots:
        blind = ", ".join(f"{name} {count:,}" for name, count in sorted(spots.items()))
        parts.append(f"blind spots: {blind}")
    return "; ".join(parts)


def _of_whom(by_device: Mapping[str, float]) -> str:
    """Return whose conversations were watched, and how much of the window of each of several."""
    if not by_device:
        return "of all devices; none is declared"
    if len(by_device) == 1:
        return f"of {next(iter(by_device))}"
    each = ", ".join(f"{device} {_percent(share)}" for device, share in by_device.items())
    return f"of all {len(by_device)} devices at once ({each})"


def _percent(share: float) -> str:
    """Return a share in words that never round up to the whole."""
    tenths = int(share * 1000) / 10
    return f"{tenths:g} %" if tenths or not share else "less than 0.1 %"
