"""Packet captures: contacts of a long capture, against dpkt and scapy.

``python benchmarks/pcap.py [--megabytes 200]`` makes a long capture of real ones by
repeating their packets with shifted times and other addresses, then lets each reader read
it in a process of its own, and prints seconds, ratios and peak memory.  The peers are asked
for less than we give: the names in DNS, TLS and HTTP, and the bytes between each two ends;
no QUIC, no reassembly, no SHA-256.  "iterate" is their bare loop over the packets.  Ratios
are of the processor's time, which other work on the machine disturbs least.
"""

import argparse
import importlib
import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
SAMPLES = ROOT.parent / "shared" / "samples" / "network"
SYNTHETIC = ROOT / "sample_logs" / "network"
#: Captures of Ethernet, as they come from browsers, phones and apps.
NAMES = ("ndpi_1kxun.pcap", "ndpi_443-firefox.pcap", "ndpi_wechat.pcap", "ndpi_weibo.pcap",
         "ndpi_iphone.pcap", "ndpi_android.pcap", "ndpi_googledns_android10.pcap")  # fmt: skip
DAY_S = 86_400


def lengthen(size: int, out: Path) -> list[str]:
    """Write a capture of at least ``size`` bytes; return the names of those it is made of."""
    import numpy as np

    chosen = [SAMPLES / name for name in NAMES if (SAMPLES / name).exists()]
    chosen = chosen or sorted(SYNTHETIC.glob("*.pcap"))
    body, times, places, first = bytearray(), [], [], 1_778_700_000
    for path in chosen:
        data = path.read_bytes()
        at, base = 24, struct.unpack_from("<I", data, 24)[0]
        while at + 16 <= len(data):
            kept = struct.unpack_from("<I", data, at + 8)[0]
            times.append((len(body), first + struct.unpack_from("<I", data, at)[0] - base))
            if data[at + 28 : at + 30] == b"\x08\x00":
                places += [len(body) + 16 + 14 + 13, len(body) + 16 + 14 + 17]
            body += data[at : at + 16 + kept]
            at += 16 + kept
        first = times[-1][1] + 10
    piece = np.frombuffer(bytes(body), np.uint8).copy()
    second = np.array(places)
    stamps = np.array([place for place, _ in times])[:, None] + np.arange(4)
    seconds = np.array([seconds for _, seconds in times], np.uint32)
    with out.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        copies = 0
        while file.tell() < size:
            piece[stamps] = (
                (seconds + copies * DAY_S // 24).astype("<u4").view(np.uint8).reshape(-1, 4)
            )
            file.write(piece.tobytes())
            piece[second] += 1  # other addresses: conversations of their own
            copies += 1
    return [path.name for path in chosen]


# Readers: each returns how many packets it saw and how many names it found


def ours(path: str) -> tuple[int, int]:
    """Read the audit tables, with SHA-256 of every byte."""
    from parsers import open_content
    from parsers.network.pcap import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return log.record_counts["packets"], int(log.contacts.host.nunique())


def ours_all(path: str) -> tuple[int, int]:
    """Read the audit tables, and lay out every record."""
    from parsers import open_content
    from parsers.network.pcap import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    counts = {name: len(log.records(name)) for name in log.record_counts}
    return counts["packets"], int(log.contacts.host.nunique())


def dpkt_iterate(path: str) -> tuple[int, int]:
    """Loop over the packets with dpkt and look at none."""
    dpkt = importlib.import_module("dpkt")
    with Path(path).open("rb") as file:
        return sum(1 for _ in dpkt.pcap.Reader(file)), 0


def dpkt_names(path: str) -> tuple[int, int]:
    """Find names and bytes with dpkt."""
    dpkt = importlib.import_module("dpkt")
    names: set[str] = set()
    sent: Counter[tuple[bytes, bytes, int, int]] = Counter()
    count = 0
    with Path(path).open("rb") as file:
        for _, data in dpkt.pcap.Reader(file):
            count += 1
            try:
                packet = dpkt.ethernet.Ethernet(data).data
                if not isinstance(packet, (dpkt.ip.IP, dpkt.ip6.IP6)):
                    continue
                part = packet.data
                if isinstance(part, (dpkt.tcp.TCP, dpkt.udp.UDP)):
                    key = packet.src, packet.dst, part.sport, part.dport
                    sent[key] += len(part.data)
                    names.update(_named(dpkt, part))
            except (dpkt.UnpackError, IndexError, AttributeError, UnicodeDecodeError):
                continue
    return count, len(names)


def _named(dpkt: Any, part: Any) -> Iterator[str]:
    """Yield the names in one packet."""
    data = part.data
    if isinstance(part, dpkt.udp.UDP):
        if 53 in (part.sport, part.dport):
            yield from (question.name for question in dpkt.dns.DNS(data).qd)
    elif data[:2] == b"\x16\x03" and data[5:6] == b"\x01":
        hello = dpkt.ssl.TLSHandshake(dpkt.ssl.TLSRecord(data).data).data
        yield from (body[5:].decode() for kind, body in hello.extensions if kind == 0)
    elif data[:4] in (b"GET ", b"POST", b"PUT ", b"HEAD"):
        yield dpkt.http.Request(data).headers.get("host", "")


def scapy_iterate(path: str) -> tuple[int, int]:
    """Loop over the packets with scapy and take none apart."""
    utils = importlib.import_module("scapy.utils")
    with utils.RawPcapReader(path) as reader:
        return sum(1 for _ in reader), 0


def scapy_names(path: str) -> tuple[int, int]:
    """Find names and bytes with scapy, from DNS alone."""
    layers, utils = importlib.import_module("scapy.all"), importlib.import_module("scapy.utils")
    names: set[bytes] = set()
    sent: Counter[tuple[str, str, int, int]] = Counter()
    count = 0
    with utils.PcapReader(path) as reader:
        for packet in reader:
            count += 1
            if packet.haslayer(layers.DNSQR):
                names.add(packet[layers.DNSQR].qname)
            for kind in (layers.TCP, layers.UDP):
                if packet.haslayer(kind) and packet.haslayer(layers.IP):
                    ip, part = packet[layers.IP], packet[kind]
                    sent[ip.src, ip.dst, part.sport, part.dport] += len(part.payload)
    return count, len(names)


READERS: dict[str, Callable[[str], tuple[int, int]]] = {
    "dji-audit tables": ours,
    "dji-audit all records": ours_all,
    "dpkt iterate": dpkt_iterate,
    "dpkt names and bytes": dpkt_names,
    "scapy iterate": scapy_iterate,
    "scapy names and bytes": scapy_names,
}


def measure(reader: str, path: str) -> None:
    """Print what one reader needs, in this process, without its imports."""
    module = {"dpkt": "dpkt", "scapy": "scapy.all"}.get(reader.split()[0], "parsers.network.pcap")
    importlib.import_module(module)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processor, start = time.process_time(), time.perf_counter()
    packets, names = READERS[reader](path)
    used = {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - processor,
        "packets": packets,
        "names": names,
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "before_kb": before,
    }
    sys.stdout.write(json.dumps(used))


def compare(megabytes: int, runs: int) -> None:
    """Print a table of all readers on one long capture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pcap"
        made_of = lengthen(megabytes * 1_000_000, path)
        size = path.stat().st_size / 1e6
        sys.stdout.write(f"{size:.1f} MB of {', '.join(made_of)}\n")
        base = 0.0
        for reader in READERS:
            best = _best(reader, path, 1 if reader == "scapy names and bytes" else runs)
            if best is None:
                sys.stdout.write(f"  {reader:24} not here, or failed\n")
                continue
            base = base or best["processor"]
            sys.stdout.write(
                f"  {reader:24} {best['seconds']:7.2f} s, of the processor"
                f" {best['processor']:7.2f} s ({best['processor'] / base:5.1f} times ours)"
                f" {best['packets']:>9} packets {best['names']:>5} names,"
                f" peak {best['peak_kb'] / 1e3:5.0f} MB ({best['before_kb'] / 1e3:.0f} MB before)\n"
            )
            sys.stdout.flush()


def _best(reader: str, path: Path, runs: int) -> dict[str, Any] | None:
    """Return the fastest of some runs; ``None``: the reader is not installed, or failed."""
    found: list[dict[str, Any]] = []
    for _ in range(runs):
        command = [sys.executable, __file__, "--measure", reader, "--capture", str(path)]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        if done.returncode:
            return None
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return min(found, key=lambda one: float(one["processor"]))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--capture", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.capture)
    else:
        compare(chosen.megabytes, chosen.runs)


if __name__ == "__main__":
    main()
