"""Look-ups that Suricata saw: questions joined to their answers."""

from collections.abc import Sequence

from .._contacts import Contacts, host_and_address, ip, is_sunk
from .._text._table import as_text
from .._times import iso
from ._events import Event, Placed, offsets, part

#: Conversation, number and name of a look-up -> the question.
Asked = dict[tuple[str | None, str | None, str], Placed]
#: Questions that are held at once; a network has a few thousand.
_MOST_HELD = 1_000_000
_REFUSED = frozenset({"NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"})
#: Question, answer, addresses in it, and whether it was lost.
_Answer = tuple[Placed, Placed, list[str | None], bool]


def tell_lookups(contacts: Contacts, asked: Asked, events: Sequence[Placed]) -> None:
    """Join questions and answers; each look-up is told once for each address in its answer."""
    told: list[_Answer] = []
    for placed in events:
        event = placed[1]
        dns = part(event, "dns")
        name = _asked_name(dns)
        if name is None:
            continue
        number = as_text(dns.get("id")) or as_text(dns.get("tx_id"))
        key = (as_text(event.get("flow_id")), number, name)
        if dns.get("type") in ("query", "request"):
            if len(asked) < _MOST_HELD:
                asked[key] = placed
            else:
                told.append((placed, placed, [None], True))
            continue
        question = asked.pop(key, placed)
        texts = list(_answers(dns))
        found: list[str | None] = [one for text in texts if (one := ip(text))]
        told.append(
            (
                question,
                placed,
                found or [None],
                is_sunk(texts) or as_text(dns.get("rcode")) in _REFUSED,
            )
        )
    _tell(contacts, told)


def _asked_name(dns: Event) -> str | None:
    """Return the name that was asked for; version 3 has a list of questions."""
    queries = dns.get("queries")
    first = queries[0] if isinstance(queries, list) and queries else dns
    return as_text(first.get("rrname")) if isinstance(first, dict) else None


def _answers(dns: Event) -> list[str]:
    """Return the data of an answer's records: of one, of a list, or grouped by their type."""
    found = [as_text(dns.get("rdata"))]
    answers = dns.get("answers")
    if isinstance(answers, list):
        found += [as_text(one.get("rdata")) for one in answers if isinstance(one, dict)]
    for kind in ("A", "AAAA"):
        grouped = part(dns, "grouped").get(kind)
        if isinstance(grouped, list) and not isinstance(answers, list):
            found += [as_text(one) for one in grouped]
    return [text for text in found if text is not None]


def _tell(contacts: Contacts, told: Sequence[_Answer]) -> None:
    rows = [
        (question, answer, address, lost)
        for question, answer, addresses, lost in told
        for address in addresses
    ]
    questions = [question for question, _, _, _ in rows]
    names = [_asked_name(part(event, "dns")) for _, event in questions]
    contacts.add(
        offsets(questions),
        time=[iso(as_text(event.get("timestamp"))) for _, event in questions],
        end=[iso(as_text(answer[1].get("timestamp"))) for _, answer, _, _ in rows],
        device=[_asker(event) for _, event in questions],
        host=[host_and_address(name)[0] for name in names],
        address=[address for _, _, address, _ in rows],
        protocol="dns",
        evidence="dns rrname",
        grade=["attempted" if lost else "measured" for _, _, _, lost in rows],
    )


def _asker(event: Event) -> str | None:
    """Return who asked; some versions turn source and destination of an answer around."""
    answer = event.get("src_port") == 53 and event.get("dest_port") != 53
    return ip(as_text(event.get("dest_ip" if answer else "src_ip")))


def tell_unanswered(contacts: Contacts, asked: Asked) -> None:
    """Take down the questions that were left without an answer."""
    _tell(contacts, [(placed, placed, [None], True) for placed in asked.values()])
    asked.clear()
