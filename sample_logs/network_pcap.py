"""Write the controller's traffic as a router saw it (pcap) and as an app on it did (pcapng).

From draft-ietf-opsawg-pcap and -pcapng and PCAPdroid's source; no reader is imported.
"""

import struct
from pathlib import Path
from typing import Any

from sample_logs.facts import file_facts
from sample_logs.network_story import APP, DEVICE, PACKAGE, RESOLVER, UID
from sample_logs.network_traffic import (
    PHONE,
    SERVICES,
    SYSTEM,
    Packet,
    Traffic,
    build_traffic,
    utc,
)
from sample_logs.story import Story

ROUTER_NAME = "2026-05-14_router_wlan0.pcap"
PHONE_NAME = "PCAPdroid_14_May_09_40_11.pcapng"
SNAP_LENGTH = 1300
_ETHERNET, _RAW = 1, 101
_MACS = {
    DEVICE: bytes.fromhex("020000080014"), PHONE: bytes.fromhex("02000008001e"),
}  # fmt: skip
_ROUTER_MAC = bytes.fromhex("020000080001")
#: Number of each app's user on the device.
_USERS = {PACKAGE: UID, SERVICES: 10_102, SYSTEM: 1000}
_NAMES = {PACKAGE: APP, SERVICES: "Google Play services", SYSTEM: "Android"}
_PCAPDROID = 62_652


def write_network_captures(folder: Path, story: Story) -> dict[str, Any]:
    """Write both captures; return what is true of each."""
    del story  # the flight is not seen on the network
    traffic = build_traffic()
    truths = {}
    for name, write, packets, apps in (
        (ROUTER_NAME, router_capture, traffic.packets, False),
        (PHONE_NAME, phone_capture, [p for p in traffic.packets if p.device == DEVICE], True),
    ):
        data = write(packets)
        (folder / name).write_bytes(data)
        truths[name] = _truth(data, traffic, packets, apps)
    return truths


def router_capture(packets: list[Packet]) -> bytes:
    """Return packets as ``tcpdump -i wlan0 -s 1300`` writes them."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP_LENGTH, _ETHERNET)]
    for packet in packets:
        mac, up = _MACS[packet.device], _sent(packet)
        ends = _ROUTER_MAC + mac if up else mac + _ROUTER_MAC
        frame = ends + b"\x08\x00" + packet.data
        seconds, fraction = divmod(packet.time_us, 10**6)
        kept = frame[:SNAP_LENGTH]
        out.append(struct.pack("<IIII", seconds, fraction, len(kept), len(frame)) + kept)
    return b"".join(out)


def _sent(packet: Packet) -> bool:
    """Return whether the device sent it, by its source address."""
    return ".".join(map(str, packet.data[12:16])) == packet.device


def phone_capture(packets: list[Packet]) -> bytes:
    """Return packets as PCAPdroid writes them with its extensions: apps in blocks and comments."""
    options = (
        _option(2, b"Example RC") + _option(3, b"Android 13") + _option(4, b"PCAPdroid v1.8.0")
    )
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options + bytes(4)
    out = [_block(0x0A0D0D0A, body), _block(1, struct.pack("<HHI", _RAW, 0, SNAP_LENGTH))]
    mapped: set[str] = set()
    for packet in packets:
        user = _USERS[packet.app]
        if packet.app not in mapped:
            mapped.add(packet.app)
            names = packet.app.encode(), _NAMES[packet.app].encode()
            custom = struct.pack("<IHBBIBB", _PCAPDROID, 1, 1, 0, user, *map(len, names))
            out.append(_block(0x0BAD, custom + b"".join(names)))
        kept = packet.data[:SNAP_LENGTH]
        head = struct.pack(
            "<IIIII", 0, packet.time_us >> 32, packet.time_us & 0xFFFFFFFF, len(kept),
            len(packet.data),
        )  # fmt: skip
        comment = _option(1, f"u-{user}".encode()) + bytes(4)
        out.append(_block(6, head + _padded(kept) + comment))
    return b"".join(out)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + _padded(data)


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", 12 + len(_padded(body)))
    return struct.pack("<I", kind) + size + _padded(body) + size


def _truth(data: bytes, traffic: Traffic, packets: list[Packet], apps: bool) -> dict[str, Any]:
    devices = {packet.device for packet in packets}
    rows = [row for row in traffic.contacts if row["device"] in devices]
    ethernet = 0 if apps else 14
    return {
        **file_facts("packet capture", "1.0" if apps else "2.4", data),
        "clock": {"first_utc": utc(packets[0].time_us), "last_utc": utc(packets[-1].time_us)},
        "packets": len(packets),
        "cut_short": sum(len(packet.data) + ethernet > SNAP_LENGTH for packet in packets),
        "snap_length": SNAP_LENGTH,
        "resolver": RESOLVER,
        "contacts": [row if apps else row | {"app": None} for row in rows],
    }
