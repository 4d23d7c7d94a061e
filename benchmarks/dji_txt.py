"""Compare our reader of DJI app records with its peers, side by side.

    python benchmarks/dji_txt.py [LOG ...] [--install | --node-modules FOLDER] [--rounds 5]

Ours is the whole of ``parsers.read``: SHA-256, every table, every record indexed.
The peers are ``dji-log-parser-js`` (the Rust reference, compiled to WASM) with
``frames()`` for records that need no key, and ``pydjirecord`` with its frames for
version 14.  In each round every reader reads every log, one after another, so that
they meet the same load; a line gives the median of the rounds in seconds for each
megabyte, and the ratio of the medians.  It is done twice: in a fresh process for each
reading, as when somebody opens one record, and in processes that stay up, as when
thousands are read and all code is warm.  Starting up and importing are left out of
both.  Times are of the CPU, all threads: what else the machine does matters less.
Memory is the peak resident size of a fresh process that reads one log, imports included.

``--install`` fetches the npm package into a temporary folder, with npm as it is set up.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
SMALLEST = 500_000
PEER, PEER_VERSION = "dji-log-parser-js", "0.5.7"
GOAL_S_PER_MB, GOAL_RATIO, GOAL_MB = 0.12, 10.0, 150.0

OURS = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import parsers
parsers.formats()
for line in sys.stdin:
    path, keys = json.loads(line)
    chains = [parsers.load_keychains(open(keys, "rb").read())] if keys else []
    begin = time.process_time()
    log = parsers.read(path, keys=chains)
    spent = time.process_time() - begin
    print(json.dumps([spent, len(log.track)]), flush=True)
"""
PYDJIRECORD = """
import json, sys, time
import pydjirecord
for line in sys.stdin:
    path, keys = json.loads(line)
    chains = None
    if keys:
        groups = json.load(open(keys))
        groups = groups["data"] if isinstance(groups, dict) else groups
        chains = [[pydjirecord.KeychainFeaturePoint(
            int(key["featurePoint"].rpartition("_")[2]), key["aesKey"], key["aesIv"])
            for key in group] for group in groups]
    begin = time.process_time()
    frames = pydjirecord.DJILog.from_bytes(open(path, "rb").read()).frames(chains)
    spent = time.process_time() - begin
    print(json.dumps([spent, len(frames)]), flush=True)
"""
JAVASCRIPT = """
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DJILog } from "dji-log-parser-js";
for await (const line of createInterface({ input: process.stdin })) {
  const [path] = JSON.parse(line);
  const begin = process.cpuUsage();
  const frames = new DJILog(readFileSync(path)).frames();
  const spent = process.cpuUsage(begin);
  console.log(JSON.stringify([(spent.user + spent.system) / 1e6, frames.length]));
}
"""
PEAK = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
import parsers
log = parsers.read(sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak / (1 << 20 if sys.platform == "darwin" else 1024))
"""


@dataclass
class Reader:
    """A program that reads the log of each line it is given, and says how long it took."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    _process: "subprocess.Popen[str] | None" = None

    def read(self, path: Path, keys: Path | None, *, fresh: bool) -> float:
        """Return the seconds that one reading took, in a new process or the one that stays."""
        line = json.dumps([str(path), str(keys) if keys else None]) + "\n"
        if fresh:
            answer = subprocess.check_output(self.command, input=line, text=True, cwd=self.folder)
            return float(json.loads(answer)[0])
        if self._process is None:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=self.folder,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError(f"{self.name} has no pipes")
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline())[0])

    def stop(self) -> None:
        """End the process that stays, if there is one."""
        if self._process is not None:
            self._process.communicate(timeout=60)
            self._process = None


def installed(folder: Path) -> Path:
    """Install the npm package into a folder and return it."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not here")
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent", f"{PEER}@{PEER_VERSION}"],
        cwd=folder,
        check=True,
    )
    return folder


def chosen() -> list[Path]:
    """Return the real records of version 11 that are not small."""
    found = sorted((SAMPLES / "dji_txt").rglob("*.txt"))
    found = [path for path in found if path.stat().st_size >= SMALLEST]
    return [path for path in found if path.read_bytes()[10] == 11]


def peak_mb(path: Path) -> float:
    """Return the peak memory of a fresh process that reads one log."""
    command = [sys.executable, "-c", PEAK, str(ROOT), str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(
    title: str,
    readers: list[Reader],
    logs: list[tuple[Path, Path | None]],
    rounds: int,
    *,
    fresh: bool,
) -> None:
    """Print a table: each log, seconds for each megabyte by each reader, and the ratio."""
    mode = "a fresh process for each reading" if fresh else "processes that stay up"
    print(f"{title}; {mode}")
    print(f"{'log':48}{'MB':>6}" + "".join(f"{r.name:>20}" for r in readers) + "   ratio")
    spent: dict[Path, list[list[float]]] = {path: [[] for _ in readers] for path, _ in logs}
    for count in range(rounds + (0 if fresh else 2)):
        for path, keys in logs:
            for place, reader in enumerate(readers):
                seconds = reader.read(path, keys, fresh=fresh)
                if fresh or count >= 2:  # the first two rounds warm up
                    spent[path][place].append(seconds)
    ratios, ours = [], []
    for path, _ in logs:
        megabytes = path.stat().st_size / 1e6
        medians = [statistics.median(seconds) / megabytes for seconds in spent[path]]
        ours.append(medians[0])
        line = f"{path.name[:46]:48}{megabytes:6.2f}"
        line += "".join(f"{median:15.3f} s/MB" for median in medians)
        if len(medians) > 1:
            ratios.append(medians[1] / medians[0])
            line += f"{ratios[-1]:7.1f}x"
        print(line)
    print(f"median {statistics.median(ours):.3f} s/MB, worst {max(ours):.3f}", end="")
    if ratios:
        print(f"; ratio median {statistics.median(ratios):.1f}x, least {min(ratios):.1f}x", end="")
    print("\n")


def main() -> None:
    """Run the comparison and print what it measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("logs", nargs="*", type=Path, help="records that need no key")
    parser.add_argument("--install", action="store_true", help="install the npm package first")
    parser.add_argument("--node-modules", type=Path, help="folder that holds node_modules")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    logs: list[Path] = [path.resolve() for path in options.logs] or chosen()
    encrypted = SAMPLES / "dji_txt_synth" / "synth_v14.txt"
    print(f"goals for version 11: {GOAL_S_PER_MB} s/MB, {GOAL_RATIO:.0f}x, {GOAL_MB:.0f} MB\n")
    ours = Reader("ours", [sys.executable, "-c", OURS, str(ROOT)])
    with ExitStack() as stack:
        readers = [ours]
        folder: Path | None = options.node_modules
        if options.install:
            folder = installed(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        node = shutil.which("node")
        if folder is not None and node is not None:
            script = folder.resolve() / "read.mjs"
            script.write_text(JAVASCRIPT)
            readers.append(Reader(PEER, [node, str(script)], folder))
        else:
            print(f"without {PEER}: give --install or --node-modules\n")
        other = Reader("pydjirecord", [sys.executable, "-c", PYDJIRECORD])
        for reader in (*readers, other):
            stack.callback(reader.stop)
        for fresh in (True, False):
            if logs:
                plain: list[tuple[Path, Path | None]] = [(path, None) for path in logs]
                compare("no key needed", readers, plain, options.rounds, fresh=fresh)
            if encrypted.is_file():
                keys = encrypted.with_name(encrypted.name + ".keychains.json")
                compare(
                    "version 14", [ours, other], [(encrypted, keys)], options.rounds, fresh=fresh
                )
        if logs:
            print(f"peak memory of one read: at most {max(map(peak_mb, logs)):.0f} MB")


if __name__ == "__main__":
    main()
