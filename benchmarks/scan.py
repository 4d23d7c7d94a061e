"""Scan 10,000 files, beside the hashing of the same files.

    python benchmarks/scan.py [FOLDER] [--files 10000] [--small]

The files are names for those of a folder, by default the real logs, which are not part of the
repository; with ``--small``, or where those are not here, the synthetic logs, of which half are
tables of a few kilobytes, so that hashing costs next to nothing.  Nothing is copied: each name is
a link to the file.  Wanted is a scan in less than 1.5 times the hashing of files as large as real
logs.  Times are of the processor, so that other work on the machine counts for less.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import parsers
from benchmarks._hashing_time import seconds_to_hash_files
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.dry_run_scan import scan_evidence_paths

ROOT = Path(__file__).parents[1]
REAL, SYNTHETIC = ROOT.parent / "shared" / "samples", ROOT / "sample_logs"
_WANTED_RATIO = 1.5
_FILES_PER_FOLDER = 500


def link_files(source: Path, into: Path, count: int) -> int:
    """Give the files of a folder so many names below another; return the bytes of them all."""
    found = sorted(path for path in source.rglob("*") if path.is_file())
    total = 0
    for number, path in enumerate(itertools.islice(itertools.cycle(found), count)):
        folder = into / f"{number // _FILES_PER_FOLDER:04d}"
        folder.mkdir(exist_ok=True)
        named = folder / f"{number}_{path.name}"
        try:
            os.link(path, named)
        except OSError:
            # Another disk, or a system without links.
            named.write_bytes(path.read_bytes())
        total += path.stat().st_size
    return total


def main() -> int:
    """Print both times and their ratio; return 1 if the scan takes too long."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path)
    arguments.add_argument("--files", type=int, default=10_000)
    arguments.add_argument("--small", action="store_true")
    given = arguments.parse_args()
    is_small = given.small or not (given.folder or REAL).is_dir()
    source = SYNTHETIC if is_small else given.folder or REAL
    with tempfile.TemporaryDirectory() as name:
        total = link_files(source, Path(name), given.files)
        parsers.formats()
        seconds_to_hash_files(Path(name))  # the disk's cache is warm for both
        hashing = seconds_to_hash_files(Path(name))
        begin = time.process_time()
        scan = scan_evidence_paths([Path(name)], IngestSettings())
        scanning = time.process_time() - begin
    print(f"{given.files:,} files, {total:,} bytes")
    print(f"hashing   {hashing:8.2f} s")
    print(f"scanning  {scanning:8.2f} s, {scan.examined_bytes:,} bytes looked at")
    print(f"ratio     {scanning / hashing:8.2f}")
    return int(scanning > _WANTED_RATIO * hashing and not is_small)


if __name__ == "__main__":
    sys.exit(main())
