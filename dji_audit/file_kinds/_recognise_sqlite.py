"""What an SQLite database holds, by the tables that its schema declares.

The schema stands as text in the pages of the file, most of it at the beginning; pages that the
sample does not cover are not seen.
"""

import re
from itertools import zip_longest

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    AS_ZONES,
    FileKind,
    FileKindRelevance,
    make_evidence_file_kind,
    make_guessed_evidence_file_kind,
    make_harmless_file_kind,
)
from dji_audit.file_kinds._recognise_evidence_in_field_names import (
    describe_evidence_in_field_names,
    field_names_in_one_lower_case_text,
    names_hold_network_contact,
)

MAGIC = b"SQLite format 3\x00"
_TABLE = re.compile(
    rb"CREATE (?:VIRTUAL |TEMP )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?[\"'`\[]?([A-Za-z_]\w{0,60})",
    re.I,
)
#: Bytes of a declaration that are looked at.
_DECLARATION_SIZE = 4000
#: Words of a declaration that are no names of columns.
_WORD = re.compile(rb"[A-Za-z_]\w{0,60}")

#: Tables that only one program has, and its database.
_KNOWN = (
    (
        {b"queries", b"ftl"},
        make_evidence_file_kind("look-ups of Pi-hole", "Pi-hole, or export its queries as CSV"),
    ),
    (
        {b"query_storage", b"domain_by_id"},
        make_evidence_file_kind("look-ups of Pi-hole", "Pi-hole, or export its queries as CSV"),
    ),
    (
        {b"topics", b"messages"},
        make_evidence_file_kind(
            "recording of ROS 2", "a program for ROS 2, and export its positions as a table"
        ),
    ),
    (
        {b"KISMET"},
        make_evidence_file_kind(
            "Wi-Fi capture of Kismet", "kismetdb_to_pcap, and audit the capture"
        ),
    ),
    ({b"moz_places"}, make_evidence_file_kind("history of Firefox", "a program for SQLite")),
    ({b"urls", b"visits"}, make_evidence_file_kind("history of Chrome", "a program for SQLite")),
    ({b"gpkg_contents"}, make_evidence_file_kind("GeoPackage with positions", "QGIS")),
    (
        {b"ZRTCLLOCATIONMO"},
        make_evidence_file_kind("positions that an iPhone kept", "a program for phones"),
    ),
    (
        {b"airmap_geofence_infos"},
        FileKind("zone file (DJI's database of zones)", FileKindRelevance.ZONES, advice=AS_ZONES),
    ),
    ({b"tiles", b"metadata"}, make_harmless_file_kind("map tiles (MBTiles)")),
)


def recognise_database(sample: FileSample) -> FileKind | None:
    """Return what an SQLite database holds; ``None``: the file is none."""
    if not sample.first_4096_bytes.startswith(MAGIC):
        return None
    tables: dict[bytes, list[str]] = {}
    for window in sample.windows_at_start_middle_end:
        found = list(_TABLE.finditer(window))
        for match, following in zip_longest(found, found[1:]):
            end = min(
                following.start() if following else len(window), match.end() + _DECLARATION_SIZE
            )
            words = [word.decode() for word in _WORD.findall(window, match.end(), end)]
            tables.setdefault(match[1], []).extend(words)
    for names, kind in _KNOWN:
        if names <= tables.keys():
            listed = " and ".join(sorted(name.decode() for name in names))
            return (
                kind.with_evidence_text(f"it has the tables {listed}") if len(names) > 1 else kind
            )
    for table, columns in tables.items():
        sign = describe_evidence_in_field_names(columns)
        if not sign and names_hold_network_contact(
            field_names_in_one_lower_case_text([*columns, table.decode()])
        ):
            sign = "it has fields for times and addresses of computers"
        if sign:
            sign = f"table {table.decode()}: {sign}"
            return make_guessed_evidence_file_kind("SQLite database", "a program for SQLite", sign)
    return make_harmless_file_kind(
        "SQLite database", "no table with positions or contacts was seen"
    )
