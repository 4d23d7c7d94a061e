"""Results by key: whole or not there, whatever happens to their files."""

from pathlib import Path

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


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    store, key = ResultStore(tmp_path), result_key({"file": "a"})
    with pytest.raises(TypeError):
        store.put("read", key, object())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
