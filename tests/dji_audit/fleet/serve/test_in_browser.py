"""The work of a lead who does not type commands, with a real server and a real browser."""

import base64
import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from dji_audit.cli._options import ServeOptions
from dji_audit.cli.fleet._serve import dossier_building_callback
from dji_audit.compliance.acknowledgements import load_acknowledgements
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions
from dji_audit.fleet.serve.application import create_workbench_application
from dji_audit.fleet.serve.request_guard import RequestGuard
from dji_audit.fleet.serve.serve_on_loopback import loopback_socket, uvicorn_config
from dji_audit.fleet.serve.workbench_actions import WorkbenchActions
from tests.conftest import ROOT, required
from tests.dji_audit.fleet.made_fleet import write_made_fleet

CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOG = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
#: Milliseconds that a step may take on a computer that does much else.
PATIENCE_MS = 90_000
#: What a person does who drags a file onto the page.
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (it) => it.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const dropped = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector('#drop').dispatchEvent(dropped);
}"""


@dataclass
class ServedVisit:
    """The page of a running server, what it said on the console, and what it asked for."""

    page: Any
    state: Path
    address: str
    said: list[str]
    asked: list[str]


@contextlib.contextmanager
def running_server(work: WorkbenchActions) -> Iterator[str]:
    """Yield the address that lets a browser in, of a server in a thread of this process."""
    with loopback_socket(0) as listening:
        guard = RequestGuard(create_workbench_application(work), listening.getsockname()[1])
        server = uvicorn.Server(uvicorn_config(guard))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield guard.entry_url_with_token
        finally:
            server.should_exit = True
            thread.join(30)
            work.stop_job_and_wait()
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def visit(
    sample_logs: Path, tmp_path_factory: pytest.TempPathFactory, playwright_driver: Any
) -> Iterator[ServedVisit]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "cards" / "one").mkdir(parents=True)
    (folder / "cards" / "one" / "note.txt").write_text("no log")
    state, said, asked = folder / "state", list[str](), list[str]()
    options = RunOptions(policy=load_policy(), state=state)
    work = WorkbenchActions(options, [folder / "cards"], dossier_building_callback(ServeOptions()))
    with running_server(work) as address:
        browser = playwright_driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        context.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        yield ServedVisit(page, state, address, said, asked)
        browser.close()


def wait_for_words(page: Any, selector: str, words: str) -> None:
    page.wait_for_function(
        "([selector, words]) => document.querySelector(selector).textContent.includes(words)",
        arg=[selector, words],
    )


@pytest.mark.browser
def test_files_are_dropped_and_audited(visit: ServedVisit, sample_logs: Path) -> None:
    page = visit.page
    assert page.title() == "Drone logs"
    content = base64.b64encode((sample_logs / LOG).read_bytes()).decode()
    page.evaluate(DROP, [LOG, content])
    wait_for_words(page, "#delivered", "1 file added")
    delivered = visit.state / "deliveries" / "0001" / LOG
    assert delivered.read_bytes() == (sample_logs / LOG).read_bytes()
    assert page.locator("#folder_list input").count() == 2
    assert page.locator("#folder_list input:checked").count() == 1
    page.focus("#audit")
    page.keyboard.press("Enter")
    wait_for_words(page, "#run_state", "Audit ended: 1 of 1 flight needs a look")
    assert page.locator("#open_table tbody tr").count() == int(page.inner_text("#open_count"))


@pytest.mark.browser
def test_a_finding_leads_to_the_page_of_its_flight(visit: ServedVisit) -> None:
    page = visit.page
    with page.expect_popup() as opened:
        page.locator("#open_table tbody a").first.click()
    flight = opened.value
    flight.wait_for_selector("html[data-ready], #verdict")
    assert "/results/flights/" in flight.url
    assert "DJIFlightRecord" in flight.inner_text("h1")
    flight.close()
    with page.expect_popup() as opened:
        page.focus("#to_index")
        page.keyboard.press("Enter")
    opened.value.wait_for_selector("#flights tbody tr")
    opened.value.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    visit: ServedVisit, scheme: str
) -> None:
    required("axe", AXE.is_file())
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Nor must a row of findings be pushed aside to be read.
    assert page.evaluate(
        "(it => it.scrollWidth <= it.clientWidth)(document.querySelector('#settle .scroll'))"
    )
    # The policy of the page lets no script in: the debugger does.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    found = page.evaluate(
        "axe.run().then((it) => it.violations.map((one) => [one.id, one.nodes[0].html]))"
    )
    assert found == []
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.browser
def test_a_finding_is_acknowledged_by_keyboard(visit: ServedVisit) -> None:
    page = visit.page
    before = int(page.inner_text("#open_count"))
    page.locator("#open_table input").first.focus()
    page.keyboard.press("Space")
    page.focus("#by")
    page.keyboard.type("Insp 12")
    page.keyboard.press("Enter")
    # The browser asks for the reason before anything is sent.
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type("pilot briefed")
    page.keyboard.press("Enter")
    wait_for_words(page, "#run_state", "Judging again ended")
    assert int(page.inner_text("#open_count")) == before - 1
    assert page.locator("#open_table input:checked").count() == 0
    page.click("#settled summary")
    assert "Acknowledged by Insp 12" in page.inner_text("#settled_table")
    rows = load_acknowledgements(visit.state / "acknowledged.csv").table.rows
    assert [row.record.reason for row in rows] == ["pilot briefed"]
    # Nothing is chosen now: the page says so, and nothing is written.
    page.fill("#reason", "again")
    page.click("#acknowledge")
    wait_for_words(page, "#message", "Choose findings first")
    assert page.evaluate("document.activeElement.id") == "message"


@pytest.mark.browser
def test_an_acknowledgement_is_taken_back_and_both_stay_with_the_finding(
    visit: ServedVisit,
) -> None:
    page = visit.page
    before = int(page.inner_text("#open_count"))
    page.locator("#settled_table input").first.check()
    page.fill("#taken_back_by", "Sgt B")
    page.fill("#taken_back_reason", "no gust was logged")
    page.click("#take_back_now")
    wait_for_words(page, "#open_table", "no gust was logged")
    assert int(page.inner_text("#open_count")) == before + 1
    assert page.is_hidden("#settled")
    (told,) = page.locator("#open_table .decided").all_inner_texts()
    assert told.startswith("Acknowledgement taken back by Sgt B on ")
    assert "acknowledged by Insp 12" in told
    wait_for_words(page, "#run_state", "Judging again ended")


@pytest.mark.browser
def test_a_dossier_is_made_and_taken_away(visit: ServedVisit, tmp_path: Path) -> None:
    page = visit.page
    page.fill("#reference", "OP-7")
    page.click("#make_dossier")
    wait_for_words(page, "#dossiers", "dossier-0001.zip")
    with page.expect_download() as taken:
        page.click("#dossiers a")
    taken.value.save_as(tmp_path / "case.zip")
    dossier = (tmp_path / "case.zip").read_bytes()
    assert hashlib.sha256(dossier).hexdigest() in page.inner_text("#dossiers")
    # Members are stored, never compressed.
    for words in (b"OP-7", b"pilot briefed", b'"command": "serve"', LOG.encode()):
        assert words in dossier


@pytest.mark.browser
def test_a_page_of_another_origin_learns_nothing(visit: ServedVisit) -> None:
    room = visit.page.url
    other = visit.page.context.new_page()
    other.route("http://evil.example/", lambda route: route.fulfill(body="<p>evil</p>"))
    other.goto("http://evil.example/")
    for method in ("GET", "POST"):
        tried = "([url, method]) => fetch(url, { method, credentials: 'include' }).then(() => 1)"
        with pytest.raises(Exception, match="Failed to fetch"):
            other.evaluate(tried, [f"{room}work", method])
    # Nor does it get in where the person follows its link.
    with other.expect_response(room) as answer:
        other.evaluate("(url) => { location.href = url; }", room)
    assert answer.value.status == 403
    other.close()


@pytest.mark.browser
def test_flights_of_an_audit_run_elsewhere_say_why_they_lead_nowhere(
    visit: ServedVisit, tmp_path: Path
) -> None:
    options = RunOptions(policy=load_policy(), state=tmp_path / "state")
    work = WorkbenchActions(options, [], dossier_building_callback(ServeOptions()))
    write_made_fleet(tmp_path / "state")
    with running_server(work) as address:
        page = visit.page.context.browser.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        assert page.locator("#open_table tbody tr").count() == 3
        assert page.is_visible("#no_pages")
        assert page.is_hidden("#pages")
        page.close()


@pytest.mark.browser
def test_nothing_else_was_asked_or_said(visit: ServedVisit) -> None:
    host = visit.address.partition("/enter/")[0]
    others = [it for it in visit.asked if not it.startswith((f"{host}/", "data:", "blob:"))]
    assert {it for it in others if "evil.example" not in it} == set()
    assert [it for it in visit.said if "409 (Conflict)" not in it] == []
    assert not (visit.state / "unfinished").exists()
