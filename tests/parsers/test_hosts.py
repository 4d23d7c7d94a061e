"""Hosts and URLs are found in bytes, secrets in them are not repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers._shared._find_hosts import find_hosts


def hosts(data: bytes) -> list[str]:
    return [host for _, host, _ in find_hosts(data)]


@pytest.mark.parametrize(
    ("data", "host", "text"),
    [
        (b"see https://api.dji.com/v1/x?y=1 now", "api.dji.com", "https://api.dji.com/v1/x?y=1"),
        (b"\x00\x11rtmp://Live.Example.ORG:1935/app\x00", "live.example.org", None),
        (b'url="http://10.0.0.7:8080/a"', "10.0.0.7", "http://10.0.0.7:8080/a"),
        (b"http://localhost/x", "localhost", "http://localhost/x"),
        (b"udp://[fe80::1]:14550", "[fe80::1]", "udp://[fe80::1]:14550"),
        (b"uploads go to mydjiflight.dji.com.", "mydjiflight.dji.com", "mydjiflight.dji.com"),
        (
            b"\xff\x02statistical-report.djiservice.org\x00",
            "statistical-report.djiservice.org",
            None,
        ),
        (b"http://a.example.com?to=me@b.example.org", "a.example.com", None),
        (b"HTTPS://EXAMPLE.COM", "example.com", "https://example.com"),
    ],
)
def test_a_host_is_found(data: bytes, host: str, text: str | None) -> None:
    found = list(find_hosts(data))
    assert [name for _, name, _ in found] == [host]
    assert text is None or found[0][2] == text
    assert data[found[0][0] :].lower().startswith((host.encode(), found[0][2][:4].lower().encode()))


@pytest.mark.parametrize(
    "data",
    [
        b"Fly with caution.Land now",
        b"GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution.",
        b"DJI_0001.JPG and flight.txt",
        b"version 4.3.64",
        b"someone@example.com",
        b"a.b.c",
        b"://",
        b"http://",
        b"",
    ],
)
def test_what_is_no_host_is_not_taken_for_one(data: bytes) -> None:
    assert hosts(data) == []


def test_user_and_password_are_not_repeated() -> None:
    found = list(find_hosts(b"ntrip://surveyor:hunter2@rtk.example.net:2101/MOUNT"))
    assert found == [(0, "rtk.example.net", "ntrip://rtk.example.net:2101/MOUNT")]


def test_a_password_that_holds_an_at_sign_is_not_repeated_in_part() -> None:
    found = list(find_hosts(b"ftp://me:p@ss@drop.example.net/in"))
    assert found == [(0, "drop.example.net", "ftp://drop.example.net/in")]


def test_a_host_inside_a_url_is_told_once() -> None:
    assert hosts(b"https://a.example.com/b.example.org") == ["a.example.com"]


SECRET = st.text("abcdefghijklmnopqrstuvwxyz0123456789!$&()*+,;=:%@", min_size=1, max_size=20)


@given(SECRET, SECRET, st.binary(max_size=20))
def test_no_secret_before_an_at_sign_is_ever_repeated(user: str, word: str, noise: bytes) -> None:
    url = f"https://{user}Q:{word}Q@host.example.com/path".encode()
    told = list(find_hosts(noise + b" " + url))
    assert ("host.example.com", "https://host.example.com/path") in [row[1:] for row in told]
    assert not any(f"{word}Q" in row[2] for row in told)


@given(st.binary(max_size=300))
def test_any_bytes_give_lower_case_ascii_hosts_at_places_inside(data: bytes) -> None:
    for at, host, text in find_hosts(data):
        assert 0 <= at < len(data)
        assert host
        assert host == host.lower()
        assert host in text.lower()
        assert text.isascii()
        assert text.isprintable()
