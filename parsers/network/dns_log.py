"""Look-ups as dnsmasq logs them (``dnsmasq.log``, ``pihole.log``).

Who writes it: dnsmasq, the resolver of many routers, and Pi-hole, which is built on it and blocks
names by lists; lines of syslog, plain or packed with gzip:

    May 14 10:02:11 dnsmasq[812]: query[A] flysafe-api.dji.com from 192.0.2.20
    May 14 10:02:11 dnsmasq[812]: forwarded flysafe-api.dji.com to 198.51.100.53
    May 14 10:02:11 dnsmasq[812]: reply flysafe-api.dji.com is 203.0.113.10
    May 14 10:04:30 dnsmasq[812]: gravity blocked statistical-report.djiservice.org is 0.0.0.0

With ``log-queries=extra`` each also carries a serial number and who asked.  Other lines of dnsmasq
are kept as ``Message``.

Facts: dnsmasq's manual (log-queries), Pi-hole FTL's tests and lines quoted in public.  No real
file was at hand.

Contacts: the name that was asked for, once for each address in the answer, at the line of the
question; answers are joined to questions by serial number, else by name, and through aliases
(CNAME) that stand just before.  *Attempted*: what a list or a rule blocked, an answer of no
computer, a refusal or an error, and a question without an answer in the file.  ``device`` is who
asked.

Times.  Syslog writes neither year nor zone, so that such a row has **no time**; what stands there
is in the records (``wall_clock``).  Lines with a full ISO 8601 time, as rsyslog can write them,
have one.  Pi-hole's database (``pihole-FTL.db``) knows when each question was asked; this text
does not.

Not decoded: nothing.
"""

from collections.abc import Sequence

from .._bytes import Content
from .._errors import CorruptLogError
from .._formats import Format
from .._keys import Keychains
from .._model import Clock, Issue, Log
from ._log import line_log
from ._text._dnsmasq import Reader, fields_of, is_line
from ._text._lines import Text, head_lines, read_lines

_NO_YEAR = "the log's times have neither year nor zone; wall_clock in the records shows them"


def claims(content: Content) -> bool:
    """Return whether one of the first lines is dnsmasq's."""
    return any(map(is_line, head_lines(content)))


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read look-ups; a line that is not dnsmasq's is an issue.

    Raises:
        CorruptLogError: If no line is.
    """
    reader = Reader()
    ledger = read_lines(Text(content), reader.take, "no line of dnsmasq")
    if not reader.lines:
        raise CorruptLogError(0, "a line of dnsmasq", repr(content.head[:20]))
    reader.close()
    issues = [Issue(0, 0, _NO_YEAR)] if reader.wall_clocks else []
    return line_log(
        content,
        FORMAT.name,
        ledger,
        reader.contacts,
        reader.lines,
        fields_of,
        clock=Clock("clock of the resolver", notes=(_NO_YEAR,) if reader.wall_clocks else ()),
        issues=issues,
    )


FORMAT = Format(
    "dns-log",
    "dnsmasq and Pi-hole log",
    "dnsmasq's manual; Pi-hole FTL's tests; lines quoted in public",
    claims,
    read,
)
