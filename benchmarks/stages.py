"""What each stage of a run costs, as a multiple of the SHA-256 of the same bytes.

    python benchmarks/stages.py [--samples FOLDER] [--rounds 3] [--files 8] [--without-long]

Three tables.  Real logs, read, joined, judged and drawn in one process that is warm, as a worker of
a large run is: reading as a multiple of the hash, the rest in milliseconds a flight.  Long logs of
over 20 MB, made of real ones by repeating their records with later times: reading as a multiple of
the hash, and pymavlink's loop over all messages of the same file as a multiple of reading.  And
what a command needs before it does anything.

All times are of the CPU, the least of some rounds, and what is computed once for a flight is
forgotten before each round.  Other work on the computer raises them all the same, the hash less
than the rest: compare figures only with those that were measured at the same time.

The checkout that one stands in is measured.
"""

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path.cwd()))

import parsers
from benchmarks import dataflash, tlog
from dji_audit.compliance.audit import audit_flight, provenance_of_policy_catalogue_and_context
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.network import clear_contact_caches
from dji_audit.compliance.policy import DEFAULT, load_policy
from dji_audit.flights import assemble_flights
from dji_audit.mapper import render_flight_page_html

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
#: Kind of log -> folder and endings of its files; smaller ones hold no flight.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "DJI app record": ("dji_txt", (".txt",)),
    "DataFlash": ("mavlink", (".bin",)),
    "telemetry log": ("mavlink", (".tlog",)),
    "ULog": ("mavlink", (".ulg", ".ulog")),
}
LEAST_BYTES = 80_000
LONG_MB = 24
#: A stage, and what it may cost: times the hash, or milliseconds.
GOALS = {"read MAVLink over 20 MB": 4, "read DJI": 15, "judge": 15, "draw": 30, "start": 300}
#: A real log for each long one.
LONG_LOGS = {
    "DataFlash": (dataflash, "skapila+Control_Tunning_Project/FlightController/logs/00000001.BIN"),
    "telemetry log": (tlog, "1202martin+pymavlink_tutorial/mav.tlog"),
}


@dataclass(slots=True)
class Costs:
    """The least seconds of each stage of one file."""

    size: int
    flights: int = 0
    page_bytes: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def add_round(self, seconds: dict[str, float]) -> None:
        """Take in one round."""
        for stage, spent in seconds.items():
            self.seconds[stage] = min(spent, self.seconds.get(stage, spent))


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=Path, default=SAMPLES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=1000, help="of each kind, at most")
    parser.add_argument("--without-long", action="store_true", help="leave the long logs out")
    chosen = parser.parse_args()
    print(f"goals: {', '.join(f'{name} {goal}' for name, goal in GOALS.items())}\n")
    print_stages_of_real_logs(chosen.samples, chosen.rounds, chosen.files)
    if not chosen.without_long:
        print_reading_of_long_logs(chosen.samples, chosen.rounds)
    print_start(chosen.samples, chosen.rounds)


def print_stages_of_real_logs(samples: Path, rounds: int, most: int) -> None:
    """Print what reading, joining, judging and drawing cost for each kind of log."""
    head = f"{'kind':16}{'files':>6}{'MB':>7}{'read/hash':>11}{'ms a file':>11}{'flights':>9}"
    print(f"{head}{'join ms':>9}{'judge ms':>10}{'draw ms':>9}{'page kB':>9}")
    for kind in KINDS:
        paths = logs_of_kind(samples, kind)
        paths = paths[:: max(1, len(paths) // most)]
        costs = [cost for path in paths if (cost := stages_of(path, rounds)) is not None]
        if not costs:
            print(f"{kind:16} no logs here")
            continue
        total = {stage: sum(cost.seconds[stage] for cost in costs) for stage in costs[0].seconds}
        flights = max(1, sum(cost.flights for cost in costs))
        print(
            f"{kind:16}{len(costs):6}{sum(cost.size for cost in costs) / 1e6:7.1f}"
            f"{total['read'] / total['hash']:11.1f}{1000 * total['read'] / len(costs):11.1f}"
            f"{sum(cost.flights for cost in costs):9}{1000 * total['join'] / flights:9.1f}"
            f"{1000 * total['judge'] / flights:10.1f}{1000 * total['draw'] / flights:9.1f}"
            f"{sum(cost.page_bytes for cost in costs) / 1000 / flights:9.0f}"
        )
    print()


def logs_of_kind(samples: Path, kind: str) -> list[Path]:
    """Return the real logs of a kind that are large enough to hold a flight, by name."""
    folder, endings = KINDS[kind]
    return [
        path
        for path in sorted((samples / folder).rglob("*"))
        if path.suffix.lower() in endings and path.stat().st_size >= LEAST_BYTES
    ]


def stages_of(path: Path, rounds: int) -> Costs | None:
    """Return what the stages of one file cost; ``None``: nothing of it can be read."""
    policy, context = load_policy(DEFAULT), AuditContext()
    basis = provenance_of_policy_catalogue_and_context(policy, context)
    data = path.read_bytes()
    costs = Costs(len(data))
    # The first round imports what this kind of file needs.
    for number in range(rounds + 1):
        seconds = {"hash": cpu_seconds(lambda: hashlib.sha256(data).digest())}
        began = time.process_time()
        logs = parsers.read_content(parsers.open_content(path)).logs
        seconds["read"] = time.process_time() - began
        if not logs:
            return None
        began = time.process_time()
        flights = list(assemble_flights(*logs))
        seconds["join"] = time.process_time() - began
        seconds["judge"] = seconds["draw"] = 0.0
        costs.flights, costs.page_bytes = len(flights), 0
        for flight in flights:
            clear_contact_caches()
            began = time.process_time()
            audit = audit_flight(flight, policy, context)
            judged = time.process_time()
            page = render_flight_page_html(
                audit,
                basis=basis,
                generated=None,
                index_link="../index.html",
                zones=supplied_zones_then_fences_of_flight(flight, context),
            )
            seconds["judge"] += judged - began
            seconds["draw"] += time.process_time() - judged
            costs.page_bytes += len(page)
        if number:
            costs.add_round(seconds)
    return costs


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def print_reading_of_long_logs(samples: Path, rounds: int) -> None:
    """Print what reading a long log costs, and how much longer pymavlink's loop takes."""
    print(f"{'long log':16}{'MB':>7}{'read/hash':>11}{'pymavlink/read':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in write_long_logs(samples, Path(folder)):
            print(f"{kind:16}{_long_log_costs(LONG_LOGS[kind][0], path, rounds)}")
    print()


def write_long_logs(samples: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Write a long log of each kind of which there is a real one, and yield kind and path."""
    for kind, (benchmark, name) in LONG_LOGS.items():
        real = samples / "mavlink" / name
        if not real.exists():
            print(f"{kind:16} {name} is not here")
            continue
        path = folder / f"long{real.suffix.lower()}"
        benchmark.lengthen(real, LONG_MB * 1_000_000, path)
        yield kind, path


def _long_log_costs(benchmark: ModuleType, path: Path, rounds: int) -> str:
    """Return the row of a long log: its size and both ratios."""
    data = path.read_bytes()
    hashed = least_seconds(lambda: hashlib.sha256(data).digest(), rounds)
    read = least_seconds(lambda: parsers.read_content(parsers.open_content(path)), rounds)
    name = "pymavlink DFReader" if benchmark is dataflash else "pymavlink mavlogfile"
    peer = cpu_seconds(lambda: benchmark.READERS[name](str(path)))
    return f"{len(data) / 1e6:7.1f}{read / hashed:11.1f}{peer / read:16.1f}"


def least_seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the least time of some rounds."""
    return min(cpu_seconds(work) for _ in range(rounds))


def print_start(samples: Path, rounds: int) -> None:
    """Print what a command needs before and besides its work, all its processes together."""
    small = samples.parent.parent / "main" / "sample_logs"
    log = next((path for path in sorted(small.glob("*.SRT"))), None)
    commands: dict[str, Sequence[str]] = {"--help": ("--help",), "audit --help": ("audit", "-h")}
    with tempfile.TemporaryDirectory() as folder:
        if log is not None:
            commands |= {
                "inspect of a small log": ("inspect", str(log)),
                "audit of a small log": ("audit", str(log), "-o", folder),
            }
        print(f"{'start':32}{'ms':>7}")
        for name, arguments in commands.items():
            spent = min(_command_seconds(arguments) for _ in range(rounds))
            print(f"{name:32}{1000 * spent:7.0f}")


def _command_seconds(arguments: Sequence[str]) -> float:
    """Return the CPU time of a command and of the processes that it starts."""
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from dji_audit.cli import main; main()", *arguments]
    subprocess.run(command, check=False, capture_output=True, cwd=Path.cwd())
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime - begun.ru_utime + ended.ru_stime - begun.ru_stime


if __name__ == "__main__":
    main()
