"""All fourteen versions tell the same flight; the encrypted ones with their keys only."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pydjirecord
import pytest

import parsers
from parsers import InvalidKeysError, Log
from sample_logs import dji_bodies, dji_txt
from sample_logs.dji_txt import Details
from tests.conftest import required
from tests.parsers.dji.txt.made import flight, keychains, osd, pydjirecord_keys, read, read_bytes

KINDS = (1, 3, 5, 10)
SYNTHETIC = (3, 6, 7, 11, 12, 13, 14)


def groups_for(version: int) -> list[dict[int, dji_txt.FeatureKey]]:
    return [dji_txt.fake_keys(version, KINDS)] if version >= 13 else []


def told(log: Log) -> pd.DataFrame:
    return log.track.drop(columns="source_offset")


@pytest.mark.parametrize("version", range(1, 15))
def test_every_version_gives_the_same_track(version: int) -> None:
    records = flight(30, {9: [(10, dji_bodies.text("GEO: You are in a Warning Zone."))]})
    log = read(version, records, Details(product=42), groups_for(version))
    pd.testing.assert_frame_equal(told(log), told(read(11, records)))
    assert log.source.format_version == str(version)
    assert not log.encrypted
    assert (log.events.kind == "geofence.warning").sum() == 1
    assert log.aircraft.model == "Mavic 2"


@pytest.fixture(scope="module")
def synthetic(samples: Path) -> Path:
    return samples / "dji_txt_synth"


def read_synthetic(folder: Path, version: int, *, with_keys: bool = True) -> Log:
    path = folder / f"synth_v{version}.txt"
    beside = path.with_name(path.name + ".keychains.json")
    given = with_keys and version >= 13
    return parsers.read(path, keys=[parsers.load_keychains(beside.read_bytes())] if given else [])


@pytest.mark.parametrize("version", SYNTHETIC)
def test_a_real_flight_written_as_each_version_reads_as_the_real_one(
    synthetic: Path, samples: Path, version: int
) -> None:
    # The flight they were made from; 13 and 14 with their keychains.
    real = samples / "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2018-06-19_[14-50-34].txt"
    required("the flight that the synthetic ones were made from", real.is_file())
    log = read_synthetic(synthetic, version)
    assert len(log.track) == 3055
    pd.testing.assert_frame_equal(told(log), told(parsers.read(real)))
    assert not log.encrypted
    assert log.issues == ()


@pytest.mark.parametrize("version", [13, 14])
def test_without_keys_an_encrypted_log_tells_what_is_in_clear_and_that_the_rest_is_not(
    synthetic: Path, version: int
) -> None:
    log, whole = read_synthetic(synthetic, version, with_keys=False), read_synthetic(synthetic, 12)
    assert log.encrypted
    assert log.track.empty
    assert log.captures.empty
    assert log.aircraft.serial == whole.aircraft.serial == "0K1DF313BD4PR1"
    assert log.header_summary is not None
    assert whole.header_summary is not None
    assert (log.header_summary.start, log.header_summary.fix_count) == (
        whole.header_summary.start,
        whole.header_summary.fix_count,
    )
    counts = {name.removesuffix(" (encrypted)"): n for name, n in log.record_counts.items()}
    del counts["KeyStorage"]
    assert counts == whole.record_counts
    assert {span.kind for span in log.coverage} >= {"encrypted", "header"}
    assert not any(span.kind == "gap" for span in log.coverage)


@pytest.mark.parametrize("version", [13, 14])
def test_with_the_keys_of_another_log_nothing_is_read_and_nothing_is_made_up(
    synthetic: Path, version: int
) -> None:
    path = synthetic / f"synth_v{version}.txt"
    wrong = keychains([dji_txt.fake_keys(version, range(64), "another log")])
    log = parsers.read(path, keys=[wrong])
    without = parsers.read(path)
    assert log.encrypted
    assert log.track.empty
    pd.testing.assert_frame_equal(log.events, without.events)
    assert log.record_counts == without.record_counts
    right = parsers.load_keychains(path.with_name(path.name + ".keychains.json").read_bytes())
    assert len(parsers.read(path, keys=[wrong, right]).track) == 3055


def test_keys_that_are_no_keys_are_refused() -> None:
    with pytest.raises(InvalidKeysError):
        parsers.load_keychains(b"[[{}]]")


def test_version_14_agrees_with_pydjirecord_in_every_fix(synthetic: Path) -> None:
    path = synthetic / "synth_v14.txt"
    keys = pydjirecord_keys(path)
    theirs = [
        record.data
        for record in pydjirecord.DJILog.from_bytes(path.read_bytes()).records(keys)
        if type(record.data).__name__ == "OSD"
    ]
    ours = read_synthetic(synthetic, 14).records("OSD")
    assert len(ours) == len(theirs) == 3055
    for name, field in (
        ("latitude_deg", "latitude"),
        ("longitude_deg", "longitude"),
        ("height_ato_m", "altitude"),
    ):
        other = np.array([getattr(fix, field) for fix in theirs])
        np.testing.assert_allclose(ours[name], other, rtol=0, atol=1e-9, err_msg=name)


def test_a_record_of_type_50_starts_the_next_group_of_keys() -> None:
    groups = [dji_txt.fake_keys(14, KINDS, "first"), dji_txt.fake_keys(14, KINDS, "second")]
    records = [*flight(12), (50, bytes(8)), *flight(12)]
    log = read(14, records, None, groups)
    assert len(log.track) == 24
    assert not log.encrypted
    pd.testing.assert_series_equal(
        log.records("OSD").latitude_deg, read(11, records).records("OSD").latitude_deg
    )
    data = dji_txt.encode(14, records, keys=groups)
    half = read_bytes(data, [keychains(groups[:1])])
    assert len(half.track) == 12
    assert half.encrypted
    assert half.record_counts["OSD (encrypted)"] == 12


def test_keys_of_one_kind_of_record_open_that_kind_alone() -> None:
    keys = dji_txt.fake_keys(14, KINDS)
    base = dji_txt.feature_point(14, 1)
    assert base is not None
    log = read_bytes(dji_txt.encode(14, flight(20), keys=[keys]), [keychains([{base: keys[base]}])])
    assert len(log.track) == 20
    assert log.encrypted
    assert log.record_counts["Gimbal (encrypted)"] == 20
    assert log.track.gimbal_pitch_deg.isna().all()


def test_a_lost_record_severs_no_more_than_the_next_of_each_kind_of_key() -> None:
    """The bytes that are left say what they say in the whole file, or nothing."""
    groups = [dji_txt.fake_keys(14, KINDS)]
    laid_out = dji_txt.lay_out(14, flight(60), keys=groups)
    lost = [frame for frame in laid_out.frames if frame.type == 1][30]
    data = bytearray(laid_out.data)
    data[lost.offset : lost.offset + lost.size] = bytes(lost.size)
    whole, hurt = (
        read_bytes(laid_out.data, [keychains(groups)]),
        read_bytes(bytes(data), [keychains(groups)]),
    )
    for name in ("OSD", "Gimbal", "Custom"):
        left = hurt.records(name)
        kept = whole.records(name).set_index("offset").loc[left.offset].reset_index()
        pd.testing.assert_frame_equal(left, kept)
        assert len(left) >= 60 - (2 if name == "OSD" else 1), name
    assert len(hurt.records("OSD")) == 58
    severed = [issue for issue in hurt.issues if "follows a gap" in issue.reason]
    assert 1 <= len(severed) <= 3
    assert not hurt.encrypted
    assert hurt.track.latitude_deg.between(50.5, 50.7).all()


def test_a_body_of_version_14_that_needs_no_key_is_read_without_one() -> None:
    log = read_bytes(dji_txt.encode(14, [(1, osd())], keys=[dji_txt.fake_keys(14, (1,))]))
    stored = log.records("KeyStorage")
    assert stored.feature_point.tolist() == [1]
    assert len(stored.ciphertext[0]) == 512


def later_version(data: bytes, version: int) -> bytes:
    return data[:10] + bytes([version]) + data[11:]


@pytest.mark.parametrize("version", [15, 16, 40])
def test_a_version_not_known_yet_is_named_and_read_where_it_proves_itself(version: int) -> None:
    keys = groups_for(14)
    data = dji_txt.encode(14, flight(60), details=Details(product=42), keys=keys)
    log = read_bytes(later_version(data, version), [keychains(keys)])
    pd.testing.assert_frame_equal(told(log), told(read_bytes(data, [keychains(keys)])))
    assert (log.source.format_version, log.aircraft.model) == (str(version), "Mavic 2")
    assert [issue.reason[:53] for issue in log.issues] == [
        f"a DJI flight record of version {version}, which is not known"[:53]
    ]
    locked = read_bytes(later_version(data, version))
    assert locked.encrypted
    assert locked.track.empty


@pytest.mark.parametrize(
    "changed",
    [
        # Bytes of the records, and of the block that holds Details, that prove nothing.
        lambda data: data[:700] + bytes(byte ^ 0x5A for byte in data[700:]),
        lambda data: data[:110] + bytes(byte ^ 0x5A for byte in data[110:500]) + data[500:],
        lambda data: data[:100] + bytes(len(data) - 100),
        lambda data: data[:120],
    ],
)
def test_a_version_not_known_yet_that_proves_nothing_is_named_and_not_read(
    changed: Callable[[bytes], bytes],
) -> None:
    data = dji_txt.encode(14, flight(60), details=Details(product=42), keys=groups_for(14))
    expected = "a DJI flight record of version 15, which is not known yet"
    with pytest.raises(parsers.UnsupportedVersionError, match=expected):
        read_bytes(changed(later_version(data, 15)))


def test_the_shared_record_of_version_15_is_read_and_named(samples: Path) -> None:
    folder = samples.parent / "cases" / "dji_txt_v15"
    required("the case dji_txt_v15", folder.is_dir())
    (path,), (beside,) = folder.glob("*.txt"), folder.glob("*.keychains.json")
    log = parsers.read(path, keys=[parsers.load_keychains(beside.read_bytes())])
    assert len(log.track) == 3055
    assert "version 15, which is not known yet" in log.issues[0].reason
