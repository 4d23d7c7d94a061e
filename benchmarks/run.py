"""Run every benchmark, one after another: ours and the peers, side by side.

``make bench`` calls this.  The real logs are not part of the repository; a
benchmark whose log is not there is named and passed over.  Figures of a shared
machine are noisy: read the ratios.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "shared" / "samples"

#: Script, the real log it needs (none: it finds its own), further arguments.
BENCHMARKS: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
    ("dji_txt.py", None, ("--install",)),
    ("dji_dat.py", None, ()),
    ("dji_srt.py", None, ()),
    (
        "dataflash.py",
        "mavlink/skapila+Control_Tunning_Project/FlightController/logs/00000001.BIN",
        (),
    ),
    ("tlog.py", "mavlink/1202martin+pymavlink_tutorial/mav.tlog", ()),
    ("ulog.py", None, ()),
    ("klv.py", None, (str(HERE.parent / "sample_logs/other_aircraft/helicopter.ts"),)),
    ("endpoints.py", None, ()),
    ("pcap.py", None, ()),
    ("zones.py", "zones/uk_nats_eaip3d_20221229.kmz", ()),
    ("flights.py", None, ()),
    ("stages.py", None, ("--files", "6")),
    ("scan.py", None, ()),
    ("index_page.py", None, ()),
    ("flight_page.py", None, ()),
)


def main() -> int:
    """Run all; return 1 if one failed."""
    failed = 0
    for script, log, more in BENCHMARKS:
        path = SAMPLES / log if log else None
        sys.stdout.write(f"\n== {script}\n")
        sys.stdout.flush()
        if not (HERE / script).exists() or (path is not None and not path.exists()):
            sys.stdout.write(f"not run: {path or script} is not here\n")
            continue
        command = [sys.executable, str(HERE / script), *([str(path)] if path else []), *more]
        failed |= subprocess.run(command, check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
