"""Table of a DJI flight (CSV), as another program wrote it out.

Who writes it; the header decides, never the name of the file (``Source.format_version``):

* ``flight-reader``: PhantomHelp's log viewer and its successor Flight Reader.
  ``CUSTOM.date [local], CUSTOM.updateTime [local], OSD.flyTime, …``; old ones with blanks after
  the commas, ``#`` first, or the line ``sep=,`` above; units in brackets.
* ``txtlogtocsv``: TXTlogToCSVtool.  ``CUSTOM.updateTime,CUSTOM.isPhoto,CUSTOM.isVideo,…``.
* ``airdata``: Airdata UAV.  ``time(millisecond),datetime(utc),latitude,longitude,
  height_above_takeoff(feet),…``; blanks before some names; units in round brackets.
* ``litchi``: the Litchi app.  ``latitude,longitude,altitude(m),…,datetime(utc),datetime(local)``.
* ``datcon``: DatCon and CsvView, from on-board logs.  ``Tick#,offsetTime,…`` or
  ``Clock:Tick#,Clock:offsetTime,…``.
* ``open-dronelog``: Open DroneLog.  ``time_s,lat,lng,alt_m,…``; units end the names of columns;
  start (UTC), aircraft, home point and messages stand as JSON in the first row.
* ``dji-json``: JSON of DJI's own reader of flight records: one row for each frame, every value
  under its path.

Facts: 19 real tables of the first two, held against the records that they were made from; the
headers of Airdata (drone-comp/m30ttools), Litchi and DatCon (BudWalkerJava/DatCon 2a51562) as
these are quoted in public, of which no real file is known; ``exportUtils.ts`` of
arpanghosh8453/open-dronelog f3089cda, and its ``litchi_parser.rs`` for Litchi's numbers of aircraft
(facts only).  ``_known_export_programs.py`` lists the columns that are used.  Units come from the
header; a column of a unit that is not known is left out, and said so.

Saved again by a spreadsheet.  Text is UTF-8 or UTF-16 with or without a mark, or in a code page
(recognised, and said to be a guess); fields stand between commas, semicolons, tabs or bars; numbers
have the decimal mark of the country, which the positions show, and may have another between
thousands; dates stand in the country's order, and where day and month could be either way round a
date in the file's name settles it, else it is said; a time without seconds is good to a minute.

Time.  ``[local]`` of Flight Reader is a wall clock of which the zone is not known: of the
real tables most show UTC and some no hour at all, because a spreadsheet cut it off.
No row of these has a ``time``; ``Log.local_times`` and ``records("Row")`` have the wall
clock.  TXTlogToCSVtool writes UTC without saying so (it agrees with the record and with
satellite time).  Airdata and DatCon write UTC to the second next to a finer count; rows take
that count, set to UTC.  A column titled ``(local)``, as Litchi and some tables of Airdata have, is
such a wall clock too, and is used only where there is none in UTC.

Heights.  ``height`` is above take-off.  ``altitude`` of Airdata and Flight Reader is that plus a
terrain model's altitude of the take-off point; of TXTlogToCSVtool it is barometric and
stays in the records.  Height above ground that a terrain model gives is not measured, and stays in
the records too.  Vertical speed is taken where its sign is known: DJI's own is down.

Tables leave out rows of the flight (Flight Reader about one in twenty), so totals that they
carry are not held against them.  An empty field is missing.  A line with another number of
fields than the header, or with bytes that are no text, is an issue and no row; a table of positions
and heights with a header that is not known is refused, and the refusal names its columns.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables
from ..._dji_keychains import Keychains
from ..._errors import UnsupportedVersionError
from ..._file_content import Content
from ..._formats import Format
from ..._model import Log, Source
from ._aircraft_and_named_positions import named_positions, read_aircraft
from ._events import build_event_table, host_references
from ._export_rows import ExportRows
from ._known_export_programs import EXPORTERS, OFFICIAL_JSON
from ._media_captures import build_capture_table
from ._official_json import claims_official_json, read_official_json_header_rows_metadata
from ._read_export_lines import read_lines
from ._recognise_header import claims as claims_table
from ._recognise_header import read_header
from ._times_of_rows import clock_and_counter_of_rows, local_clock_kind_and_times_ns, times_of_rows
from ._track import build_track_and_issues
from ._which_facts_logs_record import FACTS


def claims(content: Content) -> bool:
    """Return whether a file begins as a table of a flight, or as JSON of DJI's own reader."""
    return claims_official_json(content.head) or claims_table(content)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a table; a line that is not a row is an issue of the log.

    Raises:
        UnsupportedVersionError: If it is a table of positions of no known kind.
        CorruptLogError: If no row can be read.
    """
    if claims_official_json(content.head):
        frames, lines, metadata = read_official_json_header_rows_metadata(content)
        return _log_of_rows(content, ExportRows(frames, OFFICIAL_JSON, lines, metadata))
    header = read_header(content)
    if header is None or header.exporter is None:
        titles = [] if header is None else [column.title for column in header.columns]
        seen = ", ".join(titles[:40]) + (" …" if len(titles) > 40 else "")
        known = ", ".join(kind.title for kind in EXPORTERS)
        raise UnsupportedVersionError(
            f"a table of positions with unknown columns ({seen[:1000]}); "
            f"known are the columns of {known}"
        )
    return _log_of_rows(content, ExportRows(header, header.exporter, read_lines(content, header)))


def _log_of_rows(content: Content, rows: ExportRows) -> Log:
    times = times_of_rows(rows)
    kind, own_ns = local_clock_kind_and_times_ns(rows, times)
    clocked = times if own_ns is None else replace(times, utc_ns=own_ns)
    track, remarks = build_track_and_issues(rows, clocked)
    events, captures = build_event_table(rows, clocked), build_capture_table(rows, clocked)
    own = None
    if own_ns is not None:
        apart = move_local_times_out_of_tables(kind, track, events, captures)
        track, events, captures, own = apart.track, apart.events, apart.captures, apart.times
    issues = (*rows.lines.issues, *times.issues, *remarks)
    aircraft, positions = read_aircraft(rows), named_positions(rows, times)
    # Columns that could not be used are known by now.
    issues += tuple(rows.issues)
    return Log(
        Source.from_content(content, FORMAT.name, rows.exporter.name),
        aircraft,
        times.clock,
        track,
        events,
        captures,
        named_positions=positions,
        host_references=host_references(rows),
        local_times=own,
        issues=tuple(sorted(issues, key=lambda issue: issue.offset)),
        coverage=rows.lines.spans,
        monotonic_counters=clock_and_counter_of_rows(rows),
        _records={"Row": rows.records(times.wall_ns)},
    )


FORMAT = Format(
    "dji-csv",
    "DJI flight as a table",
    "headers of PhantomHelp, Flight Reader, TXTlogToCSVtool, Airdata, Litchi and DatCon; "
    "measurement against the records the tables were made from",
    claims,
    read,
    export=True,
    facts=FACTS,
    skips_filled_tail=True,
)
