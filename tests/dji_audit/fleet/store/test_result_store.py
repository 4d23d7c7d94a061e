"""Results by key: whole or not there, whatever happens to their files."""

from pathlib import Path

import numpy as np
import pytest

from dji_audit.fleet.store import ResultStore, result_key


def test_a_result_comes_back_under_its_key_alone(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    first, second = result_key({"file": "a"}), result_key({"file": "b"})
    store.put("read", first, ("one",))
    assert store.get("read", first) == ("one",)
    assert store.get("read", second) is None
    assert store.get("judge", first) is None
    assert store.has("read", first)
    store.put("read", first, ("other",))
    assert store.get("read", first) == ("other",)


def test_a_key_depends_on_everything_and_on_no_order() -> None:
    assert result_key({"a": 1, "b": [2]}) == result_key({"b": [2], "a": 1})
    keys = {result_key(basis) for basis in ({"a": 1}, {"a": "1"}, {"a": 1, "b": None}, {"b": 1})}
    assert len(keys) == 4


@pytest.mark.parametrize("damage", [b"", b"dji-audit", b"\x00" * 400])
def test_a_damaged_file_is_no_result(tmp_path: Path, damage: bytes) -> None:
    store, key = ResultStore(tmp_path), result_key({"file": "a"})
    store.put("read", key, tuple(range(50)))
    store.path("read", key).write_bytes(damage)
    assert store.get("read", key) is None


@pytest.mark.parametrize("at", [0, 30, -30, -1])
def test_one_changed_byte_is_damage_and_goes(tmp_path: Path, at: int) -> None:
    """A power cut may leave zeros in the middle of a file of the right size."""
    store, key = ResultStore(tmp_path), result_key({"file": "a"})
    store.put("read", key, np.arange(50))
    data = bytearray(store.path("read", key).read_bytes())
    data[at] ^= 1
    store.path("read", key).write_bytes(data)
    assert store.get("read", key) is None
    assert not store.has("read", key)


def test_a_file_that_was_cut_short_is_not_there(tmp_path: Path) -> None:
    store, key = ResultStore(tmp_path), result_key({"file": "a"})
    store.put("read", key, np.arange(50))
    whole = store.path("read", key).read_bytes()
    for data in (b"", whole[:10], whole[:-1], whole + b"\0", bytes(len(whole))):
        store.path("read", key).write_bytes(data)
        assert not store.has("read", key)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    store, key = ResultStore(tmp_path), result_key({"file": "a"})
    with pytest.raises(TypeError):
        store.put("read", key, object())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
