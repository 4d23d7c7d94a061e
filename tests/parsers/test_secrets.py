"""What is taken out of texts before they go anywhere, and what stays."""

import pytest

from parsers._redact_secrets import (
    is_secret_name,
    redact_email_and_count,
    redact_fields,
    redact_text_and_count,
)

KEPT = [
    "/maps/api/geocode/json?latlng=50.615,-3.965",
    "/wp-content/styles.css?ver=3.4.1",
    "/j.php?a=36603&u=http://www.example.org/&r=0.24665164566936143",
    "/getfile/getallfile?product=wm220&status_code=200",
    "/a/0123456789abcdef0123456789abcdef.mp4",
]
MASKED = [
    ("/a?token=x&v=1", "/a?token=(redacted)&v=1"),
    ("/a?X-Amz-Signature=00ff&part=2", "/a?X-Amz-Signature=(redacted)&part=2"),
    ("/a?OSSAccessKeyId=LTAI&e=1", "/a?OSSAccessKeyId=(redacted)&e=1"),
    ("/a?q=dGhpcyBpcyBubyB3b3JkIGF0IGFsbDEy", "/a?q=(redacted)"),
    ("/login;jsessionid=ABC?x=1", "/login;jsessionid=(redacted)?x=1"),
    ("/t/eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "/t/(redacted)"),
    ("http://bob:pw@a.example.org/x", "http://(redacted)@a.example.org/x"),
    ("/a#access_token=1", "/a#access_token=(redacted)"),
]


@pytest.mark.parametrize("path", KEPT)
def test_what_was_asked_for_stays(path: str) -> None:
    assert redact_text_and_count(path) == (path, 0)


@pytest.mark.parametrize(("path", "expected"), MASKED)
def test_what_lets_somebody_in_is_masked_and_counted(path: str, expected: str) -> None:
    assert redact_text_and_count(path) == (expected, 1)
    assert redact_text_and_count(expected) == (expected, 0), "masking twice changes nothing"


def test_addresses_of_people_are_masked() -> None:
    assert redact_email_and_count("to a.b+c@police.example.org, and d@e.org") == (
        "to (redacted), and (redacted)",
        2,
    )


def test_fields_named_as_secrets_are_masked_wherever_they_stand() -> None:
    told = redact_fields(
        {"password": "x", "http.cookie": "y", "list": [{"Token": "z", "n": 1}], "status_code": 200,
         "username": None, "url": "/a?sig=1", "alert.signature": "kept"}
    )  # fmt: skip
    assert told == {
        "password": "(redacted)",
        "http.cookie": "(redacted)",
        "list": [{"Token": "(redacted)", "n": 1}],
        "status_code": 200,
        "username": None,
        "url": "/a?sig=(redacted)",
        "alert.signature": "kept",
    }


def test_names_of_fields_that_only_sound_like_secrets_are_none() -> None:
    assert not any(
        map(is_secret_name, ("status_code", "key_alg", "user_agent", "sid", "signature"))
    )
    assert all(map(is_secret_name, ("Authorization", "Set-Cookie", "ntripUsername", "X-Api-Token")))
