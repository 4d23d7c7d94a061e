"""A log that was moved does not fit the magnetic field that its sensors measured."""

import struct
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.outcomes import Outcome
from dji_audit.flights import assemble_flights
from tests.dji_audit.compliance.one_rule import apply_rule

#: Bytes of a value by the letter of its type (ArduPilot, AP_Logger/LogStructure.h).
SIZES = {
    **dict.fromkeys("bBM", 1), **dict.fromkeys("hHcCg", 2), **dict.fromkeys("iIfneELn", 4),
    **dict.fromkeys("qQd", 8), "a": 64, "N": 16, "Z": 64,
}  # fmt: skip
DEFINITION, DEFINITION_BYTES = 128, 89


def _moved_dataflash(content: bytes, north_deg: float, east_deg: float) -> bytes:
    """Return a DataFlash log with each position moved, nothing else: positions are 1e-7 degrees."""
    out, formats, at = bytearray(content), dict[int, tuple[int, list[tuple[int, float]]]](), 0
    while at + 3 <= len(content):
        if content[at : at + 2] != b"\xa3\x95":
            at += 1
            continue
        kind = content[at + 2]
        if kind == DEFINITION:
            number, length, _name, types, labels = struct.unpack_from(
                "<BB4s16s64s", content, at + 3
            )
            names = labels.rstrip(b"\0").decode().split(",")
            begins, place = [], 3
            for letter, name in zip(types.rstrip(b"\0").decode(), names, strict=False):
                if letter == "L":
                    begins.append((place, north_deg if "at" in name else east_deg))
                place += SIZES[letter]
            formats[number] = (length, begins)
            at += DEFINITION_BYTES
            continue
        length, begins = formats.get(kind, (1, []))
        for place, degrees in begins:
            if at + length <= len(content):
                (value,) = struct.unpack_from("<i", content, at + place)
                moved = value + round(degrees * 1e7)
                if value and abs(moved) <= 180 * 10**7:
                    struct.pack_into("<i", out, at + place, moved)
        at += length
    return bytes(out)


@pytest.mark.parametrize(
    ("sample", "north_deg", "east_deg", "in_log"),
    [
        ("BeastAyyG+ardupilot-log-diagnosis/sample.bin", 9.2, 71.0, "declination of -15°"),
        ("MACS-Research-Lab+uav-cyber-sim/logs/00000011.BIN", 86.9, -148.6, "dip of -66°"),
        ("DependableSystemsLab+DeLorean/data/00000130.BIN", 86.9, -148.6, "declination of 12°"),
        ("joeydouglas+dataflash_logs/2014-10-18_20-04-24.bin", -65.5, 247.1, "declination of 4°"),
    ],
)
def test_a_real_log_moved_to_another_country_fails_with_both_numbers(
    samples: Path, tmp_path: Path, sample: str, north_deg: float, east_deg: float, in_log: str
) -> None:
    original = samples / "mavlink" / sample
    passed = apply_rule(parsers.read(original), "location_consistency")
    assert passed.outcome is Outcome.PASS, passed.reason

    moved = tmp_path / original.name
    moved.write_bytes(_moved_dataflash(original.read_bytes(), north_deg, east_deg))
    failed = apply_rule(parsers.read(moved), "location_consistency")
    assert failed.outcome is Outcome.FAIL
    (finding,) = failed.findings
    assert in_log in finding.summary
    assert "by the model WMM20" in finding.summary
    assert {"GPS", "POS"} & {each.record for each in finding.evidence}
    assert len(finding.evidence) > 1


@pytest.mark.parametrize(
    ("largest", "least_passes"),
    [(1_000_000, 6), pytest.param(60_000_000, 25, marks=pytest.mark.slow)],
)
def test_no_innocent_log_with_a_magnetometer_fails(
    samples: Path, largest: int, least_passes: int
) -> None:
    logs = [
        log
        for path in sorted((samples / "mavlink").rglob("*"))
        if path.suffix.lower() in (".bin", ".ulg", ".tlog") and path.stat().st_size < largest
        for log in parsers.read_file(path).logs
    ]
    outcomes = [
        apply_rule(log, "location_consistency").outcome
        for log in logs
        if log.sensor_readings and assemble_flights(log)
    ]
    assert outcomes.count(Outcome.PASS) >= least_passes
    assert Outcome.FAIL not in outcomes
