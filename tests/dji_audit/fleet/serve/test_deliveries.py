"""What is dropped arrives whole and below its own folder, or not at all."""

import json
from pathlib import Path

import pytest

from dji_audit.fleet.serve.evidence_uploads import UploadLimits
from tests.dji_audit.conftest import run_to_its_end
from tests.dji_audit.fleet.serve.asked_server import Answer, AskedServer, server_of


def delivered(server: AskedServer, name: str, *pieces: bytes, delivery: str = "0001") -> Answer:
    return server.ask("PUT", server.in_room(f"deliveries/{delivery}?name={name}"), pieces)


@pytest.fixture
def open_server(server: AskedServer) -> AskedServer:
    server.enter()
    answer = server.ask("POST", server.in_room("deliveries"))
    assert json.loads(answer.body) == {"delivery": "0001"}
    return server


def test_a_file_keeps_its_folders_and_its_bytes_and_is_read_only(open_server: AskedServer) -> None:
    answer = delivered(open_server, "card/DCIM/%2e.DS_Store", b"one ", b"two")
    assert answer.status == 200
    path = open_server.work.deliveries.folder / "0001" / "card" / "DCIM" / "..DS_Store"
    assert path.read_bytes() == b"one two"
    assert path.stat().st_mode & 0o777 == 0o400
    assert open_server.work.deliveries.uploaded_file_count_and_size.size == 7


def test_what_is_there_is_never_replaced_and_two_cards_may_have_the_same_names(
    open_server: AskedServer,
) -> None:
    assert delivered(open_server, "FLY001.DAT", b"first").status == 200
    again = delivered(open_server, "FLY001.DAT", b"second")
    assert again.status == 409
    assert "already" in json.loads(again.body)["message"]
    other = json.loads(open_server.ask("POST", open_server.in_room("deliveries")).body)["delivery"]
    assert delivered(open_server, "FLY001.DAT", b"second", delivery=other).status == 200
    folder = open_server.work.deliveries.folder
    assert (folder / "0001" / "FLY001.DAT").read_bytes() == b"first"
    assert (folder / other / "FLY001.DAT").read_bytes() == b"second"


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/../../x", "%2e%2e/x", "..%2fx", "a//x", "/etc/x", "a\\x", "C:x", "x%00",
     "x%0ay", "x" * 256, "/".join("a" * 17)],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_gets_nothing(open_server: AskedServer, name: str) -> None:
    before = sorted(open_server.work.state.rglob("*"))
    answer = delivered(open_server, name, b"bytes")
    assert (answer.status, answer.body) == (404, b"")
    assert sorted(open_server.work.state.rglob("*")) == before


@pytest.mark.parametrize("delivery", ["0002", "..", "x", "%2e%2e", "-1"])
def test_a_delivery_that_nobody_opened_gets_nothing(
    open_server: AskedServer, delivery: str
) -> None:
    answer = delivered(open_server, "x", b"bytes", delivery=delivery)
    assert (answer.status, answer.body) == (404, b"")


def test_a_link_in_the_way_gets_nothing(open_server: AskedServer, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = open_server.work.deliveries.folder
    (folder / "0001" / "link").symlink_to(outside)
    assert delivered(open_server, "link/x", b"bytes").status == 404
    (folder / "0009").symlink_to(outside)
    assert delivered(open_server, "x", b"bytes", delivery="0009").status == 404
    (folder / "0001" / "x").symlink_to(outside / "x")
    assert delivered(open_server, "x", b"bytes").status == 409
    assert list(outside.iterdir()) == []


def test_what_is_too_large_leaves_nothing_behind(tmp_path: Path) -> None:
    limits = UploadLimits(file_bytes=10, all_bytes=15, files=3, free_bytes=0)
    server = server_of(tmp_path / "state", limits=limits)
    server.enter()
    server.ask("POST", server.in_room("deliveries"))
    assert delivered(server, "whole", b"12345", b"67890").status == 200
    assert delivered(server, "long", b"12345", b"678901").status == 409
    assert delivered(server, "no_room", b"123456").status == 409
    assert delivered(server, "small", b"1").status == 200
    assert delivered(server, "last", b"1").status == 200
    assert delivered(server, "too_many", b"1").status == 409
    kept = [it.name for it in server.work.state.rglob("*") if it.is_file()]
    assert not {"long", "no_room", "too_many"} & set(kept)
    assert list((server.work.state / "arriving").iterdir()) == []


def test_a_browser_that_goes_away_leaves_no_half_file(open_server: AskedServer) -> None:
    async def gone() -> int:
        sent: list[dict[str, object]] = []
        messages: list[dict[str, object]] = [
            {"type": "http.request", "body": b"half", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> dict[str, object]:
            return messages.pop(0)

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        path = open_server.in_room("deliveries/0001")
        headers = {
            "host": "127.0.0.1:48123",
            "origin": "http://127.0.0.1:48123",
            "cookie": open_server.cookie,
        }
        scope = {
            "type": "http", "method": "PUT", "path": path, "raw_path": path.encode(),
            "query_string": b"name=x", "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        await open_server.guard(scope, receive, send)  # type: ignore[arg-type]
        return int(str(sent[0]["status"]))

    assert run_to_its_end(gone()) == 400
    assert [it for it in open_server.work.deliveries.folder.rglob("*") if it.is_file()] == []
    assert list((open_server.work.state / "arriving").iterdir()) == []
