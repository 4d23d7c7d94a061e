"""The page of the work: one document whose scripts ask this server, and nothing else."""

from dji_audit.mapper.html._assets import join_script_modules, read_asset
from dji_audit.mapper.html._csp import seal_document_with_csp

_STYLES = ("page.css", "index.css", "fleet.css", "work.css")


def draw_workbench_page_html() -> str:
    """Return the page, the same for every state: its script asks for what it shows."""
    styles = "".join(f"<style>{read_asset(name)}</style>\n" for name in _STYLES)
    head = f"<title>Drone logs</title>\n{styles}"
    script = f"<script>{join_script_modules('work_page')};</script>\n"
    body = f"{read_asset('work.html')}{script}</body>\n"
    return seal_document_with_csp(head, body, asks_own_server=True)
