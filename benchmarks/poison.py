"""Audit a fleet of which every hundredth file is poison: it loses exactly those, each by name.

    python benchmarks/poison.py [--files 1000] [--jobs 2] [--timeout 20]

Poison of every kind lies among good logs: a pipe, a socket, links that lead round in a circle, a
file that nobody may read, an empty one, a decompression bomb, and files that vanish, grow or are
cut short while they are read.  A crash, a hang and a file that takes all memory need a decoder that
goes wrong; a plug in the readers of this process makes one for files of certain names.  The same
good files alone are audited first: what both runs say of them must be the same.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks._audit_processes import AUDIT_PROGRAM, WITHOUT_STORES
from benchmarks.kill_runs import ROOT, write_small_fleet

#: Replaces the reading of files of certain names; as ``sitecustomize`` every process runs it.
_PLUG = """
import os, signal, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import dji_audit.fleet.read_file_in_worker as module
_whole = module.read_opened_input

def read_opened_input(opened, keyring):
    path, stem = Path(opened.input.path), Path(opened.input.name).stem.split("-")[0]
    if stem == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif stem == "hang":
        time.sleep(3600)
    elif stem == "memory":
        bytearray(1 << 40)
    elif stem == "vanish":
        path.unlink()
    elif stem == "grow":
        with path.open("ab") as stream:
            stream.write(bytes(9000))
    elif stem == "shrink":
        # Half a page of it is still there: reading on is a bus error.
        os.truncate(path, 0)
        bytes(opened.content.data)
    return _whole(opened, keyring)

module.read_opened_input = read_opened_input
"""
#: Name of a poisoned file, without its number -> the cause by which it is named; ``None``: it has a
#: row, and nothing went wrong with it.
CAUSES: dict[str, str | None] = {
    "crash": "crash",
    "hang": "time_limit",
    "memory": "memory",
    "vanish": "vanished",
    "grow": "grew",
    "shrink": "truncated",
    "bomb": "unpacking_limit",
    "pipe": "not_a_file",
    "socket": "not_a_file",
    "loop": "link_loop",
    "locked": "unreadable",
    "empty": None,
}


def poison(folder: Path, kind: str, number: int, good: bytes) -> str:
    """Put one poisoned file into a folder; return its name."""
    name = f"{kind}-{number:05d}.SRT"
    path = folder / name
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                # The path of a socket may not be long.
                here = Path.cwd()
                os.chdir(folder)
                server.bind(name)
                os.chdir(here)
        case "loop":
            path.symlink_to(name)
        case "locked":
            path.write_bytes(good)
            path.chmod(0)
        case "empty":
            path.touch()
        case "bomb":
            path = path.with_suffix(".zip")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
                archive.writestr("a.SRT", bytes(200_000_000))
        case _:
            path.write_bytes(good + f"{number}\n".encode())
    return path.name


def main() -> int:
    """Run both; say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="poison-") as name:
        return _compare(Path(name), chosen.files, chosen.jobs, chosen.timeout)


def _compare(folder: Path, files: int, jobs: int, timeout_s: int) -> int:
    (folder / "sitecustomize.py").write_text(_PLUG.format(root=str(ROOT)))
    evidence = folder / "evidence"
    write_small_fleet(evidence, files)
    good = next(evidence.glob("*.SRT")).read_bytes()

    def audit(out: str) -> tuple[dict[str, dict[str, object]], float]:
        began = time.monotonic()
        command = [
            sys.executable, "-c", AUDIT_PROGRAM, "audit", str(evidence), "-o", str(folder / out),
            "--jobs", str(jobs), "--timeout", str(timeout_s), "--quiet",
        ]  # fmt: skip
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            **WITHOUT_STORES,
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 4):
            raise SystemExit(f"FAILED: exit {done.returncode}: {done.stderr[-2000:]}")
        report = json.loads((folder / out / "report.json").read_text())
        rows = {row["name"]: row for row in report["inputs"]}
        return rows, time.monotonic() - began

    alone, seconds = audit("alone")
    # Root may read everything, so that nothing is locked for it.
    kinds = [kind for kind in CAUSES if kind != "locked" or os.getuid()]
    count = max(len(kinds), files // 100)
    poisoned = {
        poison(evidence, kinds[number % len(kinds)], number, good): kinds[number % len(kinds)]
        for number in range(count)
    }
    with_poison, longer = audit("poisoned")
    named = {name: row["quarantine"] for name, row in with_poison.items()}
    # Of a container its member is named.
    named |= {name.partition("!/")[0]: cause for name, cause in named.items() if "!/" in name}
    wrong = [
        f"{name}: {kind} is named {named.get(name)!r}"
        for name, kind in poisoned.items()
        if name not in named or named[name] != CAUSES[kind]
    ]
    wrong += [f"{name} is another" for name, row in alone.items() if with_poison.get(name) != row]
    wrong += [
        f"{name} should not be in quarantine"
        for name, row in with_poison.items()
        if row["quarantine"] and name.partition("!/")[0] not in poisoned
    ]
    for line in wrong[:20]:
        print(line)
    print(
        f"{files} good files, {count} poisoned of {len(kinds)} kinds: {len(wrong)} wrong; "
        f"{seconds:.1f} s without them, {longer:.1f} s with them (time limit {timeout_s} s)"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
