"""Which files a browser may read: those that a run wrote, and nothing that a link leads to."""

import re
from pathlib import Path

#: Suffix of a result -> its media type.
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}
#: Bytes of a page in which its policy stands.
_HEAD_BYTES = 64 << 10
_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"<>\r\n]*)">')
#: What anything may do that states no policy: nothing.
NO_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def path_if_browser_may_read(folder: Path, name: str) -> Path | None:
    """Return a file below a folder; ``None``: there is none, or a link lies on the way to it.

    Args:
        folder: The folder.
        name: The name of the file below it, parts between slashes.
    """
    parts = name.split("/")
    if Path(parts[-1]).suffix not in MEDIA_TYPES or folder.is_symlink():
        return None
    path = folder
    for part in parts:
        if part in ("", ".", "..") or not part.isprintable() or set(part) & {"\\", ":"}:
            return None
        path = path / part
        if path.is_symlink():
            return None
    try:
        is_inside = path.resolve(strict=True) == folder.resolve(strict=True).joinpath(*parts)
    except OSError:
        return None
    return path if is_inside and path.is_file() else None


def csp_header_of_page(head: bytes) -> str:
    """Return the policy that a sealed page states of itself, for the header of its answer.

    Args:
        head: The page, or its beginning.
    """
    found = _POLICY.search(head[:_HEAD_BYTES])
    if found is None:
        return NO_POLICY
    return f"{found[1].decode('ascii', 'replace')}; frame-ancestors 'none'"


def first_bytes_of_page(path: Path) -> bytes:
    """Return the beginning of a page, in which its policy stands.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)
