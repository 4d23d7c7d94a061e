"""No input costs more than its size times a logarithm: hostile ones of two sizes are compared."""

import contextlib
import json
import struct
import time
from collections.abc import Callable

import pytest

from parsers import Content
from parsers._errors import LogError
from parsers._formats import formats
from sample_logs import network_wire as wire
from sample_logs.network_resolvers import pihole_database
from sample_logs.sqlite_pages import PAGE
from tests.parsers.network.captures_made import (
    DEVICE,
    RESOLVER,
    SERVER,
    enhanced_packet,
    ethernet,
    header,
    interface,
    record,
    section,
)

#: The second size is so many times the first, and may take so many times as long: what grows
#: with the square takes the square of the first.
TIMES, LIMIT = 8, 20
#: Less than this is not measured: a clock and the first calls cost as much.
FLOOR_S = 0.03

Input = Callable[[int], bytes]


def seconds(format_name: str, name: str, data: bytes) -> float:
    """Return the time of the processor that reading takes, of two runs the shorter."""
    known = next(one for one in formats() if one.name == format_name)
    runs = []
    for _ in range(2):
        begin = time.process_time()
        with contextlib.suppress(LogError):
            known.read(Content(name, data), ())
        runs.append(time.process_time() - begin)
    return min(runs)


def grows_with_its_size(format_name: str, name: str, made: Input, size: int) -> bool:
    """Return whether an input that is ``TIMES`` as large takes about as many times as long."""
    small, large = made(size), made(size * TIMES)
    assert len(large) > len(small) * TIMES * 0.7, "the input itself grows as it should"
    base = max(seconds(format_name, name, small), FLOOR_S)
    return seconds(format_name, name, large) < base * LIMIT


def lines(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode()


# Texts


def same_name_never_answered(size: int) -> bytes:
    line = "2026-05-14T10:02:11+01:00 dnsmasq[1]: query[A] a.example.org from 192.0.2.20"
    return lines(*[line] * (size // 78))


def asked_and_answered_in_reverse(size: int) -> bytes:
    count = size // 150
    head = "2026-05-14T10:02:11+01:00 dnsmasq[1]: "
    asked = [f"{head}query[T{row}] a.example.org from 192.0.2.20" for row in range(count)]
    told = [f"{head}reply a.example.org is 203.0.{row % 99}.1" for row in range(count)]
    return lines(*asked, *told)


def zeek_fields_of_their_own(size: int) -> bytes:
    return lines(
        *(f'{{"ts":1778749231.1,"uid":"C","f{row}":1,"query":"a"}}' for row in range(size // 55))
    )


def zeek_header_before_each_row(size: int) -> bytes:
    head = ["#separator \\x09", "#path\tdns", "#fields\tts\tuid"]
    rows = [f"#fields\tts\tuid{row}\n1778749231.1\tC" for row in range(size // 35)]
    return lines(*head, *rows)


def zeek_kinds_of_their_own(size: int) -> bytes:
    return lines(
        *(
            f'{{"_path":"k{row}","ts":1778749231.1,"uid":"C","id.resp_h":"203.0.113.1"}}'
            for row in range(size // 80)
        )
    )


def zeek_answers_in_one_field(size: int) -> bytes:
    answers = json.dumps(["203.0.113.1"] * 300)
    row = f'{{"_path":"dns","ts":1778749231.1,"uid":"C","query":"a.org","answers":{answers}}}'
    return lines(*[row] * (size // len(row) + 1))


def suricata_kinds_of_their_own(size: int) -> bytes:
    return lines(
        *(
            f'{{"timestamp":"2026-05-14T10:02:11+01:00","event_type":"k{row}","src_ip":"192.0.2.1"}}'
            for row in range(size // 90)
        )
    )


def suricata_questions(size: int) -> bytes:
    return lines(
        *(
            '{"timestamp":"2026-05-14T10:02:11+01:00","event_type":"dns","dns":{"type":"query",'
            f'"id":{row},"rrname":"n{row}.example.org"}}}}'
            for row in range(size // 130)
        )
    )


def links_of_a_ground_station(size: int) -> bytes:
    links = (f"Link{row % 9999}\\host{row % 9999}=198.51.100.7" for row in range(size // 36))
    return lines("[LinkConfigurations]", *links)


def packages_of_many_users(size: int) -> bytes:
    count = size // 90
    packages = [f"  Package [com.example.p{row}]\n    userId=10147" for row in range(count)]
    buckets = [
        f"  ident=[[type=WIFI]] uid={row}10147 set=DEFAULT tag=0x0\n"
        "    NetworkStatsHistory: bucketDuration=7200\n      st=1778749200 rb=1 rp=1 tb=1 tp=1 op=0"
        for row in range(count // 2)
    ]
    return lines("Active interfaces:", *packages, "UID stats:", *buckets)


def blanks_between(size: int) -> bytes:
    line = "2026-05-14T10:02:11+01:00 dnsmasq[1]: x"
    return lines(*[f"{line}\n"] * (size // 42))


def addresses_of_a_question(size: int) -> bytes:
    row = '{"T":"2026-05-14T10:02:11+01:00","QH":"a.org","QT":"A","Answer":"' + "A" * 9000 + '"}'
    return lines(*[row] * (size // len(row) + 1))


#: What a line may consist of to make a careless pattern try every way.
FILLERS = ("a", " ", ",", '"', "[", "{", "1 ", "a a", "x=", "-> ", "\\", "/", "(", '":', "a.", "\t")
HEADS = {
    "dns-log": "2026-05-14T10:02:11+01:00 dnsmasq[1]: ",
    "bind-querylog": "14-May-2026 10:02:11.123 queries: info: client ",
    "pfsense-filterlog": "May 14 10:02:11 gate filterlog[417]: ",
    "proxy-log": "1778749231.250 850 192.0.2.20 TCP_MISS/200 5210 GET ",
    "firewall-csv": "2026-05-14T10:02:11Z,",
    "pcapdroid-csv": "17,",
    "suricata-eve": '{"timestamp":"2026-05-14T10:02:11Z","event_type":"',
    "zeek": '{"ts":1.0,"uid":"',
    "adguard-querylog": '{"T":"2026-05-14T10:02:11Z","QH":"',
    "android-netstats": "  ident=[[type=",
    "key-disclosure": '{"event": "sending", "request": "',
    "qgc-upload": "Link0\\host0=",
}


@pytest.mark.parametrize("known", sorted(HEADS))
def test_a_line_costs_no_more_than_its_length_whatever_it_is_made_of(known: str) -> None:
    head = HEADS[known]
    for filler in FILLERS:

        def made(size: int, filler: str = filler) -> bytes:
            return lines(head + filler * (size // len(filler)))

        small = max(seconds(known, "a.log", made(15_000)), FLOOR_S)
        assert seconds(known, "a.log", made(15_000 * TIMES)) < small * LIMIT, filler


# Archives, dumps and databases


def archive_of_open_texts(size: int) -> bytes:
    return b'{"log":{"entries":[' + b'{"request":{"url":"x' * (size // 20)


def archive_of_open_objects(size: int) -> bytes:
    return b'{"log":{"entries":[' + b'{"request":' * (size // 11)


def archive_of_damaged_entries(size: int) -> bytes:
    good = b'{"request":{"url":"https://a.example.org/"}},'
    return b'{"log":{"entries":[' + (good + b'{"request":{]},') * (size // 60)


def dump_of_lengths_that_lie(size: int) -> bytes:
    inner = b"7:version;1:9#" * (size // 14)
    return b"".join(b"%d:7:version;1:9#" % (size - at) for at in range(0, size // 4, 40)) + inner


def rows_that_are_one(size: int) -> bytes:
    """Return a database in which all pointers of a page lead to one row of half that page."""
    data = bytearray(pihole_database())
    count = (PAGE // 2 - 8) // 2
    row = PAGE // 2
    # One column, a text of so many letters, whose kind is a number of two bytes.
    letters = PAGE // 2 - 20
    kind = 13 + 2 * letters
    payload = bytes([3, 0x80 | kind >> 7, kind & 0x7F]) + b"x" * letters
    page = struct.pack(">BHHHB", 13, 0, count, row, 0) + struct.pack(">H", row) * count
    page = page.ljust(row, b"\0") + bytes([0x80 | len(payload) >> 7, len(payload) & 0x7F, 1])
    page = (page + payload)[:PAGE].ljust(PAGE, b"\0")
    leaves = max(1, size // PAGE)
    first = len(data) // PAGE + 1
    cells = b"".join(struct.pack(">IB", first + leaf, 1) for leaf in range(leaves))[: PAGE - 600]
    kept = len(cells) // 5
    places = struct.pack(f">{kept}H", *(PAGE - 5 * (row + 1) for row in range(kept)))
    interior = struct.pack(">BHHHBI", 5, 0, kept, 0, 0, first) + places
    body = b"".join(cells[5 * row : 5 * row + 5] for row in reversed(range(kept)))
    data[PAGE : 2 * PAGE] = interior.ljust(PAGE - len(body), b"\0") + body
    return bytes(data) + page * leaves


#: Format and name of a file, its first size, and what makes such files.
MAKERS: list[tuple[str, str, int, tuple[Input, ...]]] = [
    (
        "dns-log", "dnsmasq.log", 30_000,
        (same_name_never_answered, asked_and_answered_in_reverse, blanks_between),
    ),
    (
        "zeek", "dns.log", 30_000,
        (
            zeek_fields_of_their_own, zeek_header_before_each_row, zeek_kinds_of_their_own,
            zeek_answers_in_one_field,
        ),
    ),
    ("suricata-eve", "eve.json", 30_000, (suricata_kinds_of_their_own, suricata_questions)),
    ("qgc-upload", "QGroundControl.ini", 15_000, (links_of_a_ground_station,)),
    ("android-netstats", "netstats.txt", 30_000, (packages_of_many_users,)),
    ("adguard-querylog", "querylog.json", 30_000, (addresses_of_a_question,)),
    (
        "har", "a.har", 30_000,
        (archive_of_open_texts, archive_of_open_objects, archive_of_damaged_entries),
    ),
    ("mitmproxy", "a.mitm", 30_000, (dump_of_lengths_that_lie,)),
    ("pihole-ftl", "pihole-FTL.db", 40_000, (rows_that_are_one,)),
]  # fmt: skip
INPUTS = [(known, name, made, size) for known, name, size, makers in MAKERS for made in makers]


@pytest.mark.parametrize(
    ("known", "name", "made", "size"),
    INPUTS,
    ids=lambda one: str(getattr(one, "__name__", one)),
)
def test_a_hostile_text_or_file_costs_no_more_than_its_size(
    known: str, name: str, made: Input, size: int
) -> None:
    assert grows_with_its_size(known, name, made, size)


# Captures


def capture(size: int, frame: Callable[[int], bytes]) -> bytes:
    """Return a capture of so many bytes, of packets that are made by their number."""
    records: list[bytes] = []
    left = size
    while left > 0:
        records.append(record(ethernet(frame(len(records))), len(records) / 1000))
        left -= len(records[-1])
    return header() + b"".join(records)


def segments_that_begin_like(start: bytes) -> Input:
    """Return a maker of one conversation, each segment of which begins like a request."""

    def made(size: int) -> bytes:
        def segment(row: int) -> bytes:
            number = 1000 + row * len(start)
            return wire.tcp((DEVICE, 40_000), (SERVER, 443), wire.ACK, number, 1, start)

        return capture(size, segment)

    return made


def answers_for_one_name(size: int) -> bytes:
    def answer(row: int) -> bytes:
        addresses = [f"11.{row // 250 % 250}.{row % 250}.{last}" for last in range(60)]
        message = wire.dns_answer(row & 0xFFFF, "a.example.org", addresses)
        return wire.udp((RESOLVER, 53), (DEVICE, 40_000), message)

    return capture(size, answer)


def an_interface_for_each_packet(size: int) -> bytes:
    packet = wire.udp((DEVICE, 40_000), (SERVER, 9_000), b"x" * 8)
    count = size // 100
    packets = [
        enhanced_packet(packet, 1_778_749_200_000_000 + row, source=row) for row in range(count)
    ]
    return section() + interface() * count + b"".join(packets)


CAPTURES: list[tuple[str, str, Input]] = [
    ("pcap", "a.pcap", segments_that_begin_like(b"GET /aa")),
    ("pcap", "a.pcap", segments_that_begin_like(b"\x16\x03\x01\x3f\xff\x01\x00")),
    ("pcap", "a.pcap", answers_for_one_name),
    ("pcapng", "a.pcapng", an_interface_for_each_packet),
]


@pytest.mark.parametrize(("known", "name", "made"), CAPTURES)
def test_a_hostile_capture_costs_no_more_than_its_size(known: str, name: str, made: Input) -> None:
    assert grows_with_its_size(known, name, made, 60_000)


def test_segments_of_one_conversation_are_not_joined_for_each_of_them() -> None:
    made = segments_that_begin_like(b"GET /aa")(400_000)
    # It took ten times as long when each of 5,000 segments was joined to its neighbours.
    assert seconds("pcap", "a.pcap", made) < 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("known", "name", "made"),
    [*((known, name, made) for known, name, made, _ in INPUTS), *CAPTURES],
)
def test_ten_megabytes_cost_no_more_for_each_byte_than_a_hundredth_of_them(
    known: str, name: str, made: Input
) -> None:
    small, large = made(100_000), made(10_000_000)
    base = max(seconds(known, name, small), FLOOR_S) / len(small)
    assert seconds(known, name, large) / len(large) < 2.5 * base
