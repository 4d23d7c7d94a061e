"""The tables of a fleet: every column with its type, unit, meaning and missing value.

This is the one place that states them: the tables, their page in ``docs/`` and their tests are
made from it.  A column that is added at the end of a table leaves the number of the schema as it
is; one that is renamed, removed or given another meaning raises it.
"""

from dji_audit.compliance.findings import Outcome
from dji_audit.fleet.tables._column_description import (
    TableDescription,
    flag,
    geometry,
    integer,
    number,
    packed,
    text,
    time,
)
from dji_audit.report.rows import FileStatus, FlightVerdict

SCHEMA = "dji-audit/fleet/1"

_NOT_STATED = "its logs do not state it"
_FLIGHT = text("flight", "Id of the flight.")
_FILE = text("file", "Name of the file.")
_SHA256 = text("sha256", "SHA-256 of the file.")
_OFFSET = integer("offset", "Byte in the file that shows it.", "no one byte shows it", "bytes")

ABOUT = TableDescription(
    "about",
    "What the tables were made with: schema, program, policy, catalogue, supplied files.",
    (text("name", "What it is."), text("value", "Its value.")),
    ("name", "value"),
)
FILES = TableDescription(
    "files",
    "Every file of the run, and what became of it.",
    (
        text("name", "Name of the file in every output."),
        text("status", f"One of: {', '.join(FileStatus)}."),
        text("reason", "Why it has this status; may be empty."),
        text("kind", "What it is, or looks like by its content.", "nobody looked"),
        text("advice", "What can be done if it was not read; may be empty."),
        integer("size", "Size of the file.", "could not be opened", "bytes"),
        text("sha256", "SHA-256 of the file.", "it was not read"),
        text("format", "Log format.", "no log format"),
        text("format_version", "Version of the format.", "not stated"),
        integer("bytes_not_decoded", "Bytes that its issues cover.", unit="bytes"),
        integer("issues", "Issues in it."),
        text("container_sha256", "SHA-256 of the file on the disk that holds it.", "in none"),
        text("app", "App in whose folder of logs it lies.", "in none"),
        text("key_request", "SHA-256 of the request for its key.", "it needs none"),
        integer("flights", "Flights that it belongs to."),
    ),
    ("name",),
    (("status",), ("sha256",)),
)
LOGS = TableDescription(
    "logs",
    "Every log that contributes to a flight, and every network log.",
    (
        text("flight", "Id of the flight.", "a network log"),
        text("role", "`flight` or `network`."),
        _FILE,
        _SHA256,
        text("container_sha256", "SHA-256 of the file on the disk that holds it.", "in none"),
        text("format", "Log format."),
        time("start", "First time of its part of the flight, or of its capture window."),
        time("end", "Last time of it."),
        integer("fixes", "Fixes that it gives.", "a network log"),
        text("clock", "What gave its times.", "none"),
        text("clock_method", "How its clock was aligned with the flight's.", "a network log"),
        number("clock_offset_s", "s", "What was added to its times.", "not aligned"),
        number("clock_uncertainty_s", "s", "How far its times may be off.", "not known"),
        integer(
            "copy_of", "Number of the log of the flight that it repeats, from 0.", "it repeats none"
        ),
        text("not_counted", "Why a network log is no coverage.", "it is, or records a flight"),
    ),
    ("file", "flight", "start"),
    (("flight",),),
)
FLIGHTS = TableDescription(
    "flights",
    "Every flight: those that logs record, and those that a person declared.",
    (
        _FLIGHT,
        text("entry", "`log`: logs record it; `declared`: a person entered it, and no log does."),
        text("page", "Its page, relative to the results of the run.", "no page was drawn"),
        text("file", "The file that gives its track.", "declared"),
        text("sha256", "SHA-256 of that file.", "declared"),
        time("start", "When its logs begin; of a declared one, when it began."),
        time("takeoff", "Take-off.", "not recorded"),
        time("landing", "Landing.", "not recorded"),
        text(
            "local_start",
            "When its logs begin, by their own clock without a zone.",
            "there is UTC, or no clock",
        ),
        text("month", "Month of its start in UTC, `2026-05`.", "its start is not known"),
        number("duration_s", "s", "From take-off to landing.", "not known"),
        text("maker", "Maker of the aircraft.", _NOT_STATED),
        text("aircraft", "Model of the aircraft.", _NOT_STATED),
        text("aircraft_name", "Name that its owner gave it.", _NOT_STATED),
        text("serial", "Serial number of the aircraft.", _NOT_STATED),
        text("app", "App that flew it, or wrote the log.", _NOT_STATED),
        number("distance_m", "m", "Way flown.", "not known"),
        number("max_height_ato_m", "m", "Greatest height above take-off.", "not known"),
        number("max_home_distance_m", "m", "Greatest distance from the home point.", "not known"),
        number("start_latitude_deg", "degrees", "Where it took off, WGS 84.", "not known"),
        number("start_longitude_deg", "degrees", "Where it took off, WGS 84.", "not known"),
        text("place", "Where it was, by the nearest place.", "not known"),
        text("region", "County in Britain, elsewhere the country.", "not known"),
        text("grid_reference", "National Grid in Great Britain, elsewhere MGRS.", "not known"),
        text("timezone", "IANA time zone shown beside UTC.", "declared"),
        integer("fixes", "Fixes of its track."),
        integer("videos", "Videos.", "its logs do not record captures"),
        number("video_s", "s", "How long video was recorded, by any sensor.", "not known"),
        number("thermal_s", "s", "How long thermal video was recorded.", "not known"),
        number("audio_s", "s", "How long sound was recorded.", "not known"),
        integer("photos", "Photos.", "its logs do not record captures"),
        text("thermal", "Whether thermal images were recorded: `yes`, `no` or `unknown`."),
        text("verdict", f"One of: {', '.join(FlightVerdict)}.", "declared"),
        flag("simulated", "Whether a simulator made its logs."),
        flag("received_only", "Whether only receivers heard the aircraft: it may be anybody's."),
        integer("findings", "Findings that break a rule and are neither authorised nor settled."),
        integer("remarks", "Findings that break no rule."),
        text("worst", "Worst severity among those findings.", "there is none"),
        *(
            integer(str(outcome), f"Rules with the outcome {outcome.replace('_', ' ')}.")
            for outcome in Outcome
        ),
        flag("encrypted", "Whether one of its logs needs a key that was not given."),
        integer("issues", "Issues in its logs."),
        integer("bytes_not_decoded", "Bytes of its logs that were not decoded.", unit="bytes"),
        flag("cut_short", "Whether one of its logs is cut short."),
        integer("files", "Logs that record it."),
        integer("disagreements", "Disagreements between its logs."),
        number(
            "network_share",
            "fraction",
            "How much of its window network logs recorded, 0 to 1.",
            "no network was evaluated",
        ),
        text("operation", "Operation in which a person declared it.", "logs record it"),
        text(
            "declared_conflict",
            "Flights whose logs record the same aircraft at the declared time.",
            "none does, or logs record it",
        ),
        geometry("geometry", "points", "Where it took off.", "not known"),
    ),
    ("start", "file", "flight"),
    (("flight",), ("serial",), ("month",)),
)
FINDINGS = TableDescription(
    "findings",
    "Every finding with the first bytes that show it.",
    (
        _FLIGHT,
        text("rule", "Id of the entry of the policy."),
        text("outcome", "Outcome of the finding; `remark`: it breaks no rule."),
        text("severity", "Severity."),
        text("grade", "How it is known."),
        text("summary", "What was found."),
        time("start", "When it began."),
        time("end", "When it ended."),
        number("latitude_deg", "degrees", "Where, WGS 84.", "not known"),
        number("longitude_deg", "degrees", "Where, WGS 84.", "not known"),
        number("peak", "", "Its greatest value, in the unit of the rule.", "it has none"),
        text("subject", "What it is about, such as a host or a zone.", "the flight"),
        text("authorisation", "What authorises it.", "nothing"),
        text("acknowledgement", "Who settled it or took that back, when and why.", "nobody"),
        text("fingerprint", "What tells it from all others, in every run."),
        text("file", "File that shows it.", "no byte shows it"),
        text("sha256", "SHA-256 of that file.", "no byte shows it"),
        _OFFSET,
        text("record", "Record and field there.", "no byte shows it"),
        text(
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
        text("rule", "Id of the entry."),
        text("applied_rule", "Id of the rule that it applies."),
        text("title", "What it demands."),
        text("status", "What it rests on."),
        text("citation", "Its citation."),
    ),
    ("rule",),
)
RESULTS = TableDescription(
    "results",
    "The outcome of each rule on each flight.",
    (
        _FLIGHT,
        text("rule", "Id of the entry of the policy."),
        text("outcome", "Outcome."),
        text("reason", "Why."),
        number(
            "coverage",
            "fraction",
            "Smallest share of what the rule needs that was observed, 0 to 1.",
            "the rule declares no need",
        ),
        text("lacking", "What it needs and did not have; may be empty."),
        text("remedy", "What the unit can do about it; may be empty."),
    ),
    ("rule", "flight"),
    (("rule", "outcome"), ("flight",)),
)
EVENTS = TableDescription(
    "events",
    "What happened in the flights, as their logs state it.",
    (
        _FLIGHT,
        time("time", "When."),
        text("kind", "Kind of event."),
        text("severity", "Severity that the log gives it.", "none"),
        text("text", "What the log says.", "nothing"),
        number("value", "", "The number that goes with it.", "none"),
        number("latitude_deg", "degrees", "Where the aircraft was, WGS 84.", "not known"),
        number("longitude_deg", "degrees", "Where the aircraft was, WGS 84.", "not known"),
        _FILE,
        _SHA256,
        integer("offset", "Byte in the file that states it.", unit="bytes"),
    ),
    ("flight", "time", "offset"),
    (("flight",), ("kind",)),
)
CAPTURES = TableDescription(
    "captures",
    "Photos, videos and sound recordings: those that logs of flights record, and media files.",
    (
        text("flight", "Id of the flight.", "of a media file that belongs to none"),
        time("start", "When it began."),
        time("end", "When it ended."),
        text("kind", "`photo`, `video` or `audio`.", "not stated"),
        text("sensor", "Sensor.", "not stated"),
        text("grade", "How it is known.", "a media file"),
        text("shown_by", "`log` of the flight, or `media` file."),
        text("media_file", "Name of the media file.", "not stated"),
        number("latitude_deg", "degrees", "Position in the media file, WGS 84.", "none there"),
        number("longitude_deg", "degrees", "Position in the media file, WGS 84.", "none there"),
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
        text("flight", "Id of the flight.", "of network logs that record no time of a flight"),
        text("contacted_by", "`device`, or `auditor` to have a log decrypted."),
        text("host", "Name or address."),
        flag("has_name", "Whether it has a name."),
        flag("is_local", "Whether it lies in the local network."),
        text("claim", "What the contact proves, its grade."),
        time("first", "First record."),
        time("last", "Last record."),
        integer("rows", "Records."),
        integer("bytes_up", "Bytes sent.", "not recorded", "bytes"),
        integer("bytes_down", "Bytes received.", "not recorded", "bytes"),
        text("devices", "Devices that contacted it; may be empty."),
        text("apps", "Apps that contacted it; may be empty."),
        text("operators", "Who runs it, by the catalogue; may be empty."),
        text("categories", "What it is for, by the catalogue; may be empty."),
        text("jurisdictions", "Whose law applies, by the catalogue; may be empty."),
        text("ldm_modules", "Modules that Local Data Mode exempts; may be empty."),
        text("hosting", "Hosting company of an address without a name; may be empty."),
        text(
            "local_data_mode",
            "What the rule on Local Data Mode says of it where a person claims that mode: "
            "`fail`, `fail_authorised`, `fail_acknowledged` or `remark`.",
            "the mode is not claimed, or the rule says nothing of it",
        ),
        text("file", "File of the first record that shows it.", "no byte shows it"),
        text("sha256", "SHA-256 of that file.", "no byte shows it"),
        _OFFSET,
        text("record", "Record there.", "no byte shows it"),
    ),
    ("first", "flight", "host"),
    (("flight",), ("host",)),
)
COVERAGE = TableDescription(
    "coverage",
    "How much of the window of each flight network logs recorded.",
    (
        _FLIGHT,
        time("window_start", "Start of the window."),
        time("window_end", "End of the window."),
        number("share", "fraction", "How much was recorded, 0 to 1.", "not known"),
        text("insufficient_reason", "Why the absence of a contact proves nothing; may be empty."),
        text("devices", "Devices of the flight; may be empty."),
        text("blind_spots", "What a network log could not show, with counts; may be empty."),
    ),
    ("flight",),
)
AIRCRAFT = TableDescription(
    "aircraft",
    "Every aircraft by serial number; those without one by model.",
    (
        text("serial", "Serial number.", _NOT_STATED),
        text("maker", "Maker.", _NOT_STATED),
        text("aircraft", "Model, as the last flight states it.", _NOT_STATED),
        text("aircraft_name", "Name, as the last flight states it.", _NOT_STATED),
        integer("flights", "Flights that logs record."),
        integer("declared_flights", "Flights that a person declared."),
        time("first_flight", "Start of its first flight."),
        time("last_flight", "Start of its last flight."),
        number("flight_s", "s", "Time in the air, of flights whose duration is known."),
        integer("without_duration", "Flights whose duration is not known, and not in that sum."),
        number("video_s", "s", "How long video was recorded.", "no flight states it"),
        number("thermal_s", "s", "How long thermal video was recorded.", "no flight states it"),
        number("audio_s", "s", "How long sound was recorded.", "no flight states it"),
        integer("needs_look", "Flights that need a look."),
        integer("findings", "Findings that break a rule."),
        text("apps", "Apps that flew it; may be empty."),
    ),
    ("serial", "aircraft"),
)
PARTS = TableDescription(
    "parts",
    "Which battery, camera, remote controller and flight controller took part in which flight.",
    (
        _FLIGHT,
        text("part", "`battery`, `payload`, `controller` or `flight_controller`."),
        text("serial", "Serial number of the part.", _NOT_STATED),
        text("model", "Model of the part.", _NOT_STATED),
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
        text("serial", "Serial number of the battery."),
        integer("flights", "Flights."),
        text("aircraft_serials", "Aircraft that it flew in; may be empty."),
        time("first_flight", "Start of its first flight."),
        time("last_flight", "Start of its last flight."),
        number("flight_s", "s", "Time in the air, of flights whose duration is known."),
        number("least_pct", "%", "Lowest charge in any flight.", "not recorded"),
        integer("battery_events", "Battery warnings in its flights."),
    ),
    ("serial",),
)
PAYLOADS = TableDescription(
    "payloads",
    "Every camera by serial number; those without one by model.",
    (
        text("serial", "Serial number of the camera.", _NOT_STATED),
        text("model", "Model of the camera.", _NOT_STATED),
        integer("flights", "Flights."),
        text("aircraft_serials", "Aircraft that carried it; may be empty."),
        time("first_flight", "Start of its first flight."),
        time("last_flight", "Start of its last flight."),
    ),
    ("serial", "model"),
)
FLIGHT_FIRMWARE = TableDescription(
    "flight_firmware",
    "The firmware of each part in each flight, as its logs state it.",
    (
        _FLIGHT,
        text("part", "Part, as the log names it."),
        text("version", "Version."),
    ),
    ("flight", "part"),
    (("flight",),),
)
FIRMWARE = TableDescription(
    "firmware",
    "Every version of the firmware of each part of each aircraft, and since when it was seen.",
    (
        text("serial", "Serial number of the aircraft.", _NOT_STATED),
        text("aircraft", "Model of the aircraft.", _NOT_STATED),
        text("part", "Part, as the log names it."),
        text("version", "Version."),
        integer("flights", "Flights with it."),
        time("first_seen", "Start of the first flight with it."),
        time("last_seen", "Start of the last flight with it."),
        flag("is_latest", "Whether the last flight of the aircraft that states the part had it."),
        number(
            "age_days",
            "days",
            "From the first flight with it to the last flight of the fleet. The age of the "
            "version itself is not in logs.",
            "its times are not known",
        ),
        flag(
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
        text("name", "Name of the file."),
        text("status", "`partial`, `encrypted`, `unread` or `unopened`."),
        text("cause", "Cause."),
        text("advice", "What can be done; may be empty."),
        integer("size", "Size of the file.", "could not be opened", "bytes"),
        text("sha256", "SHA-256 of the file.", "it was not read"),
        integer("flights", "Flights that it belongs to."),
    ),
    ("status", "name"),
)
TRACKS = TableDescription(
    "tracks",
    "The simplified track of each flight, as a line for maps, and what `place` and `together` ask.",
    (
        _FLIGHT,
        flag("timed", "Whether its fixes have UTC."),
        time("start", "Its first fix.", "without UTC"),
        time("end", "Its last fix.", "without UTC"),
        number("south_deg", "degrees", "Southern edge of its box, WGS 84."),
        number("west_deg", "degrees", "Western edge."),
        number("north_deg", "degrees", "Northern edge."),
        number("east_deg", "degrees", "Eastern edge; beyond 180 across the date line."),
        integer("fixes", "Fixes of the flight with a position."),
        integer("kept", "Fixes that are kept."),
        number("tolerance_m", "m", "How far it may lie from any fix at the same instant."),
        number("fix_error_m", "m", "Median error of a fix, as the log states it.", "not stated"),
        number("clock_uncertainty_s", "s", "How far its times may be off.", "not known"),
        number(
            "view_range_m",
            "m",
            "How far from the aircraft the camera can have shown the ground.",
            "what was in view is not known",
        ),
        text("view_unknown_reason", "Why it is not known what was in view; may be empty."),
        number("least_battery_pct", "%", "Lowest charge of the battery.", "not recorded"),
        geometry("geometry", "lines", "The simplified track as lines.", "it has a single position"),
        packed("track", "The simplified track and the directions of the camera.", "too damaged"),
    ),
    ("flight",),
    (("flight",), ("start",)),
)

#: Every table, in the order of the page that describes them.
FLEET_TABLES: tuple[TableDescription, ...] = (
    ABOUT, FILES, LOGS, FLIGHTS, FINDINGS, RULES, RESULTS, EVENTS, CAPTURES, CONTACTS, COVERAGE,
    AIRCRAFT, PARTS, BATTERIES, PAYLOADS, FLIGHT_FIRMWARE, FIRMWARE, QUARANTINE, TRACKS,
)  # fmt: skip
#: Tables that follow from the others: made when all rows are there.
DERIVED_TABLES = (AIRCRAFT, BATTERIES, PAYLOADS, FIRMWARE, QUARANTINE)
