"""What reading and judging cost in another checkout and in this one, measured in turns.

    python benchmarks/side_by_side.py CHECKOUT [--samples FOLDER] [--rounds 10]

Two processes stay up and take turns, so that other work on the computer meets both alike: what
they differ by is a change of the code.  Read are the long logs of `stages.py` and the largest DJI
records, as a multiple of the SHA-256 of the same bytes; judged are logs of each kind, in
milliseconds a flight.  All times are of the CPU, the least of all rounds.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

# Of whichever checkout the process stands in.
sys.path.insert(0, str(Path.cwd()))

import parsers
from benchmarks.stages import KINDS, SAMPLES, cpu_seconds, logs_of_kind, write_long_logs
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.network import clear_contact_caches
from dji_audit.compliance.policy import DEFAULT, load_policy
from dji_audit.flights import assemble_flights

#: DJI records that are read, and logs of each kind that are judged.
MOST_LOGS = 12

LogsOfFiles = Sequence[Sequence[parsers.Log]]


def main() -> None:
    """Print both, or, for the other process, measure whenever a line comes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--samples", type=Path, default=SAMPLES)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--long-logs", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.long_logs is not None:
        measure_in_turns(chosen.samples, sorted(chosen.long_logs.iterdir()))
        return
    with tempfile.TemporaryDirectory() as folder:
        list(write_long_logs(chosen.samples, Path(folder)))
        there, here = least_seconds_side_by_side(
            (chosen.checkout, Path.cwd()), chosen.samples, Path(folder), chosen.rounds
        )
    print(f"{'':32}{'there':>9}{'here':>9}")
    for name in here:
        what, _, stage = name.partition(": ")
        if stage == "read":
            hashed = min(seconds[f"{what}: hash"] for seconds in (there, here))
            print(f"{f'{what}, read/hash':32}{there[name] / hashed:9.1f}{here[name] / hashed:9.1f}")
        elif stage == "judge":
            print(f"{f'{what}, judge ms':32}{1000 * there[name]:9.1f}{1000 * here[name]:9.1f}")


def least_seconds_side_by_side(
    checkouts: Sequence[Path], samples: Path, long_logs: Path, rounds: int
) -> list[dict[str, float]]:
    """Return the least seconds of each thing that was measured, for each checkout."""
    command = [sys.executable, str(Path(__file__).resolve()), ".", "--samples", str(samples)]
    measuring = [
        subprocess.Popen(
            [*command, "--long-logs", str(long_logs)],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for checkout in checkouts
    ]
    least: list[dict[str, float]] = [{} for _ in checkouts]
    for _ in range(rounds):
        for known, process in zip(least, measuring, strict=True):
            if process.stdin is None or process.stdout is None:
                raise OSError("no pipe to the process that measures")
            print(file=process.stdin, flush=True)
            for name, seconds in json.loads(process.stdout.readline()).items():
                known[name] = min(seconds, known.get(name, seconds))
    for process in measuring:
        process.communicate()
    return least


def measure_in_turns(samples: Path, long_logs: Sequence[Path]) -> None:
    """Measure once for each line that comes, and print seconds by what they were spent on."""
    records = sorted(logs_of_kind(samples, "DJI app record"), key=lambda path: path.stat().st_size)
    read = {path.name: [path] for path in long_logs} | {"DJI app records": records[-MOST_LOGS:]}
    judged = {kind: _read_logs_of_kind(samples, kind) for kind in KINDS}
    _seconds_by_stage(read, judged)  # imports what is needed
    for _ in sys.stdin:
        print(json.dumps(_seconds_by_stage(read, judged)), flush=True)


def _read_logs_of_kind(samples: Path, kind: str) -> LogsOfFiles:
    paths = logs_of_kind(samples, kind)
    paths = paths[:: max(1, len(paths) // MOST_LOGS)]
    return [logs for path in paths if (logs := _read_logs(path))]


def _read_logs(path: Path) -> Sequence[parsers.Log]:
    return parsers.read_content(parsers.open_content(path)).logs


def _seconds_by_stage(
    read: Mapping[str, Sequence[Path]], judged: Mapping[str, LogsOfFiles]
) -> dict[str, float]:
    """Return seconds to hash and to read some files, and those a flight to judge some logs."""
    seconds = {}
    for name, paths in read.items():
        contents = [path.read_bytes() for path in paths]
        seconds[f"{name}: hash"] = sum(cpu_seconds(partial(hashlib.sha256, it)) for it in contents)
        seconds[f"{name}: read"] = sum(cpu_seconds(partial(_read_logs, path)) for path in paths)
    for name, logs_of_files in judged.items():
        spent = [_seconds_to_judge(logs) for logs in logs_of_files]
        flights = sum(len(each) for each in spent)
        seconds[f"{name}: judge"] = sum(map(sum, spent)) / max(1, flights)
    return seconds


def _seconds_to_judge(logs: Sequence[parsers.Log]) -> list[float]:
    """Return the seconds of each flight of some logs, nothing of which is known already."""
    policy, context = load_policy(DEFAULT), AuditContext()
    seconds = []
    for flight in assemble_flights(*logs):
        clear_contact_caches()
        seconds.append(cpu_seconds(partial(audit_flight, flight, policy, context)))
    return seconds


if __name__ == "__main__":
    main()
