"""How much went over each link of a DataFlash log: MAVLink channels, serial ports, the radio.

``MAV`` counts the packets of each MAVLink channel, in 16 bits that begin anew;
``UART`` says how many bytes a second went over a serial port since the message
before it; ``RAD`` is what a telemetry radio says of its signal.  What is told is
what went over a link between the first and the last such message of a power-on.
"""

from collections.abc import Iterator

import numpy as np

from ._clock import Numbers
from ._context import Context, Row
from ._messages import Messages

#: Where a counter of `MAV` begins anew.
ROUND = 1 << 16


def traffic_events(log: Context) -> Iterator[Row]:
    """Yield for each power-on how much each link carried."""
    for found, label, tell in (
        (log.named("MAV"), "chan", _packets),
        (log.named("UART"), "I", _bytes),
        (log.named("RAD"), "", _signal),
    ):
        numbers = found.numbers(label) if label else np.zeros(len(found))
        for number in np.unique(numbers[np.isfinite(numbers)]).tolist():
            for rows in log.runs(found, numbers == number):
                yield tell(log, found, number, rows)


def _packets(log: Context, found: Messages, channel: float, rows: list[int]) -> Row:
    sent, received, lost = (_counted(found.numbers(name)[rows]) for name in ("txp", "rxp", "rxdp"))
    text = f"MAVLink channel {channel:g}: {sent} packets sent, {received} received, {lost} lost"
    return _over(log, found, rows, text, "rxp", float(received))


def _counted(counter: Numbers) -> int:
    """Return what a counter counted."""
    steps = np.diff(counter[np.isfinite(counter)])
    return int(np.where(steps < 0, steps + ROUND, steps).sum())


def _bytes(log: Context, found: Messages, port: float, rows: list[int]) -> Row:
    seconds = np.diff(log.times.boot_us(found)[rows]) / 1e6
    sent, received = (
        float(np.nansum(found.numbers(name)[rows][1:] * seconds)) for name in ("Tx", "Rx")
    )
    text = f"serial port {port:g}: about {sent:.0f} bytes sent, {received:.0f} received"
    return _over(log, found, rows, text, "Tx", sent)


def _signal(log: Context, found: Messages, _: float, rows: list[int]) -> Row:
    near, far = (float(np.median(found.numbers(name)[rows])) for name in ("RSSI", "RemRSSI"))
    text = f"telemetry radio: signal {near:g} here and {far:g} there in the middle, of 254"
    return _over(log, found, rows, text, "RSSI", near)


def _over(
    log: Context, found: Messages, rows: list[int], text: str, label: str, value: float
) -> Row:
    return log.event(
        found,
        rows[0],
        "link.signal",
        text,
        record=label,
        grade="measured",
        value=value,
        end=rows[-1] if len(rows) > 1 else None,
    )
