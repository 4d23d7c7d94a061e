"""Measure the DJI DAT reader on a log of 100 MB or more, beside the hash of the same bytes.

    python benchmarks/dji_dat.py [LOG] [--megabytes 105]

The log is made by repeating another: each turn is one more power-up, a day later, with the
checksums of its GPS records made anew, so that it is valid throughout.  Each task runs in a fresh
process; wall time is the best of five, imports excluded; memory is the peak resident size of the
process, the mapped file included.  Our figure includes the SHA-256 and all tables.
"""

import argparse
import json
import statistics
import struct
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT.parent / "shared/samples/dji_dat/synthetic/SYNTH_V3_FLY001.DAT"
OURS_TO_GIVE = ROOT / "sample_logs" / "FLY042.DAT"
GPS = 2096

READ = """
import json, resource, sys, time
sys.path.insert(0, {root!r})
from parsers import formats, read
import pandas
formats()
begin = time.perf_counter()
log = read({path!r})
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak, len(log.track), sum(log.record_counts.values())]))
"""
HASH = """
import hashlib, json, mmap, resource, time
with open({path!r}, "rb") as file:
    begin = time.perf_counter()
    hashlib.sha256(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)).hexdigest()
    seconds = time.perf_counter() - begin
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0, 0]))
"""


def gps_records(data: bytearray) -> list[int]:
    """Return where the GPS records of a whole log begin."""
    at, found = 256, []
    while at + 12 <= len(data):
        length, kind = struct.unpack_from("<xHxH", data, at)
        if kind == GPS:
            found.append(at)
        at += length
    return found


def enlarge(source: Path, target: Path, size: int) -> None:
    """Write a log of at least ``size`` bytes by repeating another, each turn a day later."""
    from sample_logs.dji_dat import crc16

    data = bytearray(source.read_bytes())
    places = gps_records(data)
    with target.open("wb") as out:
        while out.tell() < size:
            out.write(data)
            for at in places:
                (length,) = struct.unpack_from("<H", data, at + 1)
                key = data[at + 6] * 0x01010101
                (day,) = struct.unpack_from("<I", data, at + 10)
                if digits := day ^ key:
                    text = str(digits)
                    then = date(int(text[:4]), int(text[4:6]), int(text[6:])) + timedelta(1)
                    struct.pack_into("<I", data, at + 10, int(f"{then:%Y%m%d}") ^ key)
                    checked = crc16(bytes(data[at : at + length - 2]))
                    struct.pack_into("<H", data, at + length - 2, checked)


def run(script: str) -> tuple[float, float, int, int]:
    """Return seconds, peak megabytes, rows and records of a fresh process."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, peak, rows, records = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak, rows, records


def main() -> None:
    """Make the log, read and hash it, print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("log", nargs="?", type=Path)
    options.add_argument("--megabytes", type=int, default=105)
    chosen = options.parse_args()
    log = chosen.log or (SAMPLE if SAMPLE.exists() else OURS_TO_GIVE)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "FLY100.DAT"
        enlarge(log, big, chosen.megabytes * 1_000_000)
        size = big.stat().st_size / 1e6
        tasks = [task.format(root=str(ROOT), path=str(big)) for task in (READ, HASH)]
        rounds = [[run(task) for task in tasks] for _ in range(5)]
    out = sys.stdout.write
    out(f"{size:.1f} MB made from {log.name}\n")
    out("| task | s | MB/s | peak MB | rows | records |\n|---|---|---|---|---|---|\n")
    best = []
    for number, name in enumerate(("dji-audit, all tables and SHA-256", "SHA-256 alone")):
        runs = [each[number] for each in rounds]
        best.append(min(each[0] for each in runs))
        peak = statistics.median(each[1] for each in runs)
        out(f"| {name} | {best[-1]:.2f} | {size / best[-1]:.0f} | {peak:.0f} ")
        out(f"| {runs[0][2]} | {runs[0][3]} |\n")
    out(f"ratio to the hash: {best[0] / best[1]:.1f}\n")


if __name__ == "__main__":
    main()
