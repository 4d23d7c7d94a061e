"""Records that were taken out of an encrypted log without leaving a gap are found by the cipher."""

from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Log
from parsers.dji.txt._cipher_chain_breaks import (
    blocks_with_valid_padding_mask,
    cipher_chain_break_mask,
)
from parsers.dji.txt._text_and_list_records import vision_group_has_whole_sub_blocks
from sample_logs import dji_bodies, dji_txt
from tests.parsers.dji.txt.made import flight, keychains, read_bytes

KEYS = dji_txt.fake_keys(14, range(64))
BROKEN = "chain of the cipher is broken"


def without(lost: tuple[int, ...]) -> Log:
    """Return a log of 120 fixes of which some records, by their number, were taken out whole."""
    laid_out = dji_txt.lay_out(14, flight(120), keys=[KEYS])
    data = bytearray(laid_out.data)
    for number in sorted(lost, reverse=True):
        frame = laid_out.frames[number]
        del data[frame.offset : frame.offset + frame.size]
    return read_bytes(bytes(data), [keychains([KEYS])])


def test_a_whole_log_has_no_broken_link() -> None:
    log = without(())
    assert not [issue for issue in log.issues if BROKEN in issue.reason]
    assert log.record_counts["OSD"] == log.record_counts["Gimbal"] == 120


#: Number of the record in each turn of Custom, OSD, Gimbal -> its name.
@pytest.mark.parametrize(("place", "name"), [(0, "Custom"), (1, "OSD"), (2, "Gimbal")])
def test_the_record_after_one_that_was_taken_out_tells_nothing_and_is_named(
    place: int, name: str
) -> None:
    whole, log = without(()), without(tuple(3 * turn + place for turn in (30, 50, 51, 90)))
    told = [issue for issue in log.issues if BROKEN in issue.reason]
    # Two that follow one another break the chain once.
    assert [issue.reason.split()[0] for issue in told] == [name] * 3
    assert all(issue.size > 0 for issue in told)
    assert log.record_counts[name] == 120 - 4 - 3
    for column in ("latitude_deg", "longitude_deg", "gimbal_yaw_deg", "gimbal_pitch_deg"):
        assert set(log.track[column].dropna()) <= set(whole.track[column].dropna()), column
    assert len(log.captures) == 0
    assert sum(span.size for span in log.coverage) == log.source.size


def test_even_where_every_second_record_was_taken_out_no_position_is_made_up() -> None:
    log = without(tuple(range(1, 360, 6)))
    near = log.track.dropna(subset=["latitude_deg"])
    assert (abs(near.latitude_deg - 50.6) < 0.01).all()
    assert (abs(near.longitude_deg + 3.96) < 0.01).all()
    assert sum(BROKEN in issue.reason for issue in log.issues) >= 58


def test_a_garbled_text_is_no_message() -> None:
    text = "Weak GPS signal. Positioning accuracy may be compromised."
    records = flight(40, {n: [(10, dji_bodies.text(text))] for n in (5, 10, 15)})
    laid_out = dji_txt.lay_out(14, records, keys=[KEYS])
    data = bytearray(laid_out.data)
    # The first warning; then all Custom records with its key from there to the next warning.
    numbers = [n for n, (kind, _) in enumerate(records) if kind in (5, 10)]
    first = next(n for n in numbers if records[n][0] == 10)
    second = next(n for n in numbers if records[n][0] == 10 and n > first)
    before = max(n for n in numbers if n < second)
    frame = laid_out.frames[before]
    del data[frame.offset : frame.offset + frame.size]
    log = read_bytes(bytes(data), [keychains([KEYS])])
    assert log.events[log.events.record == "AppWarn"].text.tolist() == [text, text]
    assert [i.reason.split()[0] for i in log.issues if BROKEN in i.reason] == ["AppWarn"]


def test_padding_is_valid_where_all_its_bytes_are_its_length() -> None:
    blocks = np.arange(100, 116, dtype=np.uint8)[None].repeat(5, axis=0)
    blocks[0, -1:] = 1
    blocks[1, -4:] = 4
    blocks[2, -4:] = (4, 9, 4, 4)
    blocks[3, :] = 16
    blocks[4, -1] = 17
    assert blocks_with_valid_padding_mask(blocks).tolist() == [True, True, False, True, False]


def test_a_single_block_with_another_padding_than_its_kind_is_noise() -> None:
    """Noise ends in a byte of 1 once in 256 times, which is padding of one byte."""
    block = np.array([3, 7] + [14] * 14, np.uint8)
    blocks = block[None].repeat(5, axis=0)
    blocks[2] = [*range(40, 55), 1]
    kinds, sizes = np.full(5, 19, np.uint8), np.full(5, 16)
    assert cipher_chain_break_mask(kinds, sizes, blocks).tolist() == [
        False,
        False,
        True,
        False,
        False,
    ]
    # Texts of several lengths have several paddings.
    texts = np.array([[*range(65, 80 - n), *[n + 1] * (n + 1)] for n in range(5)], np.uint8)
    assert not cipher_chain_break_mask(np.full(5, 9, np.uint8), sizes, texts).any()


def test_sub_blocks_that_do_not_end_where_they_say_are_noise() -> None:
    rng = np.random.default_rng(3)
    bodies = [bytes([8, 4, n, n + 1, n + 2, 99, 0xFE, 9, 11, *range(11), 0xFE]) for n in range(6)]
    assert all(vision_group_has_whole_sub_blocks(body) for body in bodies)
    garbled = [rng.bytes(16) + body[16:] for body in bodies]
    assert not any(vision_group_has_whole_sub_blocks(body) for body in garbled)
    kinds, sizes = np.full(6, 17, np.uint8), np.array([32, 48, 64, 80, 96, 112])
    blocks = np.array([list(body[:16]) for body in garbled], np.uint8)
    assert not cipher_chain_break_mask(kinds, sizes, blocks).any()
    assert cipher_chain_break_mask(kinds, sizes, blocks, np.ones(6, bool)).all()


def test_noise_is_found_and_nothing_else_in_real_records(samples: Path) -> None:
    rng = np.random.default_rng(7)
    name = "dji_txt/swardiantara+droner-dataset/DJIFlightRecord_2018-06-19_[14-50-34].txt"
    data = parsers.open_content(samples / name).array
    log = parsers.read(samples / name)
    for record, kind in (("OSD", 1), ("Custom", 5), ("Camera", 25), ("Home", 2)):
        frame = log.records(record)
        begin = frame["offset"].to_numpy() + 2
        sizes = data[begin - 1].astype(np.int64)
        key = np.array([_unscrambled(data, int(at), kind) for at in begin])
        kinds = np.full(len(key), kind, np.uint8)
        assert not cipher_chain_break_mask(kinds, sizes, key).any(), record
        chosen = rng.choice(len(key), 20, replace=False)
        key[chosen] = rng.integers(0, 256, (20, 16), dtype=np.uint8)
        found = np.flatnonzero(cipher_chain_break_mask(kinds, sizes, key))
        assert set(found) == set(chosen), record


def _unscrambled(data: np.ndarray, begin: int, kind: int) -> np.ndarray:
    """Return the first 16 bytes of a body."""
    seed = int(data[begin])
    return np.frombuffer(
        dji_txt.scramble(kind, data[begin + 1 : begin + 17].tobytes(), seed)[1:17], np.uint8
    )


def test_the_shared_case_keeps_every_position_near_the_flight(samples: Path) -> None:
    folder = samples.parent / "cases" / "dji_txt_v14_lost_records"
    if not folder.is_dir():
        pytest.skip("the case is not here")
    path = next(folder.glob("*.txt"))
    keys = [parsers.load_keychains(next(folder.glob("*.keychains.json")).read_bytes())]
    log = parsers.read(path, keys=keys)
    assert log.track.latitude_deg.sub(39.9612).abs().max() < 0.002
    assert log.track.longitude_deg.add(106.2164).abs().max() < 0.002
    assert log.track.gimbal_pitch_deg.min() > -90
    assert sum(BROKEN in issue.reason for issue in log.issues) == 40
