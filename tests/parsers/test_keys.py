"""Keychains are read in the form the server gives them in, and nothing else is taken for them."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import (
    InvalidKeysError,
    KeyRequest,
    dump_keychains,
    keychains_sha256,
    load_keychains,
)

KEY, IV = bytes(range(32)), bytes(range(16))


def entry(**changed: object) -> dict[str, Any]:
    return {
        "featurePoint": "FR_Standardization_Feature_Base_1",
        "aesKey": base64.b64encode(KEY).decode(),
        "aesIv": base64.b64encode(IV).decode(),
    } | changed


def test_an_answer_whole_or_only_its_data_gives_the_same_keys() -> None:
    groups = [[entry()], [entry(featurePoint="FR_Standardization_Feature_FlySafe_14")]]
    bare = load_keychains(json.dumps(groups).encode())
    answer = {"data": groups, "result": {"code": 0, "msg": "ok"}}
    assert load_keychains(json.dumps(answer).encode()) == bare
    assert [list(group) for group in bare] == [[1], [14]]
    assert (bare[0][1].key, bare[0][1].iv) == (KEY, IV)


def test_a_key_does_not_show_its_secret() -> None:
    keys = load_keychains(json.dumps([[entry()]]).encode())
    assert repr(keys[0][1]) == "FeaturePointKey(...)"
    assert base64.b64encode(KEY).decode() not in repr(keys)
    assert KEY.hex() not in repr(keys)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"{}", "list of lists"),
        (b'{"data": null}', "list of lists"),
        (b'{"answers": {}}', "several logs: import them"),
        (b"[1]", "list of lists"),
        (b"[[1]]", "group 0, key 0: expected an object"),
        (json.dumps([[entry(featurePoint="Base")]]).encode(), "does not end in a number"),
        (json.dumps([[entry(featurePoint=None)]]).encode(), "does not end in a number"),
        (
            json.dumps([[], [entry(), entry(aesKey="???")]]).encode(),
            "group 1, key 1: aesKey is not",
        ),
        (json.dumps([[entry(aesIv="AAAA")]]).encode(), "aesIv has 3 bytes, not 16"),
        (json.dumps([[entry(aesKey=None)]]).encode(), "aesKey"),
        (b" " * (5 << 20), "too large"),
    ],
)
def test_what_is_no_keychain_is_refused_and_told_where(text: bytes, says: str) -> None:
    with pytest.raises(InvalidKeysError, match=says):
        load_keychains(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(JSON | st.lists(st.lists(JSON.map(lambda value: entry(aesIv=value)), max_size=2)))
def test_any_json_is_keychains_or_refused(value: object) -> None:
    text = json.dumps(value).encode()
    try:
        groups = load_keychains(text)
    except InvalidKeysError:
        return
    assert all(len(key.key) == 32 and len(key.iv) == 16 for g in groups for key in g.values())


@given(st.binary(max_size=200))
def test_any_bytes_are_keychains_or_refused(text: bytes) -> None:
    try:
        load_keychains(text)
    except InvalidKeysError as error:
        assert str(error).startswith("keychains")


def test_keychains_written_and_read_again_are_the_same_and_have_one_hash() -> None:
    groups = [[entry(featurePoint="FR_Standardization_Feature_FlySafe_14"), entry()], []]
    chains = load_keychains(json.dumps(groups).encode())
    again = load_keychains(json.dumps({"data": dump_keychains(chains)}).encode())
    assert again == chains
    assert keychains_sha256(again) == keychains_sha256(chains)
    assert keychains_sha256(chains[:1]) != keychains_sha256(chains)


def test_a_request_has_the_documented_form_and_a_hash_that_tells_it_apart() -> None:
    request = KeyRequest(4, 3, (((1, b"\1\2"), (99, b"")), ()))
    assert json.dumps(request.body(), separators=(",", ":")) == (
        '{"version":4,"department":3,"keychainsArray":[['
        '{"featurePoint":"FR_Standardization_Feature_Base_1","aesCiphertext":"AQI="},'
        '{"featurePoint":"FR_Standardization_Feature_Unknown_99","aesCiphertext":""}],[]]}'
    )
    assert request.sha256 != KeyRequest(4, 7, request.groups).sha256
    assert len(request.sha256) == 64
