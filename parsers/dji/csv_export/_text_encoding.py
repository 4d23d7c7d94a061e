"""In which encoding the text of a table is that does not say so, and what of it is no text.

A spreadsheet saves a table in the code page of its country.  UTF-8 proves itself; Chinese text is
in pairs of high bytes (GB 2312-80), Japanese text is full of kana (JIS X 0208); all else is read as
the code page of Western Europe, of which every byte but five is a character.
"""

import codecs
import re

from ..._model import Issue

_DECODED_AT_ONCE, _MOST_BAD_SPANS, _MOST_ISSUES = 1 << 16, 2_000, 1_000
_UNDEFINED_IN_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
#: Runs of high bytes of which nearly all must be Chinese characters, of two bytes each.
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_CHINESE_RUN = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_CHINESE_SHARE, _KANA_SHARE = 0.9, 0.3
#: Bytes of a text by which its code page is judged.
_JUDGED = 1 << 20
_KANA = re.compile("[\u3041-\u30ff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_NAMES = {
    "cp1252": "Windows-1252", "gb18030": "GB 18030 (Chinese)", "cp932": "Shift JIS (Japanese)",
}  # fmt: skip


def detect_encoding_with_issues(raw: bytes) -> tuple[str, list[Issue]]:
    """Return the encoding of a text, and what is in doubt about it.

    UTF-8 where the whole text is that, or where more of its letters beyond ASCII are than are not:
    those are damage then.  Else a code page, which is a guess.
    """
    if raw.isascii():
        return "utf-8", []
    bad = _invalid_utf8_spans(raw)
    if not bad:
        return "utf-8", []
    valid = raw.decode("utf-8", "ignore")
    if len(valid) - len(valid.encode("ascii", "ignore")) > len(bad):
        why = "bytes that are not UTF-8 text: each stands as U+FFFD"
        return "utf-8", [Issue(at, 0, why) for at, _ in bad[:_MOST_ISSUES]]
    encoding = _guess_code_page(raw[:_JUDGED])
    note = f"its text is not UTF-8 and does not say what it is: read as {_NAMES[encoding]}"
    issues = [Issue(bad[0][0], 0, note)]
    if encoding == "cp1252":
        why = "a byte that is not text in any known encoding: it stands as U+FFFD"
        issues += [
            Issue(begin, 0, why)
            for begin, end in bad
            if raw[begin:end].translate(None, _UNDEFINED_IN_CP1252) != raw[begin:end]
        ]
    return encoding, issues[:_MOST_ISSUES]


def _guess_code_page(raw: bytes) -> str:
    """Return the code page of a text that is no UTF-8, as Python names it."""
    japanese = raw.decode("cp932", "ignore")
    beyond = len(_BEYOND_ASCII.findall(japanese))
    if beyond and len(_KANA.findall(japanese)) >= _KANA_SHARE * beyond:
        return "cp932"
    runs = _HIGH_RUNS.findall(raw)
    chinese = sum(len(run) for run in runs if _CHINESE_RUN.fullmatch(run))
    return "gb18030" if chinese >= _CHINESE_SHARE * sum(map(len, runs)) else "cp1252"


def _invalid_utf8_spans(raw: bytes) -> list[tuple[int, int]]:
    """Return where bytes are that are no UTF-8, begin and end of each run, up to a bound."""
    spans: list[tuple[int, int]] = []
    at = 0
    view = memoryview(raw)
    while at < len(raw) and len(spans) < _MOST_BAD_SPANS:
        try:
            # A character that the end of the block cuts is left for the next.
            read = codecs.utf_8_decode(view[at : at + _DECODED_AT_ONCE], "strict", False)[1]
        except UnicodeDecodeError as error:
            spans.append((at + error.start, at + error.end))
            at += error.end
            continue
        if not read:
            spans.append((at, len(raw)))
            break
        at += read
    return spans
