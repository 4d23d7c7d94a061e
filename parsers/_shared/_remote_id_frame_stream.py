"""Remote ID frames as a capture hands them over: each with when, how and from whom it came.

A packet capture finds them in the frames of its radios, and the family ``remote_id`` reads them:
this is the stream between the two.  It begins with ``MAGIC``; then come records, each a header
(`FRAME`) and the bytes of the frame that carry the identification, as they stand in the capture.
A record of the kind ``WATCH`` holds no frame: it states from when until when the receiver
recorded frames of any kind, without which "nothing was broadcast" means nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from .._record_layout import Layout, LayoutField

MAGIC = b"remote-id frames\n"
#: What the bytes of a record are.
OPEN_DRONE_ID, DJI_DRONE_ID, FRENCH_BEACON, WATCH = range(4)
#: How a frame travelled.
TRANSPORTS = {
    0: "Wi-Fi beacon",
    1: "Wi-Fi NAN",
    2: "Bluetooth",
    3: "Bluetooth long range",
}
WIFI_BEACON, WIFI_NAN, BLUETOOTH, BLUETOOTH_LONG_RANGE = TRANSPORTS
#: Whether the checksum of the radio fits the frame.
CHECKSUM_WRONG, CHECKSUM_FITS, CHECKSUM_UNKNOWN = range(3)
#: A signal strength that the receiver does not state.
NO_SIGNAL = 127
FRAME = Layout(
    "Remote ID frame",
    "this program",
    (
        LayoutField(
            "time_ns", 0, "<i8", "ns", meaning="received, since 1970; its minimum: unknown"
        ),
        LayoutField("address", 8, "S6", meaning="of the transmitter, as sent"),
        LayoutField("transport", 14, "u1", enum=TRANSPORTS),
        LayoutField("signal_dbm", 15, "i1", "dBm", meaning="at the receiver; 127: not stated"),
        LayoutField("kind", 16, "u1", meaning="0 ASTM F3411, 1 DJI, 2 France, 3 receiver on"),
        LayoutField("checksum", 17, "u1", meaning="0 does not fit, 1 fits, 2 unknown"),
        LayoutField("name_size", 18, "u1", "byte", meaning="of the network's name, which follows"),
        LayoutField("size", 19, "<u2", "byte", meaning="of the identification, behind the name"),
    ),
)
_HEADER = Struct("<q6sBbBBBH")
_SPAN = Struct("<qq")


@dataclass(frozen=True, slots=True)
class RemoteIdFrame:
    """One frame that carries an identification, or one stretch of time of the receiver."""

    #: Nanoseconds since 1970 by the receiver's clock; the least number there is: not known.
    time_ns: int
    address: bytes
    transport: int
    signal_dbm: int
    kind: int
    #: One of the ``CHECKSUM_`` numbers: a receiver may keep frames that it received damaged.
    checksum: int
    #: Name of the Wi-Fi network that the frame announces; empty: none.
    name: bytes
    #: The identification: counter and messages, or an element of the maker's.
    body: bytes
    #: First byte of the body in the stream.
    offset: int

    @property
    def receiver_recording_span_ns(self) -> tuple[int, int]:
        """From when until when the receiver recorded, of a record of the kind ``WATCH``.

        Raises:
            ValueError: If the body does not hold two times.
        """
        if len(self.body) != _SPAN.size:
            raise ValueError("not two times")
        start, end = _SPAN.unpack(self.body)
        return start, end


def pack_frame_header(
    time_ns: int,
    address: bytes,
    transport: int,
    signal_dbm: int,
    kind: int,
    checksum: int,
    name: bytes,
    size: int,
) -> bytes:
    """Return what stands before the bytes of an identification of ``size`` bytes."""
    name = name[:32]
    header = _HEADER.pack(time_ns, address, transport, signal_dbm, kind, checksum, len(name), size)
    return header + name


def pack_recording_span(start_ns: int, end_ns: int) -> bytes:
    """Return the record that a receiver recorded from one instant until another."""
    header = pack_frame_header(
        start_ns, bytes(6), 0, NO_SIGNAL, WATCH, CHECKSUM_UNKNOWN, b"", _SPAN.size
    )
    return header + _SPAN.pack(start_ns, end_ns)


def iterate_remote_id_frames(data: bytes) -> Iterator[RemoteIdFrame]:
    """Yield every whole record of a stream, in order, up to the first that is not whole."""
    at, end = len(MAGIC), len(data)
    while at + _HEADER.size <= end:
        time_ns, address, transport, signal, kind, checksum, name_size, size = _HEADER.unpack_from(
            data, at
        )
        name_at = at + _HEADER.size
        body_at = name_at + name_size
        if body_at + size > end:
            return
        yield RemoteIdFrame(
            time_ns,
            address,
            transport,
            signal,
            kind,
            checksum,
            data[name_at:body_at],
            data[body_at : body_at + size],
            body_at,
        )
        at = body_at + size
