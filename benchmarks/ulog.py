"""Compare the ULog reader with pyulog, side by side, on a log of 100 MB or more.

    python benchmarks/ulog.py [LOG] [--megabytes 130]

The log is made from a real one: its data section is repeated and every time in
it is moved on by the length of the flight, so that it is valid throughout.  Each
task runs in a fresh process; wall time is the best of five, imports excluded;
memory is the peak resident size of the process, the mapped file included.
pyulog is asked for the topics of the audit only, which is its fastest way, and
makes no table of them; our figure includes the SHA-256 and all tables.
"""

import argparse
import json
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT.parent / "shared/samples/mavlink/AscendEngineering+UpgradeEnergy" / "test.ulg"
WIDTHS = {"8": 1, "16": 2, "32": 4, "64": 8, "float": 4, "double": 8, "bool": 1, "char": 1}
MOVED = ("timestamp", "timestamp_sample", "time_utc_usec")

OURS = """
import pathlib, sys
sys.path.insert(0, {root!r})
import pandas
from parsers import open_content
from parsers.mavlink.ulog import FORMAT
def task():
    return FORMAT.read(open_content(pathlib.Path({path!r})), ())
"""
THEIRS = """
import numpy
from pyulog import ULog
def task():
    return ULog({path!r}, {topics!r})
"""
MEASURED = """
import json, resource, time
wall, cpu = time.perf_counter(), time.process_time()
log = task()
figures = [time.perf_counter() - wall, time.process_time() - cpu]
print(json.dumps([*figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def records(data: bytes) -> list[tuple[int, int, int]]:
    """Return offset, size and type of every record, one after another."""
    at, found = 16, []
    while at + 3 <= len(data):
        size, letter = struct.unpack_from("<HB", data, at)
        found.append((at, size, letter))
        at += 3 + size
    return found


def moved_fields(text: str) -> list[int]:
    """Return the places of the time fields of a format without nested ones before them."""
    at, places = 0, []
    for field in text.partition(":")[2].split(";"):
        kind, _, name = field.partition(" ")
        base, _, count = kind.rstrip("]").partition("[")
        width = WIDTHS.get(base.removesuffix("_t").lstrip("uint") or base, WIDTHS.get(base, 0))
        if not width:
            break
        if name in MOVED:
            places.append(at)
        at += width * int(count or 1)
    return places


def enlarge(source: Path, target: Path, size: int) -> None:
    """Write a log of at least ``size`` bytes by repeating the data of a real one."""
    data = source.read_bytes()
    formats: dict[str, list[int]] = {}
    topics: dict[int, str] = {}
    places: list[int] = []
    begin = 0
    for at, length, letter in records(data):
        body = data[at + 3 : at + 3 + length]
        if letter == ord("F"):
            formats[body.decode().partition(":")[0]] = moved_fields(body.decode())
        elif letter == ord("A"):
            topics[struct.unpack_from("<H", body, 1)[0]] = body[3:].decode()
        elif letter == ord("D"):
            begin = begin or at
            fields = formats[topics[struct.unpack_from("<H", body)[0]]]
            places.extend(at + 5 + field for field in fields)
        elif letter == ord("L") and begin:
            places.append(at + 4)
    block = np.frombuffer(data, np.uint8)[begin:].copy()
    at_times = np.array([place - begin for place in places if place >= begin])
    window = np.lib.stride_tricks.sliding_window_view(block, 8)
    times = window[at_times].view("<u8")[:, 0]
    usual = times[(times > 0)]
    span = int(np.percentile(usual[usual < 1 << 40], 99.9) - usual.min()) + 1_000_000
    with target.open("wb") as out:
        out.write(data[:begin])
        turn = 0
        while out.tell() < size:
            shifted = np.where(times > 0, times + np.uint64(turn * span), 0).astype("<u8")
            copy = block.copy()
            copy[at_times[:, None] + np.arange(8)] = shifted.view(np.uint8).reshape(-1, 8)
            out.write(copy.tobytes())
            turn += 1


def run(script: str) -> tuple[float, float, float]:
    """Return wall seconds, processor seconds and peak megabytes of a fresh process."""
    done = subprocess.run([sys.executable, "-c", script + MEASURED], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    wall, cpu, peak = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu, peak


def measure(scripts: list[str], rounds: int = 5) -> list[tuple[float, float, float]]:
    """Return the least seconds and the median peak of each; they take turns in each round."""
    runs = [[run(script) for script in scripts] for _ in range(rounds)]
    return [
        (
            min(each[0] for each in column),
            min(each[1] for each in column),
            statistics.median(each[2] for each in column),
        )
        for column in zip(*runs, strict=True)
    ]


def main() -> None:
    """Make the log, run both, print the figures and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("log", nargs="?", type=Path, default=SAMPLE)
    options.add_argument("--megabytes", type=int, default=130)
    chosen = options.parse_args()
    sys.path.insert(0, str(ROOT))
    from parsers.mavlink.ulog._ulog_context import TABLE_TOPICS

    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "big.ulg"
        enlarge(chosen.log, big, chosen.megabytes * 1_000_000)
        size = big.stat().st_size / 1e6
        ours, some, every = measure(
            [
                OURS.format(root=str(ROOT), path=str(big)),
                THEIRS.format(path=str(big), topics=list(TABLE_TOPICS)),
                THEIRS.format(path=str(big), topics=None),
            ]
        )
    out = sys.stdout.write
    out(f"{size:.1f} MB made from {chosen.log.name}\n")
    out("| task | s | CPU s | MB/s | peak MB | peak less file |\n|---|---|---|---|---|---|\n")
    for name, (wall, cpu, peak) in (
        ("dji-audit, all tables and SHA-256", ours),
        ("pyulog, topics of the audit", some),
        ("pyulog, all topics", every),
    ):
        figures = f"{wall:.2f} | {cpu:.2f} | {size / wall:.0f} | {peak:.0f} | {peak - size:.0f}"
        out(f"| {name} | {figures} |\n")
    for name, theirs in (("the topics of the audit", some), ("all topics", every)):
        ratios = f"{theirs[0] / ours[0]:.1f} (of CPU time {theirs[1] / ours[1]:.1f})"
        out(f"times faster than pyulog with {name}: {ratios}\n")


if __name__ == "__main__":
    main()
