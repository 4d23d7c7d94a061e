"""The seal: a policy made of the hashes of what is in the page, and a gate."""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

# Nothing may be loaded, sent, framed or run that is not in the file itself.
# Leaflet places things through the object model, which the style hashes allow.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; "
    "media-src blob:; font-src 'none'; connect-src {connections}; frame-src 'none'; "
    "worker-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'"
)
_SCRIPT = re.compile(r"<script([^<>]*)>((?:[^<]++|<(?!/?script))*+)</script>")
_STYLE = re.compile(r"<style([^<>]*)>((?:[^<]++|<(?!/?style))*+)</style>")
_LINK = re.compile(
    r"""[\s"'](?=[shafpbd])(?:src|href|srcset|action|formaction|poster|background|ping|data)\s*=\s*"""
    r"""["']?([^"'\s>]*)""",
    re.IGNORECASE,
)
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]*)|@import\s*["']?([^"';]*)""", re.IGNORECASE)
# A scheme other than data:, or an address on another host.
_EXTERNAL = re.compile(r"(?!data:)[a-z][a-z0-9+.-]*:|//|\\", re.IGNORECASE)
_HANDLER = re.compile(r"""<[a-z][^<>]*[\s"'](on[a-z]+|style)\s*=""", re.IGNORECASE)


class CspSealError(RuntimeError):
    """A page would load something, or hold something its policy forbids."""


def seal_document_with_csp(head: str, body: str, *, asks_own_server: bool = False) -> str:
    """Return a whole document whose policy admits exactly what is in it.

    Args:
        head: What goes into ``<head>`` after the policy: title and styles.
        body: What goes between ``<html>``'s end of head and its end, with the
            ``<body>`` tags.
        asks_own_server: Whether its scripts may ask the server that it came from.

    Raises:
        CspSealError: If the page names anything outside itself.
    """
    scripts = [
        text for kind, text in _SCRIPT.findall(head + body) if "application/json" not in kind
    ]
    styles = [text for _, text in _STYLE.findall(head + body)]
    policy = _POLICY.format(
        scripts=_csp_hash_sources(scripts),
        styles=_csp_hash_sources(styles),
        connections="'self'" if asks_own_server else "'none'",
    )
    page = (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="robots" content="noindex">\n'
        f'<link rel="icon" href="data:,">\n{head}</head>\n{body}</html>\n'
    )
    if leaks := external_addresses_in_page(page):
        raise CspSealError(f"the page names what is outside it: {', '.join(leaks[:5])}")
    return page


def page_part_without_csp_violations(part: str) -> str:
    """Return a part of a page that is written by itself, between the pieces of a sealed document.

    Raises:
        CspSealError: If it names anything outside the page, or holds a style or a script that runs,
            which the policy of the document does not admit.
    """
    runs = [kind for kind, _ in _SCRIPT.findall(part) if "application/json" not in kind]
    if runs or _STYLE.search(part):
        raise CspSealError("a part of the page holds a script or a style")
    if leaks := external_addresses_in_page(part):
        raise CspSealError(f"the page names what is outside it: {', '.join(leaks[:5])}")
    return part


def external_addresses_in_page(page: str) -> list[str]:
    """Return every address in a page that is neither ``data:`` nor relative.

    Inline event handlers and style attributes are named too: the policy would
    refuse them, so that a page with one does not look as it should.
    """
    markup = _STYLE.sub("<style>", _SCRIPT.sub(r"<script\1>", page))
    found = _LINK.findall(markup)
    for _, style in _STYLE.findall(page):
        found += _addresses_in_css(style)
    leaks = [address for address in found if _EXTERNAL.match(address)]
    return leaks + _HANDLER.findall(markup)


# Most styles and scripts are the same in every page of a run.
@lru_cache(maxsize=32)
def _addresses_in_css(style: str) -> tuple[str, ...]:
    return tuple(first or second for first, second in _CSS_URL.findall(style))


@lru_cache(maxsize=32)
def _csp_hash_source(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


def _csp_hash_sources(blocks: Iterable[str]) -> str:
    """Return the hash source of each block, once; ``'none'`` without any."""
    return " ".join(dict.fromkeys(map(_csp_hash_source, blocks))) or "'none'"
