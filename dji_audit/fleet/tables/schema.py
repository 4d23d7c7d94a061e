"""The tables of a fleet: every column with its type, unit, meaning and missing value.

This is the one place that states them: the tables, their page in ``docs/`` and their tests are
made from it.  A column that is added at the end of a table leaves the number of the schema as it
is; one that is renamed, removed or given another meaning raises it.
"""

from dji_audit.compliance.outcomes import Outcome
from dji_audit.fleet.tables.column_description import (
    TableDescription,
    boolean_column,
    geometry_column,
    number_column,
    packed_bytes_column,
    text_column,
    time_column,
    whole_number_column,
)
from dji_audit.report.file_status import FileStatus
from dji_audit.report.flight_verdict import FlightVerdict

SCHEMA = "dji-audit/fleet/2"

_NOT_STATED = "its logs do not state it"
_FLIGHT = text_column("flight", "Id of the flight.")
_FILE = text_column("file", "Name of the file.")
_SHA256 = text_column("sha256", "SHA-256 of the file.")
_OFFSET = whole_number_column(
    "offset", "Byte in the file that shows it.", "no one byte shows it", "bytes"
)

ABOUT = TableDescription(
    "about",
    "What the tables were made with: schema, program, policy, catalogue, supplied files.",
    (text_column("name", "What it is."), text_column("value", "Its value.")),
    ("name", "value"),
)
FILES = TableDescription(
    "files",
    "Every file of the run, and what became of it.",
    (
        text_column("name", "Name of the file in every output."),
        text_column("status", f"One of: {', '.join(FileStatus)}."),
        text_column("reason", "Why it has this status; may be empty."),
        text_column("kind", "What it is, or looks like by its content.", "nobody looked"),
        text_column("advice", "What can be done if it was not read; may be empty."),
        whole_number_column("size", "Size of the file.", "could not be opened", "bytes"),
        text_column("sha256", "SHA-256 of the file.", "it was not read"),
        text_column("format", "Log format.", "no log format"),
        text_column("format_version", "Version of the format.", "not stated"),
        whole_number_column("bytes_not_decoded", "Bytes that its issues cover.", unit="bytes"),
        whole_number_column("issues", "Issues in it."),
        text_column(
            "container_sha256", "SHA-256 of the file on the disk that holds it.", "in none"
        ),
        text_column("app", "App in whose folder of logs it lies.", "in none"),
        text_column("key_request", "SHA-256 of the request for its key.", "it needs none"),
        whole_number_column("flights", "Flights that it belongs to."),
    ),
    ("name",),
    (("status",), ("sha256",)),
)
LOGS = TableDescription(
    "logs",
    "Every log that contributes to a flight, and every network log.",
    (
        text_column("flight", "Id of the flight.", "a network log"),
        text_column("role", "`flight` or `network`."),
        _FILE,
        _SHA256,
        text_column(
            "container_sha256", "SHA-256 of the file on the disk that holds it.", "in none"
        ),
        text_column("format", "Log format."),
        time_column("start", "First time of its part of the flight, or of its capture window."),
        time_column("end", "Last time of it."),
        whole_number_column("fixes", "Fixes that it gives.", "a network log"),
        text_column("clock", "What gave its times.", "none"),
        text_column(
            "clock_method", "How its clock was aligned with the flight's.", "a network log"
        ),
        number_column("clock_offset_s", "s", "What was added to its times.", "not aligned"),
        number_column("clock_uncertainty_s", "s", "How far its times may be off.", "not known"),
        whole_number_column(
            "copy_of", "Number of the log of the flight that it repeats, from 0.", "it repeats none"
        ),
        text_column(
            "not_counted",
            "Why a network log does not count as coverage.",
            "it does, or records a flight",
        ),
    ),
    ("file", "flight", "start"),
    (("flight",),),
)
FLIGHTS = TableDescription(
    "flights",
    "Every flight: those that logs record, and those that a person declared.",
    (
        _FLIGHT,
        text_column(
            "entry", "`log`: logs record it; `declared`: a person entered it, and no log does."
        ),
        text_column("page", "Its page, relative to the results of the run.", "no page was drawn"),
        text_column("file", "The file that gives its track.", "declared"),
        text_column("sha256", "SHA-256 of that file.", "declared"),
        time_column("start", "When its logs begin; of a declared one, when it began."),
        time_column("takeoff", "Take-off.", "not recorded"),
        time_column("landing", "Landing.", "not recorded"),
        text_column(
            "local_start",
            "When its logs begin, by their own clock without a zone.",
            "there is UTC, or no clock",
        ),
        text_column("month", "Month of its start in UTC, `2026-05`.", "its start is not known"),
        number_column("duration_s", "s", "From take-off to landing.", "not known"),
        text_column("maker", "Maker of the aircraft.", _NOT_STATED),
        text_column("aircraft", "Model of the aircraft.", _NOT_STATED),
        text_column("aircraft_name", "Name that its owner gave it.", _NOT_STATED),
        text_column("serial", "Serial number of the aircraft.", _NOT_STATED),
        text_column("app", "App that flew it, or wrote the log.", _NOT_STATED),
        number_column("distance_m", "m", "Way flown.", "not known"),
        number_column("max_height_ato_m", "m", "Greatest height above take-off.", "not known"),
        number_column(
            "max_home_distance_m", "m", "Greatest distance from the home point.", "not known"
        ),
        number_column("start_latitude_deg", "degrees", "Where it took off, WGS 84.", "not known"),
        number_column("start_longitude_deg", "degrees", "Where it took off, WGS 84.", "not known"),
        text_column("place", "Where it was, by the nearest place.", "not known"),
        text_column("region", "County in Britain, elsewhere the country.", "not known"),
        text_column(
            "grid_reference", "National Grid in Great Britain, elsewhere MGRS.", "not known"
        ),
        text_column("timezone", "IANA time zone shown beside UTC.", "declared"),
        whole_number_column("fixes", "Fixes of its track."),
        whole_number_column("videos", "Videos.", "its logs do not record captures"),
        number_column("video_s", "s", "How long video was recorded, by any sensor.", "not known"),
        number_column("thermal_s", "s", "How long thermal video was recorded.", "not known"),
        number_column("audio_s", "s", "How long sound was recorded.", "not known"),
        whole_number_column("photos", "Photos.", "its logs do not record captures"),
        text_column("thermal", "Whether thermal images were recorded: `yes`, `no` or `unknown`."),
        text_column("verdict", f"One of: {', '.join(FlightVerdict)}.", "declared"),
        boolean_column("simulated", "Whether a simulator made its logs."),
        boolean_column(
            "received_only", "Whether only receivers heard the aircraft: it may be anybody's."
        ),
        whole_number_column(
            "findings", "Findings that break a rule and are neither authorised nor settled."
        ),
        whole_number_column("remarks", "Findings that break no rule."),
        text_column("worst", "Worst severity among those findings.", "there is none"),
        *(
            whole_number_column(
                str(outcome), f"Rules with the outcome {outcome.replace('_', ' ')}."
            )
            for outcome in Outcome
        ),
        boolean_column("encrypted", "Whether one of its logs needs a key that was not given."),
        whole_number_column("issues", "Issues in its logs."),
        whole_number_column(
            "bytes_not_decoded", "Bytes of its logs that were not decoded.", unit="bytes"
        ),
        boolean_column("cut_short", "Whether one of its logs is cut short."),
        whole_number_column("files", "Logs that record it."),
        whole_number_column("disagreements", "Disagreements between its logs."),
        number_column(
            "network_share",
            "fraction",
            "How much of its window network logs recorded, 0 to 1.",
            "no network was evaluated",
        ),
        text_column("operation", "Operation in which a person declared it.", "logs record it"),
        text_column(
            "declared_conflict",
            "Flights whose logs record the same aircraft at the declared time.",
            "none does, or logs record it",
        ),
        geometry_column("geometry", "points", "Where it took off.", "not known"),
    ),
    ("start", "file", "flight"),
    (("flight",), ("serial",), ("month",)),
)
FINDINGS = TableDescription(
    "findings",
    "Every finding with the first bytes that show it.",
    (
        _FLIGHT,
        text_column("rule", "Id of the entry of the policy."),
        text_column("outcome", "Outcome of the finding; `remark`: it breaks no rule."),
        text_column("severity", "Severity."),
        text_column("grade", "How it is known."),
        text_column("summary", "What was found."),
        time_column("start", "When it began."),
        time_column("end", "When it ended."),
        number_column("latitude_deg", "degrees", "Where, WGS 84.", "not known"),
        number_column("longitude_deg", "degrees", "Where, WGS 84.", "not known"),
        number_column("peak", "", "Its greatest value, in the unit of the rule.", "it has none"),
        text_column("subject", "What it is about, such as a host or a zone.", "the flight"),
        text_column("authorisation", "What authorises it.", "nothing"),
        text_column("acknowledgement", "Who settled it or took that back, when and why.", "nobody"),
        text_column("fingerprint", "What tells it from all others, in every run."),
        text_column("file", "File that shows it.", "no byte shows it"),
        text_column("sha256", "SHA-256 of that file.", "no byte shows it"),
        _OFFSET,
        text_column("record", "Record and field there.", "no byte shows it"),
        text_column(
            "acknowledged_as",
            "Fingerprint by which the file of acknowledgements names it.",
            "nobody acknowledged it",
        ),
    ),
    ("flight", "rule", "start", "fingerprint"),
    (("flight",), ("rule", "outcome")),
)
RULES = TableDescription(
    "rules",
    "The entries of the policy that were applied.",
    (
        text_column("rule", "Id of the entry."),
        text_column("applied_rule", "Id of the rule that it applies."),
        text_column("title", "What it demands."),
        text_column("status", "What it rests on."),
        text_column("citation", "Its citation."),
    ),
    ("rule",),
)
RESULTS = TableDescription(
    "results",
    "The outcome of each rule on each flight.",
    (
        _FLIGHT,
        text_column("rule", "Id of the entry of the policy."),
        text_column("outcome", "Outcome."),
        text_column("reason", "Why."),
        number_column(
            "coverage",
            "fraction",
            "Smallest share of what the rule needs that was observed, 0 to 1.",
            "the rule declares no need",
        ),
        text_column("lacking", "What it needs and did not have; may be empty."),
        text_column("remedy", "What the unit can do about it; may be empty."),
    ),
    ("rule", "flight"),
    (("rule", "outcome"), ("flight",)),
)
EVENTS = TableDescription(
    "events",
    "What happened in the flights, as their logs state it.",
    (
        _FLIGHT,
        time_column("time", "When."),
        text_column("kind", "Kind of event."),
        text_column("severity", "Severity that the log gives it.", "none"),
        text_column("text", "What the log says.", "nothing"),
        number_column("value", "", "The number that goes with it.", "none"),
        number_column("latitude_deg", "degrees", "Where the aircraft was, WGS 84.", "not known"),
        number_column("longitude_deg", "degrees", "Where the aircraft was, WGS 84.", "not known"),
        _FILE,
        _SHA256,
        whole_number_column("offset", "Byte in the file that states it.", unit="bytes"),
    ),
    ("flight", "time", "offset"),
    (("flight",), ("kind",)),
)
CAPTURES = TableDescription(
    "captures",
    "Photos, videos and sound recordings: those that logs of flights record, and media files.",
    (
        text_column("flight", "Id of the flight.", "of a media file that belongs to none"),
        time_column("start", "When it began."),
        time_column("end", "When it ended."),
        text_column("kind", "`photo`, `video` or `audio`.", "not stated"),
        text_column("sensor", "Sensor.", "not stated"),
        text_column("grade", "How it is known.", "a media file"),
        text_column("shown_by", "`log` of the flight, or `media` file."),
        text_column("media_file", "Name of the media file.", "not stated"),
        number_column(
            "latitude_deg", "degrees", "Position in the media file, WGS 84.", "none there"
        ),
        number_column(
            "longitude_deg", "degrees", "Position in the media file, WGS 84.", "none there"
        ),
        _FILE,
        _SHA256,
        _OFFSET,
    ),
    ("start", "file", "offset"),
    (("flight",),),
)
CONTACTS = TableDescription(
    "contacts",
    "Every host that devices contacted, by flight, with the first bytes that show it.",
    (
        text_column(
            "flight", "Id of the flight.", "of network logs that record no time of a flight"
        ),
        text_column("contacted_by", "`device`, or `auditor` to have a log decrypted."),
        text_column("host", "Name or address."),
        boolean_column("has_name", "Whether it has a name."),
        boolean_column("is_local", "Whether it lies in the local network."),
        text_column("claim", "What the contact proves, its grade."),
        time_column("first", "First record."),
        time_column("last", "Last record."),
        whole_number_column("rows", "Records."),
        whole_number_column("bytes_up", "Bytes sent.", "not recorded", "bytes"),
        whole_number_column("bytes_down", "Bytes received.", "not recorded", "bytes"),
        text_column("devices", "Devices that contacted it; may be empty."),
        text_column("apps", "Apps that contacted it; may be empty."),
        text_column("operators", "Who runs it, by the catalogue; may be empty."),
        text_column("categories", "What it is for, by the catalogue; may be empty."),
        text_column("jurisdictions", "Whose law applies, by the catalogue; may be empty."),
        text_column("ldm_modules", "Modules that Local Data Mode exempts; may be empty."),
        text_column("hosting", "Hosting company of an address without a name; may be empty."),
        text_column(
            "local_data_mode",
            "What the rule on Local Data Mode says of it where a person claims that mode: "
            "`fail`, `fail_authorised`, `fail_acknowledged` or `remark`.",
            "the mode is not claimed, or the rule says nothing of it",
        ),
        text_column("file", "File of the first record that shows it.", "no byte shows it"),
        text_column("sha256", "SHA-256 of that file.", "no byte shows it"),
        _OFFSET,
        text_column("record", "Record there.", "no byte shows it"),
    ),
    ("first", "flight", "host"),
    (("flight",), ("host",)),
)
COVERAGE = TableDescription(
    "coverage",
    "How much of the window of each flight network logs recorded.",
    (
        _FLIGHT,
        time_column("window_start", "Start of the window."),
        time_column("window_end", "End of the window."),
        number_column("share", "fraction", "How much was recorded, 0 to 1.", "not known"),
        text_column(
            "insufficient_reason", "Why the absence of a contact proves nothing; may be empty."
        ),
        text_column("devices", "Devices of the flight; may be empty."),
        text_column("blind_spots", "What a network log could not show, with counts; may be empty."),
    ),
    ("flight",),
    (("flight",),),
)
AIRCRAFT = TableDescription(
    "aircraft",
    "Every aircraft by serial number; those without one by model.",
    (
        text_column("serial", "Serial number.", _NOT_STATED),
        text_column("maker", "Maker.", _NOT_STATED),
        text_column("aircraft", "Model, as the last flight states it.", _NOT_STATED),
        text_column("aircraft_name", "Name, as the last flight states it.", _NOT_STATED),
        whole_number_column("flights", "Flights that logs record."),
        whole_number_column("declared_flights", "Flights that a person declared."),
        time_column("first_flight", "Start of its first flight."),
        time_column("last_flight", "Start of its last flight."),
        number_column("flight_s", "s", "Time in the air, of flights whose duration is known."),
        whole_number_column(
            "without_duration", "Flights whose duration is not known, and not in that sum."
        ),
        number_column("video_s", "s", "How long video was recorded.", "no flight states it"),
        number_column(
            "thermal_s", "s", "How long thermal video was recorded.", "no flight states it"
        ),
        number_column("audio_s", "s", "How long sound was recorded.", "no flight states it"),
        whole_number_column("needs_look", "Flights that need a look."),
        whole_number_column("findings", "Findings that break a rule."),
        text_column("apps", "Apps that flew it; may be empty."),
    ),
    ("serial", "aircraft"),
)
PARTS = TableDescription(
    "parts",
    "Which battery, camera, remote controller and flight controller took part in which flight.",
    (
        _FLIGHT,
        text_column("part", "`battery`, `payload`, `controller` or `flight_controller`."),
        text_column("serial", "Serial number of the part.", _NOT_STATED),
        text_column("model", "Model of the part.", _NOT_STATED),
        _FILE,
        _SHA256,
    ),
    ("part", "serial", "flight"),
    (("flight",),),
)
BATTERIES = TableDescription(
    "batteries",
    "Every battery by serial number.",
    (
        text_column("serial", "Serial number of the battery."),
        whole_number_column("flights", "Flights."),
        text_column("aircraft_serials", "Aircraft that it flew in; may be empty."),
        time_column("first_flight", "Start of its first flight."),
        time_column("last_flight", "Start of its last flight."),
        number_column("flight_s", "s", "Time in the air, of flights whose duration is known."),
        number_column("least_pct", "%", "Lowest charge in any flight.", "not recorded"),
        whole_number_column("battery_events", "Battery warnings in its flights."),
    ),
    ("serial",),
)
PAYLOADS = TableDescription(
    "payloads",
    "Every camera by serial number; those without one by model.",
    (
        text_column("serial", "Serial number of the camera.", _NOT_STATED),
        text_column("model", "Model of the camera.", _NOT_STATED),
        whole_number_column("flights", "Flights."),
        text_column("aircraft_serials", "Aircraft that carried it; may be empty."),
        time_column("first_flight", "Start of its first flight."),
        time_column("last_flight", "Start of its last flight."),
    ),
    ("serial", "model"),
)
FLIGHT_FIRMWARE = TableDescription(
    "flight_firmware",
    "The firmware of each part in each flight, as its logs state it.",
    (
        _FLIGHT,
        text_column("part", "Part, as the log names it."),
        text_column("version", "Version."),
    ),
    ("flight", "part"),
    (("flight",),),
)
FIRMWARE = TableDescription(
    "firmware",
    "Every version of the firmware of each part of each aircraft, and since when it was seen.",
    (
        text_column("serial", "Serial number of the aircraft.", _NOT_STATED),
        text_column("aircraft", "Model of the aircraft.", _NOT_STATED),
        text_column("part", "Part, as the log names it."),
        text_column("version", "Version."),
        whole_number_column("flights", "Flights with it."),
        time_column("first_seen", "Start of the first flight with it."),
        time_column("last_seen", "Start of the last flight with it."),
        boolean_column(
            "is_latest", "Whether the last flight of the aircraft that states the part had it."
        ),
        number_column(
            "age_days",
            "days",
            "From the first flight with it to the last flight of the fleet. The age of the "
            "version itself is not in logs.",
            "its times are not known",
        ),
        boolean_column(
            "is_behind",
            "Whether an aircraft of this model flew it and later another version: the one replaced "
            "the other. Parts that are moved between aircraft are left out.",
        ),
    ),
    ("serial", "aircraft", "part", "first_seen", "version"),
)
QUARANTINE = TableDescription(
    "quarantine",
    "Every file that was not read in full, and the cause.",
    (
        text_column("name", "Name of the file."),
        text_column("status", "`partial`, `encrypted`, `unread` or `unopened`."),
        text_column("cause", "Cause."),
        text_column("advice", "What can be done; may be empty."),
        whole_number_column("size", "Size of the file.", "could not be opened", "bytes"),
        text_column("sha256", "SHA-256 of the file.", "it was not read"),
        whole_number_column("flights", "Flights that it belongs to."),
    ),
    ("status", "name"),
)
TRACKS = TableDescription(
    "tracks",
    "The simplified track of each flight, as a line for maps, and what `place` and `together` ask.",
    (
        _FLIGHT,
        boolean_column("timed", "Whether its fixes have UTC."),
        time_column("start", "Its first fix.", "without UTC"),
        time_column("end", "Its last fix.", "without UTC"),
        number_column("south_deg", "degrees", "Southern edge of its box, WGS 84."),
        number_column("west_deg", "degrees", "Western edge."),
        number_column("north_deg", "degrees", "Northern edge."),
        number_column("east_deg", "degrees", "Eastern edge; beyond 180 across the date line."),
        whole_number_column("fixes", "Fixes of the flight with a position."),
        whole_number_column("kept", "Fixes that are kept."),
        number_column("tolerance_m", "m", "How far it may lie from any fix at the same instant."),
        number_column(
            "fix_error_m", "m", "Median error of a fix, as the log states it.", "not stated"
        ),
        number_column("clock_uncertainty_s", "s", "How far its times may be off.", "not known"),
        number_column(
            "view_range_m",
            "m",
            "How far from the aircraft the camera can have shown the ground.",
            "what was in view is not known",
        ),
        text_column("view_unknown_reason", "Why it is not known what was in view; may be empty."),
        number_column("least_battery_pct", "%", "Lowest charge of the battery.", "not recorded"),
        geometry_column(
            "geometry", "lines", "The simplified track as lines.", "it has a single position"
        ),
        packed_bytes_column(
            "track",
            "The simplified track and the directions of the camera, as columns of differences.",
            "too damaged",
        ),
    ),
    ("flight",),
    (("flight",), ("start",)),
)

#: Every table, in the order of the page that describes them.
FLEET_TABLES: tuple[TableDescription, ...] = (
    ABOUT, FILES, LOGS, FLIGHTS, FINDINGS, RULES, RESULTS, EVENTS, CAPTURES, CONTACTS, COVERAGE,
    AIRCRAFT, PARTS, BATTERIES, PAYLOADS, FLIGHT_FIRMWARE, FIRMWARE, QUARANTINE, TRACKS,
)  # fmt: skip
