"""Nobody is let in but this computer's browser with the token, and nothing is said to others."""

import pytest

from dji_audit.fleet.serve.request_guard import RequestGuard
from tests.dji_audit.fleet.serve.asked_server import HOST, PORT, Answer, AskedServer


def is_nothing(answer: Answer, status: int) -> bool:
    return answer.status == status and answer.body == b"" and "set-cookie" not in answer.headers


def test_the_entrance_gives_a_strict_cookie_and_leads_to_the_page(server: AskedServer) -> None:
    entered = server.enter()
    assert (entered.status, entered.headers["location"]) == (303, f"{server.guard.room}/")
    words = {it.strip().lower() for it in entered.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", f"path={server.guard.room}/".lower()} <= words
    page = server.ask("GET", server.in_room(""))
    assert page.status == 200
    assert b"Add logs" in page.body


def test_a_wrong_token_or_cookie_gets_nothing(server: AskedServer) -> None:
    for wrong in (
        "",
        "x",
        server.guard.entry_url_with_token[-43:-1],
        server.guard.entry_url_with_token[-43:] + "x",
        "é",
    ):
        assert is_nothing(server.ask("GET", f"/enter/{wrong}"), 403), wrong
    server.enter()
    name = server.cookie.partition("=")[0]
    for cookie in ("x=y", f"{name}=wrong", server.cookie[:-1], f"{name}=", "=;;=", 'a="'):
        for path in (server.in_room(""), server.in_room("work"), "/", "/favicon.ico"):
            assert is_nothing(server.ask("GET", path, cookie=cookie), 403), (cookie, path)


def test_two_servers_have_different_secrets() -> None:
    async def nothing(*_: object) -> None:
        return None

    one, other = RequestGuard(nothing, PORT), RequestGuard(nothing, PORT)
    assert one.entry_url_with_token != other.entry_url_with_token
    assert one.room != other.room
    assert len(one.entry_url_with_token.rpartition("/")[2]) == 43


@pytest.mark.parametrize(
    "host",
    [None, "", "localhost", f"localhost:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}",
     f"evil.example:{PORT}", f"{HOST}.evil.example", f"[::1]:{PORT}"],
)  # fmt: skip
def test_a_wrong_host_gets_nothing(server: AskedServer, host: str | None) -> None:
    entrance = server.guard.entry_url_with_token.partition(HOST)[2]
    assert is_nothing(server.ask("GET", entrance, host=host), 403)
    server.enter()
    assert is_nothing(server.ask("GET", server.in_room("work"), host=host), 403)


def test_two_hosts_get_nothing(server: AskedServer) -> None:
    server.enter()
    more = [("host", "evil.example")]
    assert is_nothing(server.ask("GET", server.in_room("work"), more=more), 403)


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", f"http://localhost:{PORT}", f"https://{HOST}",
     f"http://127.0.0.1:{PORT + 1}", "http://127.0.0.1"],
)  # fmt: skip
def test_a_page_of_another_origin_gets_nothing(server: AskedServer, origin: str) -> None:
    server.enter()
    for method, path in (("GET", "work"), ("POST", "audit"), ("POST", "stop"), ("PUT", "x")):
        assert is_nothing(server.ask(method, server.in_room(path), origin=origin), 403)


def test_a_request_that_changes_something_states_its_origin(server: AskedServer) -> None:
    server.enter()
    assert is_nothing(server.ask("POST", server.in_room("stop"), b"{}", origin=None), 403)
    assert server.ask("POST", server.in_room("stop"), b"{}").status == 200
    for site in ("cross-site", "same-site"):
        more = [("sec-fetch-site", site)]
        assert is_nothing(server.ask("GET", server.in_room("work"), more=more), 403)
        assert is_nothing(server.ask("POST", server.in_room("stop"), b"{}", more=more), 403)


@pytest.mark.parametrize(
    "path",
    ["../acknowledged.csv", "results/../../acknowledged.csv", "results/%2e%2e/acknowledged.csv",
     "results/%2E%2E%2Facknowledged.csv", "results/..%2facknowledged.csv", "results//index.html",
     "results/..%5cacknowledged.csv", "results/%252e%252e/acknowledged.csv", "results/./index.html",
     "results/index.html%00.html", "results/C:/x.html", "dossiers/..%2f..%2fx.zip",
     "results/%c0%ae%c0%ae/acknowledged.csv"],
)  # fmt: skip
def test_a_path_that_climbs_gets_nothing(server: AskedServer, path: str) -> None:
    server.enter()
    state = server.work.state
    (state / "acknowledged.csv").write_text("secret")
    server.work.results.mkdir()
    (server.work.results / "index.html").write_text("index")
    assert server.ask("GET", server.in_room("results/index.html")).body == b"index"
    assert is_nothing(server.ask("GET", server.in_room(path)), 404)


def test_every_answer_says_that_nothing_is_kept_framed_or_told(server: AskedServer) -> None:
    server.enter()
    answers = (
        server.ask("GET", server.in_room("")),
        server.ask("GET", server.in_room("work")),
        server.ask("GET", server.in_room("nothing")),
        server.ask("GET", "/", cookie="x=y"),
    )
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    assert "connect-src 'self'" in answers[0].headers["content-security-policy"]
    assert "connect-src 'self'" not in answers[1].headers["content-security-policy"]
