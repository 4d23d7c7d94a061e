"""PDF of a flight: tagged, within its profile, in the words of the page, the same bytes always."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from dji_audit.common.case_details import CaseDetails
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.mapper.flight_page import page_model_html, static_map_svg
from dji_audit.mapper.flight_page._page_model import PageModel, build_page_model
from dji_audit.mapper.pdf_sheets import (
    SheetHeaderAndFooter,
    SheetsError,
    typeset_pdf_of_one_flight,
    typeset_sheets,
)
from dji_audit.mapper.pdf_sheets._printable_text import (
    printable_svg,
    spell_out_unprintable_characters,
)
from parsers import _tables
from tests.conftest import ROOT

Make = Callable[..., FlightAudit]
CASE = CaseDetails(reference="OP/114 #[x]", exhibit="AB/1", made_by="Insp 12")
NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
#: Every character that sheets may print.
RANGES = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x386, 0x386), (0x388, 0x38A), (0x38C, 0x38C),
    (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x45F), (0x490, 0x4C4), (0x1E00, 0x1E9B),
    (0x2010, 0x2027), (0x2030, 0x203A), (0x20A4, 0x20A4), (0x20AC, 0x20AC), (0x2190, 0x2193),
    (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x27E8, 0x27E9),
)  # fmt: skip


def model(audit: FlightAudit, case: CaseDetails = CASE) -> PageModel:
    return build_page_model(
        audit, local_zone="Europe/London", camera_poses=None, target=None, zones=(), case=case
    )


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page, as a program that copies it reads it."""
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for number in range(len(document)):
        page = document[number]
        texts.append(page.get_textpage().get_text_bounded().replace("\r\n", "\n"))
    document.close()
    return texts


def structure_elements(node: Any) -> Iterator[Any]:
    """Yield every element of the structure of a document."""
    if isinstance(node, pikepdf.Array):
        for each in node:
            yield from structure_elements(each)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from structure_elements(node.K)


@pytest.fixture(scope="module")
def undated(made: Make, audit_basis: AuditInputProvenance) -> bytes:
    return typeset_pdf_of_one_flight(model(made(fixes=900)), basis=audit_basis, generated=None)


@pytest.fixture(scope="module")
def dated(made: Make, audit_basis: AuditInputProvenance) -> bytes:
    return typeset_pdf_of_one_flight(model(made(fixes=900)), basis=audit_basis, generated=NOW)


def test_is_tagged_and_claims_its_profile(undated: bytes, tmp_path: Path) -> None:
    path = tmp_path / "flight.pdf"
    path.write_bytes(undated)
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root.Metadata.read_bytes()
        assert "Flight of" in str(pdf.docinfo.Title)
        assert "/CreationDate" not in pdf.docinfo
        elements = list(structure_elements(root.StructTreeRoot.K))
        kinds = {str(element.S) for element in elements}
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/P"} <= kinds
        figures = [element for element in elements if str(element.S) == "/Figure"]
        assert figures
        assert all(str(figure.Alt).strip() for figure in figures)
        for page in pdf.pages:
            assert str(page.obj.Tabs) == "/S"
            assert "/StructParents" in page.obj


def test_every_font_is_inside_and_can_be_copied_from(undated: bytes) -> None:
    with pikepdf.open(BytesIO(undated)) as pdf:
        fonts = [
            obj
            for obj in pdf.objects
            if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/Font"
        ]
        top = [font for font in fonts if "/DescendantFonts" in font]
        assert top
        for font in top:
            assert "/ToUnicode" in font
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_does_nothing_and_fetches_nothing(dated: bytes) -> None:
    with pikepdf.open(BytesIO(dated)) as pdf:
        assert not {"/OpenAction", "/AA"} & set(pdf.Root.keys())
        names = {
            str(key)
            for obj in pdf.objects
            if isinstance(obj, pikepdf.Dictionary)
            for key in obj.keys()  # noqa: SIM118 - a dictionary of PDF
        }
        assert not {"/JS", "/JavaScript", "/EmbeddedFile", "/URI", "/Launch"} & names
    assert b"http://" not in dated.replace(b"http://www.w3.org", b"").replace(
        b"http://ns.adobe.com", b""
    ).replace(b"http://www.aiim.org", b"").replace(b"http://purl.org", b"")


def test_a_time_that_is_given_makes_it_pdf_a_as_well(dated: bytes) -> None:
    with pikepdf.open(BytesIO(dated)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes()
        assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
        assert b"<pdfaid:part>2</pdfaid:part>" in metadata
        assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
        assert "/OutputIntents" in pdf.Root
        assert str(pdf.docinfo.CreationDate).startswith("D:20261130093000")
    assert "2026-11-30 09:30:00 UTC" in page_texts(dated)[0]


def test_case_log_hash_version_and_number_stand_on_every_sheet(
    made: Make, undated: bytes, audit_basis: AuditInputProvenance
) -> None:
    source = made().flight.log.source
    pages = page_texts(undated)
    assert len(pages) > 1
    for number, text in enumerate(pages, 1):
        assert "Case OP/114 #[x] · Exhibit AB/1 · Made by Insp 12" in text
        assert source.sha256 in text
        assert source.name in text.replace("\u200b", "").replace("\n", "")
        assert f"dji-audit {audit_basis.tool_version}" in text
        assert f"Page {number} of {len(pages)}" in text


def test_findings_and_rules_are_printed_in_the_words_of_the_page(
    made: Make, undated: bytes
) -> None:
    text = re.sub(r"\s+", " ", " ".join(page_texts(undated)).replace("\u200b", ""))
    audit = made(fixes=900)
    for result in audit.results:
        assert result.title in text
    for finding in audit.findings:
        assert finding.summary[1:40] in text


def test_the_same_flight_gives_the_same_bytes_in_every_process(
    tmp_path: Path, dated: bytes
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.dji_audit.mapper import conftest as made\n"
        "from datetime import datetime, UTC\n"
        "from dji_audit.mapper.pdf_sheets import typeset_pdf_of_one_flight\n"
        "from tests.dji_audit.mapper.test_pdf_sheets import CASE, NOW, model\n"
        "audit = made.made.__wrapped__()(fixes=900)\n"
        "pdf = typeset_pdf_of_one_flight(model(audit), basis=made.AUDIT_BASIS, generated=NOW)\n"
        "Path(sys.argv[1]).write_bytes(pdf)\n"
    )
    out = tmp_path / "again.pdf"
    around = os.environ | {
        "PYTHONHASHSEED": "77",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "de_DE.UTF-8",
        "PYTHONPATH": str(ROOT),
        "SOURCE_DATE_EPOCH": "1000000000",
    }
    subprocess.run([sys.executable, "-c", script, str(out)], check=True, env=around, timeout=120)
    assert out.read_bytes() == dated


def test_no_text_of_a_log_is_run_or_becomes_markup(
    poisoned_audit: FlightAudit, audit_basis: AuditInputProvenance, poison: Callable[[Any], Any]
) -> None:
    hostile = '#panic("x") #eval("1+1") $x^2$ = Title *bold* @ref <l> \\u{41} {{7*7*1001}} '
    source = replace(poisoned_audit.flight.log.source, name=hostile * 3)
    log = replace(poisoned_audit.flight.log, source=source)
    first = replace(poisoned_audit.flight.sources[0], log=log)
    flight = replace(poisoned_audit.flight, sources=(first, *poisoned_audit.flight.sources[1:]))
    audit = replace(poisoned_audit, flight=flight)
    pdf = typeset_pdf_of_one_flight(model(audit), basis=poison(audit_basis), generated=None)
    text = "".join(page_texts(pdf)).replace("\u200b", "").replace("\n", " ")
    assert "49049" not in text
    assert '#panic("x") #eval("1+1") $x^2$' in text


def test_characters_that_no_font_holds_are_spelt_out(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made(fixes=60)
    name = "日本語\u202e\u05de\u05d1 😀 é \u0301.txt"
    log = replace(audit.flight.log, source=replace(audit.flight.log.source, name=name))
    first = replace(audit.flight.sources[0], log=log)
    flight = replace(audit.flight, sources=(first, *audit.flight.sources[1:]))
    pdf = typeset_pdf_of_one_flight(
        model(replace(audit, flight=flight)), basis=audit_basis, generated=None
    )
    text = page_texts(pdf)[0].replace("\u200b", "").replace("\n", "")
    assert "⟨U+65E5⟩⟨U+672C⟩⟨U+8A9E⟩⟨U+202E⟩" in text
    assert "⟨U+1F600⟩ é ⟨U+0301⟩.txt" in text


def test_every_character_that_is_let_through_has_a_glyph() -> None:
    letters = "".join(chr(code) for first, last in RANGES for code in range(first, last + 1))
    spelt = spell_out_unprintable_characters(letters[:1000]) + spell_out_unprintable_characters(
        letters[1000:]
    )
    assert spelt.replace("\u200b", "") == letters
    head = SheetHeaderAndFooter(
        title="x", tool_version="0", subject="x", subject_sha256="", generated=None
    )
    content: dict[str, object] = {
        "verdict": letters[:1000],
        "warnings": [letters[1000:]],
        "notes": [],
        "basis": [],
    }
    content |= {name: [] for name in ("facts", "flights", "findings", "unread", "files")}
    content |= dict.fromkeys(("flights_left", "findings_left", "files_left"), 0)
    # PDF/UA-1 forbids a character without a glyph, and typst refuses to write one.
    assert typeset_sheets("run", head, content).startswith(b"%PDF-1.7")


def test_pictures_are_bound_to_the_fonts_of_the_sheets() -> None:
    svg = '<svg viewBox="0 0 9 9"><text font-family="sans-serif">&#20013;é日&#65;</text></svg>'
    assert printable_svg(svg) == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        '<text font-family="DejaVu Sans Mono">⟨U+4E2D⟩é⟨U+65E5⟩&#65;</text></svg>'
    )


def test_what_typst_refuses_is_said_with_its_reason() -> None:
    head = SheetHeaderAndFooter(
        title="x", tool_version="0", subject="x", subject_sha256="", generated=None
    )
    with pytest.raises(SheetsError, match=r"typst cannot set the sheets: \w+"):
        typeset_sheets("run", head, {})


def test_a_flight_without_a_track_says_so(made: Make, audit_basis: AuditInputProvenance) -> None:
    audit = made(encrypted=True, track=_tables.empty_table(_tables.TRACK), named_positions=())
    text = " ".join(
        page_texts(typeset_pdf_of_one_flight(model(audit), basis=audit_basis, generated=None))
    )
    assert "There is no track to draw" in text.replace("\n", " ")


def test_geometry_is_that_of_the_page(made: Make, audit_basis: AuditInputProvenance) -> None:
    page = model(made(fixes=900))
    picture = static_map_svg(page)
    assert picture.startswith("<svg ")
    assert picture in page_model_html(page, basis=audit_basis, generated=None)


def test_the_folder_one_stands_in_is_not_loaded_from(
    made: Make, audit_basis: AuditInputProvenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "typst.py").write_text("raise SystemExit('the evidence was run')")
    monkeypatch.chdir(tmp_path)
    sheets = typeset_pdf_of_one_flight(model(made(fixes=60)), basis=audit_basis, generated=None)
    assert sheets.startswith(b"%PDF-")
