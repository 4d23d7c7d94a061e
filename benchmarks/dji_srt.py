"""DJI subtitles: the audit tables of a long file, every cue read, against packages of PyPI.

``python benchmarks/dji_srt.py [SRT]`` reads a real file of 12,318 cues, or one that is written for
the purpose.  Two peers decode telemetry: dji-telemetry and dji-drone-metadata-embedder.  Two split
cues and leave their text as it is: srt and pysrt; they are named for scale.  None is a dependency:
``--install`` puts them into an environment of their own under the user's cache, and one that is not
there is said to be so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

REAL = ROOT.parent / "shared" / "samples" / "dji_srt" / "juanirache_MAVIC3.srt"
CUES = 12_318
PEERS = ("srt", "pysrt", "dji-telemetry", "dji-drone-metadata-embedder", "opencv-python-headless")
ENVIRONMENT = Path.home() / ".cache" / "dji-audit" / "bench-srt"


def ours(path: str) -> int:
    """Read the audit tables, with SHA-256 of every byte."""
    from parsers import open_content
    from parsers.dji.srt import FORMAT

    return FORMAT.read(open_content(Path(path)), ()).record_counts["cue"]


def ours_all(path: str) -> int:
    """Read the audit tables, and every value of every cue."""
    from parsers import open_content
    from parsers.dji.srt import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return len(log.records("cue"))


def dji_telemetry(path: str) -> int:
    """Decode with dji-telemetry."""
    import dji_telemetry as peer  # type: ignore[import-not-found, unused-ignore]

    return len(peer.parse_srt(path).frames)


def dji_embed(path: str) -> int:
    """Decode with dji-drone-metadata-embedder."""
    from dji_metadata_embedder import utilities  # type: ignore[import-not-found, unused-ignore]

    return len(utilities.parse_telemetry_samples(Path(path)))


def split_srt(path: str) -> int:
    """Split cues with srt."""
    import srt as peer  # type: ignore[import-not-found, unused-ignore]

    return len(list(peer.parse(Path(path).read_text(encoding="utf-8"))))


def split_pysrt(path: str) -> int:
    """Split cues with pysrt."""
    import pysrt as peer  # type: ignore[import-not-found, unused-ignore]

    return len(peer.open(path, encoding="utf-8"))


#: Name -> what reads, and whether it runs in the peers' environment.
READERS: dict[str, tuple[Callable[[str], int], bool]] = {
    "dji-audit tables": (ours, False),
    "dji-audit all values": (ours_all, False),
    "dji-telemetry": (dji_telemetry, True),
    "dji-drone-metadata-embedder": (dji_embed, True),
    "srt (splits only)": (split_srt, True),
    "pysrt (splits only)": (split_pysrt, True),
}


def write_cues(path: Path) -> None:
    """Write a file such as a Mavic 3 writes, of as many cues as the real one."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(CUES):
            code, until = (f"00:{ms // 60000:02d}:{ms // 1000 % 60:02d},{ms % 1000:03d}"
                           for ms in (20 * number, 20 * number + 20))  # fmt: skip
            clock = f"2026-05-14 10:{10 + number // 3000:02d}:{number // 50 % 60:02d}"
            file.write(
                f"{number + 1}\n{code} --> {until}\n"
                f'<font size="28">FrameCnt: {number + 1}, DiffTime: 20ms\n'
                f"{clock}.{20 * number % 1000:03d}\n"
                "[iso: 220] [shutter: 1/800.0] [fnum: 2.8] [ev: 0] [ct: 5115] [color_md : default]"
                f" [focal_len: 24.00] [latitude: {50.6 + number // 5 * 1e-6:.6f}]"
                " [longitude: -3.965000]"
                f" [rel_alt: {number / 100:.3f} abs_alt: {number / 100 + 400:.3f}] </font>\n\n"
            )


def measure(reader: str, path: str) -> None:
    """Print the processor time of the best of nine runs of one reader, without its imports."""
    read = READERS[reader][0]
    read(path)
    best, count = float("inf"), 0
    for _ in range(9):
        start = time.process_time()
        count = read(path)
        best = min(best, time.process_time() - start)
    sys.stdout.write(json.dumps({"seconds": best, "cues": count}))


def peers_python(install: bool) -> str:
    """Return the interpreter of the peers: their environment's, else this one."""
    python = ENVIRONMENT / "bin" / "python"
    if install and not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for peer in PEERS:
            subprocess.run([*pip, peer], check=False)
    return str(python) if python.exists() else sys.executable


def compare(path: Path, install: bool) -> None:
    """Print a table of all readers on one file."""
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB\n")
    other, base = peers_python(install), 0.0
    for reader, (_, foreign) in READERS.items():
        command = [other if foreign else sys.executable, __file__]
        command += ["--measure", reader, str(path)]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        if done.returncode:
            sys.stdout.write(f"  {reader:28} not here, or failed\n")
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        base = base or found["seconds"]
        sys.stdout.write(
            f"  {reader:28} {found['seconds']:7.3f} s {found['cues']:>7} cues,"
            f" {found['seconds'] / base:6.1f} times ours\n"
        )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("srt", type=Path, nargs="?", help="a real subtitle file")
    parser.add_argument("--install", action="store_true", help="install the peers first")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    path = chosen.srt or (REAL if REAL.exists() else None)
    if chosen.measure:
        measure(chosen.measure, str(path))
    elif path is not None:
        compare(path, chosen.install)
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "made.srt"
            write_cues(made)
            compare(made, chosen.install)


if __name__ == "__main__":
    main()
