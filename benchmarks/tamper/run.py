"""Share of edits that the audit observes, and false findings on flights that nobody edited.

Thirteen kinds of edit are made to real logs of four formats, with lengths, checksums and scramble
repaired; each edited log is audited by itself and compared with its original.  An edit is observed
if a rule about the record itself has a finding that the original does not have.  The same rules
are run over all real logs at hand; what they find there is listed with the label of a person.

::

    python -m benchmarks.tamper.run [--jobs 2] [--log TEXT] [--only TEXT] [--details FILE]
"""

import argparse
import csv
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.tamper.dataflash_records import read_dataflash
from benchmarks.tamper.dji_txt_records import read_dji_txt
from benchmarks.tamper.edits import EDITS, Edit
from benchmarks.tamper.records import EditableLog
from benchmarks.tamper.tlog_records import read_tlog
from benchmarks.tamper.ulog_records import read_ulog

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "shared" / "samples"
LABELS = HERE / "labels.csv"
#: Labels of the findings that the rules had before.
ALARMS = HERE.parent / "alarms" / "labels"
#: Rules about the record itself.
RULES = frozenset(
    {
        "log_integrity", "record_chain", "clock_jump", "header_mismatch", "implausible_motion",
        "spoofing_signs", "sources_disagree", "track_gap", "missing_log", "location_consistency",
        "sensor_consistency", "clock_consistency", "serial_consistency", "log_completeness",
        "lifetime_totals",
    }
)  # fmt: skip
READERS = (read_dji_txt, read_ulog, read_dataflash, read_tlog)
#: Log that is edited -> the log of its kind with which it is spliced.
EDITED = {
    "dji_txt/chrisvm+node-djiparsetxt/mavic2_0.txt":
        "dji_txt/chrisvm+node-djiparsetxt/mavic2_11.txt",
    "dji_txt/chrisvm+node-djiparsetxt/mavic2_15.txt":
        "dji_txt/chrisvm+node-djiparsetxt/mavic2_17.txt",
    "dji_txt/se0wtf+go-djilogs/testair.txt":
        "dji_txt/se0wtf+go-djilogs/testv3.txt",
    "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2018-06-20_[09-04-19].txt":
        "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2018-06-20_[09-16-53].txt",
    "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2017-08-29_[12-59-22].txt":
        "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2017-08-03_[15-59-24].txt",
    "mavlink/BeastAyyG+ardupilot-log-diagnosis/sample.bin":
        "mavlink/sitl/sitl_copter357_fence_cam.BIN",
    "mavlink/DependableSystemsLab+DeLorean/data/00000130.BIN":
        "mavlink/DependableSystemsLab+DeLorean/data/00000129.BIN",
    "mavlink/h3ct0r+PX4_Tools/test_files/16-07-13_18-04-04.bin":
        "mavlink/joeydouglas+dataflash_logs/2014-10-18_20-04-24.bin",
    "mavlink/joeydouglas+dataflash_logs/2014-10-18_20-04-24.bin":
        "mavlink/joeydouglas+dataflash_logs/2014-10-18_21-19-07.bin",
    "mavlink/sitl/sitl_copter357_fence_cam.BIN":
        "mavlink/BeastAyyG+ardupilot-log-diagnosis/sample.bin",
    "mavlink/AscendEngineering+UpgradeEnergy/test.ulg":
        "mavlink/PX4+pyulog/test/sample_px4_events.ulg",
    "mavlink/Auterion+px4-ulog-rs/tests/fixtures/esc_status_log.ulg":
        "mavlink/AscendEngineering+UpgradeEnergy/test.ulg",
    "mavlink/PX4+pyulog/test/sample_px4_events.ulg":
        "mavlink/AscendEngineering+UpgradeEnergy/test.ulg",
    "mavlink/CanberraUAV+cuav/tests/testdata/flight.tlog":
        "mavlink/ArduPilot+UAVLogViewer/src/assets/vtol.tlog",
    "mavlink/ArduPilot+UAVLogViewer/src/assets/vtol.tlog":
        "mavlink/Haris-Alsaman+ardupilot_gazebo/ros/mav.tlog",
    "mavlink/Haris-Alsaman+ardupilot_gazebo/ros/mav.tlog":
        "mavlink/ArduPilot+UAVLogViewer/src/assets/vtol.tlog",
    "mavlink/sitl/sitl_copter357_fence_cam.tlog":
        "mavlink/CanberraUAV+cuav/tests/testdata/flight.tlog",
}  # fmt: skip
Findings = Mapping[str, Counter[str]]


def read_log(path: Path) -> EditableLog:
    """Return a log that can be edited.

    Raises:
        ValueError: If it is of no format that can be.
    """
    data = path.read_bytes()
    for reader in READERS:
        if (log := reader(data)) is not None:
            return replace(log, name=path.name)
    raise ValueError(f"{path} is of no format that can be edited")


def findings_of(path: Path) -> tuple[Findings, int]:
    """Return what the rules about the record find in a log, texts without numbers; and flights."""
    from dji_audit import api

    found = defaultdict[str, Counter[str]](Counter)
    # The pack that holds the rules about the record itself, and few others.
    result = api.audit(path, policy="common")
    failed = {(r.flight, r.rule) for r in result.run.contents.results if r.outcome == "fail"}
    for finding in result.typed_findings:
        is_breach = (finding.flight, finding.rule) in failed and finding.severity != "remark"
        if finding.rule in RULES and is_breach:
            found[finding.rule][without_numbers(finding.summary)] += 1
    return found, len(result.run.contents.flights)


def new_findings(edited: Findings, original: Findings) -> list[str]:
    """Return the rules that find more in the edited log, with the text of the first."""
    news = []
    for rule, texts in edited.items():
        more = texts - original.get(rule, Counter())
        if more:
            news.append(f"{rule}: {next(iter(more))}")
    return news


def edits_of(name: str) -> Iterator[Edit]:
    """Yield every edit of one log of the list."""
    log = read_log(SAMPLES / name)
    other = read_log(SAMPLES / EDITED[name])
    for make in EDITS:
        yield from make(log, other)


def measure_log(name: str, only: str) -> list[dict[str, str]]:
    """Return one row for each edit of a log."""
    rows, original = [], findings_of(SAMPLES / name)[0]
    with tempfile.TemporaryDirectory() as folder:
        for number, edit in enumerate(edits_of(name)):
            if only not in f"{edit.kind} {edit.variant}":
                continue
            path = Path(folder) / str(number) / Path(name).name
            path.parent.mkdir()
            path.write_bytes(edit.log.to_bytes())
            found, _ = findings_of(path)
            path.unlink()
            news = new_findings(found, original)
            rows.append(
                {
                    "log": name, "format": edit.log.format, "edit": edit.kind,
                    "variant": edit.variant, "second_source": edit.second_source,
                    "observed": "yes" if news else "no", "by": " | ".join(news),
                }
            )  # fmt: skip
    return rows


def measure_clean(name: str) -> list[dict[str, str]]:
    """Return one row for each finding of a log that nobody edited, and one for its flights."""
    found, flights = findings_of(SAMPLES / name)
    rows = [{"log": name, "rule": "", "text": str(flights)}]
    for rule, texts in found.items():
        rows += [{"log": name, "rule": rule, "text": text} for text in texts]
    return rows


def clean_logs() -> list[str]:
    """Return every real log of the four formats that can be read without a key."""
    names = [
        path.relative_to(SAMPLES).as_posix()
        for folder in ("dji_txt", "mavlink", "dji_csv", "dji_srt")
        for path in sorted((SAMPLES / folder).rglob("*"))
        if path.is_file() and path.name != "MANIFEST.tsv"
    ]
    return names


def without_numbers(text: str) -> str:
    """Return a text whose numbers are replaced, so that it can be compared."""
    return re.sub(r"[\d.,:]+", "#", text)


def labels() -> dict[tuple[str, str, str], str]:
    """Return what a person said of each finding on a log that nobody edited: true or false."""
    known = {}
    for path in (*sorted(ALARMS.glob("findings*.csv")), LABELS):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    key = (row["file"], row["rule"], without_numbers(row["summary"]))
                    known[key] = row["label"]
    return known


def print_edits(rows: list[dict[str, str]]) -> None:
    """Print the share that is observed, by kind of edit and format."""
    with_source = [row for row in rows if row["second_source"]]
    print(f"{'edit':24}{'observed where a second source exists':>40}{'without one':>14}")
    for kind in dict.fromkeys(row["edit"] for row in rows):
        cells = []
        for part in (with_source, [row for row in rows if not row["second_source"]]):
            of_kind = [row for row in part if row["edit"] == kind]
            seen = sum(row["observed"] == "yes" for row in of_kind)
            cells.append(f"{seen} of {len(of_kind)}")
        print(f"{kind:24}{cells[0]:>40}{cells[1]:>14}")
    for name in dict.fromkeys(row["format"] for row in rows):
        of_format = [row for row in with_source if row["format"] == name]
        seen = sum(row["observed"] == "yes" for row in of_format)
        print(f"{name:24}{f'{seen} of {len(of_format)}':>40}")
    seen = sum(row["observed"] == "yes" for row in with_source)
    print(f"{'all':24}{f'{seen} of {len(with_source)} ({seen / len(with_source):.1%})':>40}")
    for row in rows:
        if row["observed"] == "no":
            print("not observed:", row["log"], "|", row["edit"], "|", row["variant"], "|",
                  row["second_source"] or "no second source")  # fmt: skip


def print_clean(rows: list[dict[str, str]]) -> None:
    """Print how many findings on clean logs are not labelled true."""
    known = labels()
    flights = sum(int(row["text"]) for row in rows if not row["rule"])
    found = [row for row in rows if row["rule"]]
    wrong = [r for r in found if known.get((r["log"], r["rule"], r["text"]), "") != "true"]
    print(f"clean flights: {flights}; findings {len(found)}; not labelled true {len(wrong)}")
    for row in wrong:
        label = known.get((row["log"], row["rule"], row["text"]), "no label")
        print(f"  {label}: {row['log']} | {row['rule']} | {row['text']}")


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the edits that were measured so far."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="part of the name of an edit")
    parser.add_argument("--log", default="", help="part of the name of a log")
    parser.add_argument("--details", type=Path, help="CSV of every edit")
    parser.add_argument("--part", choices=("edits", "clean", "both"), default="both")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.part != "clean":
            names = [name for name in EDITED if options.log in name]
            rows = list[dict[str, str]]()
            for part in pool.map(measure_log, names, [options.only] * len(names)):
                rows += part
                print(f"{len(rows)} edits measured", file=sys.stderr)
                if options.details and rows:
                    write_rows(options.details, rows)
            print_edits(rows)
        if options.part != "edits":
            print_clean([row for part in pool.map(measure_clean, clean_logs()) for row in part])
    return 0


if __name__ == "__main__":
    sys.exit(main())
