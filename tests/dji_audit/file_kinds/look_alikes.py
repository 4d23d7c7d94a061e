"""Small files of every kind that is not a log of ours, made from the formats' own descriptions.

Places, names and numbers are invented.  Each says the class that it must have and a word of
its kind.
"""

import base64
import hashlib
import json
import random
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LookAlike:
    """One file: its name, its bytes, the class that it must have, and a word of its kind."""

    name: str
    data: bytes
    status: str
    kind: str


def _text(lines: Sequence[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()


def _json(value: object, separator: str = ", ") -> bytes:
    return json.dumps(value, separators=(separator.replace("\n", ",\n"), ": ")).encode()


def _database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        base = sqlite3.connect(path)
        for statement in statements:
            base.execute(statement)
        base.commit()
        base.close()
        return path.read_bytes()


def _directory(order: str, base: int, entries: Sequence[tuple[int, int, int, int]]) -> bytes:
    packed = b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    return struct.pack(f"{order}H", len(entries)) + packed + bytes(4)


def tiff(order: str = "<", *, has_position: bool, maker: str = "Parrot") -> bytes:
    """Return a TIFF structure with a maker, and with or without a position."""
    first = [(0x010F, 2, len(maker) + 1, 200)]
    if has_position:
        first.append((0x8825, 4, 1, 100))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    data = (head + _directory(order, 0, first)).ljust(100, b"\0")
    data += _directory(order, 100, [(2, 5, 3, 300), (4, 5, 3, 330)])
    return data.ljust(200, b"\0") + maker.encode().ljust(200, b"\0")


def jpeg(exif: bytes = b"") -> bytes:
    """Return the beginning of a JPEG picture."""
    block = b"Exif\0\0" + exif if exif else b"JFIF\0\1\1\0\0\1\0\1\0\0"
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(block) + 2) + block + b"\xff\xd9"


def _rtcm() -> bytes:
    return b"".join(b"\xd3\x00\x13" + bytes(19) + b"abc" for _ in range(40))


def _bytes_of_nothing(size: int, seed: int) -> bytes:
    """Return bytes without any order, the same in every run."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - not for secrets


def _fat_image() -> bytes:
    sector = bytearray(512)
    sector[:3], sector[3:11] = b"\xeb\x3c\x90", b"mkfs.fat"
    sector[54:62], sector[510:] = b"FAT16   ", b"\x55\xaa"
    return bytes(sector) + bytes(1 << 17)


_TRACK = [f"10:00:{second:02d};51.5{second:04d};-0.12{second:04d}" for second in range(20)]
_KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>{}</Placemark></Document></kml>'
_LINE = "<LineString><coordinates>-0.1,51.5,10 -0.2,51.6,10</coordinates></LineString>"
_AREA = "<Polygon><outerBoundaryIs><LinearRing><coordinates>-0.1,51.5 -0.2,51.6 -0.2,51.5 -0.1,51.5</coordinates></LinearRing></outerBoundaryIs></Polygon>"  # noqa: E501
_OSD = {"latitude": 51.5, "longitude": -0.1, "mode_code": 3, "attitude_head": 12.5}


def planned_route(shape: str) -> bytes:
    """Return a document of WPML with two waypoints."""
    waypoints = "".join(
        f"<Placemark>{shape}<wpml:index>{number}</wpml:index></Placemark>" for number in range(2)
    )
    return (
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:wpml="http://www.dji.com/wpmz/1.0.2"><Document><wpml:author>PC 51</wpml:author>'
        "<wpml:createTime>1778839200000</wpml:createTime><wpml:missionConfig><wpml:droneInfo>"
        "<wpml:droneEnumValue>67</wpml:droneEnumValue></wpml:droneInfo></wpml:missionConfig>"
        f"<Folder>{waypoints}</Folder></Document></kml>"
    ).encode()


def _evidence() -> Iterator[tuple[str, bytes, str]]:
    yield (
        "track.kml",
        _KML.format("<gx:Track><when>2026-05-09T10:00:00Z</when></gx:Track>").encode(),
        "KML track",
    )
    yield "damaged.gpx", b'<gpx><trk><trkseg><trkpt lat="51.5" lon', "GPX track"
    yield "damaged.kml", b"<kml " + _LINE.encode() + b"<", "KML track"
    yield (
        "run.tcx",
        b'<?xml version="1.0"?><TrainingCenterDatabase xmlns="x"><Activities/></TrainingCenterDatabase>',  # noqa: E501
        "TCX",
    )
    yield (
        "glider.igc",
        _text(["AXXX123 recorder", "HFDTE090526", "B1000005130000N00006000WA0010000120"]),
        "IGC",
    )
    yield "watch.fit", b"\x0e\x10\x5c\x08\x00\x01\x00\x00.FIT\x00\x00" + bytes(256), "FIT"
    yield (
        "receiver.txt",
        _text(["$GPGGA,100000.00,5130.0,N,00006.0,W,1,08,1.0,30.0,M,47.0,M,,*4F"] * 4),
        "NMEA",
    )
    yield (
        "rover.obs",
        ("     3.04           OBSERVATION DATA    M".ljust(60) + "RINEX VERSION / TYPE\n").encode(),
        "RINEX",
    )
    yield "rover.ubx", b"".join(b"\xb5\x62\x01\x07\x5c\x00" + bytes(94) for _ in range(8)), "UBX"
    yield "PPKRAW.bin", _rtcm(), "RTCM"
    yield (
        "LOG00014.BBL",
        b"H Product:Blackbox flight data recorder by Nicholas Sherlock\nH Data version:2\n\xff\x00\x01",  # noqa: E501
        "blackbox",
    )
    yield (
        "LOG00014.csv",
        _text(["loopIteration,time (us),axisP[0],gyroADC[0]", "0,100,1,2", "1,200,1,2"]),
        "blackbox",
    )
    yield (
        "0901.pud.json",
        _json({"product": "Anafi", "details_headers": ["time", "alert"], "details_data": []}),
        "Parrot",
    )
    yield (
        "telemetry.json",
        _json(
            {"flight_id": "a", "vehicle_serial": "sim", "gps_points": [{"lat": 51.5, "lon": -0.1}]}
        ),
        "Skydio",
    )
    yield (
        "2026_05_09@10_00_00.log.txt",
        b"\x70\x00\x80\x00\x01\x04" + _bytes_of_nothing(400, 1),
        "DJI Assistant",
    )
    yield (
        "media.json",
        _json({"data": {"list": [{"uuid": "a", "name": "DJI_0001.JPG", "file_type": "image",
                                  "preview_url": "https://example.org/p", "original_url": ""}]}}),
        "media files of FlightHub 2",
    )  # fmt: skip
    yield (
        "tasks.json",
        _json({"data": {"list": [{"uuid": "a", "task_type": "timed", "wayline_uuid": "b"}]}}),
        "flight tasks of FlightHub 2",
    )
    yield "print.txt", f"{_OSD!r}\n".replace(", ", ",\n ").encode(), "DJI Cloud API"
    yield (
        "aircraft.json",
        _json(
            {
                "now": 1.0,
                "messages": 2,
                "aircraft": [{"hex": "406a3b", "alt_baro": 3000, "lat": 51.5, "lon": -0.1}],
            }
        ),
        "readsb",
    )
    yield (
        "sbs.csv",
        _text(
            [
                "MSG,3,1,1,406A3B,1,2026/05/09,10:00:00.000,2026/05/09,10:00:00.000,,3000,,,51.5,-0.1,,,0,0,0,0"
            ]
            * 3
        ),
        "SBS",
    )
    yield (
        "states.csv",
        _text(["time,icao24,lat,lon,velocity,callsign", "1,406a3b,51.5,-0.1,80,ABC"]),
        "OpenSky",
    )
    yield (
        "Telemetry_00001.csv",
        _text(
            [
                ",fsk_rssi,voltage,current,altitude,latitude,longitude,tas,roll,pitch,yaw",
                "20260509 10:00:00:000,-40,15.1,2,10,51.5,-0.1,0,0,0,0",
            ]
        ),
        "Yuneec",
    )
    yield (
        "RemoteGPS_00001.csv",
        _text([",lon,lat,alt,accuracy,speed,angle", "20260509 10:00:00:000,-0.1,51.5,30,1,0,0"]),
        "Yuneec",
    )
    yield "semicolons.csv", _text(["Zeit;Breitengrad;Längengrad", *_TRACK]), "table"
    yield (
        "tabs.tsv",
        _text(
            [
                "a line of the maker",
                "time\tGPS lat\tGPS lon",
                *(line.replace(";", "\t") for line in _TRACK),
            ]
        ),
        "table",
    )
    yield (
        "pipes.txt",
        _text(["time|homeLat|homeLng", *(line.replace(";", "|") for line in _TRACK)]),
        "table",
    )
    yield (
        "wide.csv",
        "\ufeff".encode("utf-16-le")
        + "\n".join(["time;latitude;longitude", *_TRACK]).encode("utf-16-le"),
        "table",
    )
    yield "no heads.txt", _text(_TRACK), "numbers"
    yield (
        "attitude.csv",
        _text(["t,roll,pitch,yaw,throttle", "1,0,0,90,10", "2,0,0,90,10"]),
        "table",
    )
    yield (
        "places.json",
        _json([{"time": "2026-05-09", "position": {"lat": 51.5, "lng": -0.1}}]),
        "JSON",
    )
    yield (
        "history.json",
        _json({"locations": [{"latitudeE7": 515000000, "longitudeE7": -1000000}]}),
        "Google",
    )
    yield (
        "places.xml",
        b'<?xml version="1.0"?><events><fix latitude="51.5" longitude="-0.1"/></events>',
        "XML",
    )
    yield (
        "settings.plist",
        b'<?xml version="1.0"?><plist><dict><key>homeLatitude</key><real>51</real><key>homeLongitude</key><real>0</real></dict></plist>',  # noqa: E501
        "XML",
    )
    yield (
        "line.geojson",
        _json(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {},
                        "geometry": {
                            "type": "LineString",
                            "coordinates": [[-0.1, 51.5], [-0.2, 51.6]],
                        },
                    }
                ],
            }
        ),
        "GeoJSON",
    )
    yield (
        "app.db",
        _database("CREATE TABLE track (id INTEGER, time REAL, latitude REAL, longitude REAL)"),
        "SQLite",
    )
    yield "lookups.db", _database("CREATE TABLE lookup (time INTEGER, domain TEXT)"), "SQLite"
    yield (
        "History",
        _database(
            "CREATE TABLE urls (id INTEGER, url TEXT)",
            "CREATE TABLE visits (id INTEGER, url INTEGER)",
        ),
        "Chrome",
    )
    yield "places.sqlite", _database("CREATE TABLE moz_places (id INTEGER, url TEXT)"), "Firefox"
    yield (
        "bag_0.db3",
        _database(
            "CREATE TABLE topics (id INTEGER, name TEXT)",
            "CREATE TABLE messages (id INTEGER, data BLOB)",
        ),
        "ROS 2",
    )
    yield "flight.bag", b"#ROSBAG V2.0\n" + bytes(64), "ROS"
    yield "flight.mcap", b"\x89MCAP0\r\n" + bytes(64), "ROS 2"
    yield "anafi.jpg", jpeg(tiff(has_position=True)), "position by Parrot"
    yield (
        "scan.tif",
        tiff(">", has_position=True, maker="Autel Robotics"),
        "position by Autel Robotics",
    )
    yield (
        "wide.png",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 400) + b"eXIf" + tiff(has_position=True),
        "position",
    )
    yield (
        "DJIFlightRecord_2030.txt",
        struct.pack("<QHB", 100, 400, 20) + bytes(89) + _bytes_of_nothing(900, 2),
        "DJI app flight record",
    )
    yield (
        "evo.ass",
        _text(
            [
                "[Script Info]",
                "[Events]",
                "Dialogue: 0,0:00:01.00,0:00:02.00,,GPS(-117.9605, 33.8, 12) HOME(1)",
            ]
        ),
        "subtitles",
    )
    yield (
        "goggles.srt",
        _text(["1", "00:00:01,000 --> 00:00:02,000", "D 12.4m H 3.0m latitude 51.5"]),
        "subtitles",
    )
    yield "hci.log", b"btsnoop\x00" + struct.pack(">II", 1, 1002), "Bluetooth"
    yield "solaris.cap", b"snoop\x00\x00\x00" + bytes(8), "snoop"
    yield "netmon.cap", b"GMBU" + bytes(64), "Network Monitor"
    yield "nfcapd", b"\xa5\x0c\x01\x00" + bytes(64), "nfdump"
    yield "System.evtx", b"ElfFile\x00" + bytes(120), "Windows"
    yield "system.journal", b"LPKSHHRH" + bytes(120), "journal"
    yield (
        "Kismet.netxml",
        b'<?xml version="1.0"?><detection-run><wireless-network/></detection-run>',
        "Kismet",
    )
    yield (
        "wifi.kismet",
        _database("CREATE TABLE KISMET (version TEXT)", "CREATE TABLE packets (ts INTEGER)"),
        "Kismet",
    )
    yield "packets.pdml", b'<?xml version="1.0"?><pdml><packet/></pdml>', "packets"
    yield (
        "packets.csv",
        _text(
            [
                '"No.","Time","Source","Destination","Protocol"',
                '"1","0.0","192.0.2.1","192.0.2.2","DNS"',
            ]
        ),
        "packets",
    )
    yield (
        "wigle.csv",
        _text(["WigleWifi-1.4,appRelease=2.2", "MAC,SSID,AuthMode,FirstSeen"]),
        "WiGLE",
    )
    yield (
        "gateway.log",
        _text([f"09 May 10:00:0{n} tablet reached 203.0.113.{n} port 443" for n in range(6)]),
        "text",
    )
    yield "notes of a pilot.txt", "We took off at 51° 30' 00\" N, 0° 07' 12\" W.\n".encode(), "text"
    yield "state.txt", _text([f"10:00:0{n} lat: 51.50{n} lon: -0.1{n}00" for n in range(5)]), "text"
    yield "vendor.raw", b"\x01\x02Autel\x00" + _bytes_of_nothing(500, 3), "unknown kind"
    yield (
        "fields.raw",
        b"\x00\x01latitude\x00\x02longitude\x00" + _bytes_of_nothing(500, 4),
        "unknown kind",
    )
    yield "lost.ulg", b"", "empty"
    yield "erased.bin", b"\xff" * 5_000, "FF"
    yield "noise.tlog", _bytes_of_nothing(3000, 5), "not known"
    yield "noise.DAT", _bytes_of_nothing(3000, 6), "not known"
    yield "noise.bin", _bytes_of_nothing(3000, 7), "not known"
    yield (
        "table.parquet",
        b"PAR1" + bytes(40) + b"latitude\x15longitude\x15" + bytes(20) + b"PAR1",
        "Parquet",
    )


_CELLS = [["time", "latitude", "longitude"], *(line.split(";") for line in _TRACK)]


def _laid_out() -> Iterator[tuple[str, bytes, str]]:
    """Yield a table of positions in documents of other programs, and in letters for bytes."""
    cells = [[f"<td class='x'>{cell}</td>" for cell in row] for row in _CELLS]
    rows = "\n".join(f"<tr>{' '.join(row)}</tr>" for row in cells)
    yield "table.html", f"<html><body><table>{rows}</table></body></html>".encode(), "web page"
    path = [[51.5 + number / 1e4 + 1e-5, -0.12 - number / 1e4 - 1e-5] for number in range(9)]
    yield "map.html", f"<html><script>let path = {path}</script></html>".encode(), "web page"
    ends = "\n".join(" ".join(rf"{cell}\cell" for cell in row) + r"\row" for row in _CELLS)
    yield "table.rtf", rf"{{\rtf1\ansi \trowd {ends}}}".encode(), "RTF"
    strings = "".join(f"<si><t>{head}</t></si>" for head in _CELLS[0])
    yield "strings.xml", f'<?xml version="1.0"?><sst>{strings}</sst>'.encode(), "sst"
    written = "".join(f'<c t="inlineStr"><is><t>{head}</t></is></c>' for head in _CELLS[0])
    yield (
        "sheet.xml",
        f'<?xml version="1.0"?><worksheet>{written}</worksheet>'.encode(),
        "worksheet",
    )
    open_text = "".join(f"<text:p>{head}</text:p>" for head in _CELLS[0])
    yield (
        "content.xml",
        '<?xml version="1.0"?><office:document-content><office:spreadsheet>'
        f"{open_text}</office:spreadsheet></office:document-content>".encode(),
        "document-content",
    )
    table = "\n".join(",".join(row) for row in _CELLS)
    yield "marked.csv", table.encode("utf-32"), "table"
    yield "unmarked.csv", table.encode("utf-32-be"), "table"
    yield "lines.b64", base64.encodebytes(table.encode()), "Base64"
    yield "one line.b64", base64.b64encode(table.encode() + b"\n"), "Base64"
    yield "letters.uue", b"begin 644 a.csv\n" + b"M" + b"A" * 60 + b"\n`\nend\n", "Base64"


def _told_by_values() -> Iterator[tuple[str, bytes, str]]:
    """Yield texts whose names or structure tell nothing, and whose values do."""
    track = [[51.5 + number / 10_000 + 1e-5, -0.12 - number / 10_000 - 1e-5] for number in range(9)]
    yield "pairs.json", _json(track), "JSON"
    yield "values.json", _json([f"10:00:0{n} to 203.0.113.{n}" for n in range(5)], "\n"), "JSON"
    yield "bracketed.log", _text([f"[10:00:0{n}] to 203.0.113.{n}" for n in range(5)]), "text"
    yield (
        "dated.log",
        _text([f"[2026-05-09 10:00:0{n}] to 203.0.113.{n}" for n in range(5)]),
        "text",
    )
    yield "uptime.log", _text([f"[ 12.{n}] 10:00:0{n} to 203.0.113.{n}" for n in range(5)]), "text"


def _no_evidence() -> Iterator[tuple[str, bytes, str]]:
    yield "holiday.jpg", jpeg(), "JPEG"
    yield "portrait.jpg", jpeg(tiff(has_position=False)), "JPEG"
    yield "logo.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "PNG"
    yield "logo.gif", b"GIF89a" + bytes(60), "GIF"
    yield "logo.bmp", b"BM" + struct.pack("<IIII", 66, 0, 54, 40) + bytes(48), "BMP"
    yield "manual.pdf", b"%PDF-1.7\n" + bytes(60), "PDF"
    yield "Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Office"
    yield ".DS_Store", b"\x00\x00\x00\x01Bud1" + bytes(60), "macOS"
    yield "._DJI_0001.SRT", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X" + bytes(60), "macOS"
    yield (
        "desktop.ini",
        b"[.ShellClassInfo]\r\nIconResource=C:\\x.dll,3\r\nInfoTip=A folder of files\r\n",
        "text",
    )
    yield "notes.md", b"# Notes\n\nThe aircraft was handed over on Monday, all was well.\n", "text"
    yield (
        "film.srt",
        _text(["1", "00:00:01,000 --> 00:00:02,000", "Where have you been, all this time?"]),
        "subtitles",
    )
    yield "tool.exe", b"MZ" + bytes(200), "Windows"
    yield "tool", b"\x7fELF" + bytes(200), "ELF"
    yield "song.mp3", b"ID3\x03" + bytes(200), "MP3"
    yield "sound.wav", b"RIFF" + struct.pack("<I", 100) + b"WAVEfmt " + bytes(90), "WAV"
    yield (
        "page.html",
        b"<!DOCTYPE html><html><head><title>x</title></head><body>Hello</body></html>",
        "web page",
    )
    words = "".join(
        f"<tr><td>{word}</td><td>degrees</td></tr>" for word in ("latitude", "longitude", "roll")
    )
    yield "words.html", f"<html><table>{words}</table></html>".encode(), "web page"
    yield (
        "letter.rtf",
        rb"{\rtf1\ansi The drone flew at 10:00:00.\par Its battery was full.}",
        "RTF",
    )
    yield (
        "theme1.xml",
        b'<?xml version="1.0"?><a:theme><a:rot lat="0" lon="0" rev="0"/></a:theme>',
        "theme of an Office document",
    )
    yield (
        "policy.xml",
        b'<?xml version="1.0"?><office:document-content><office:text><text:p>Drone</text:p>'
        b"<text:p>Battery</text:p><text:p>Aircraft</text:p><text:p>Pitch</text:p></office:text>"
        b"</office:document-content>",
        "document-content",
    )
    digests = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    yield "digests.txt", _text(digests), "text"
    yield "icon.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="1"/>', "SVG"
    yield (
        "package.json",
        _json({"name": "x", "version": "1", "url": "https://example.org", "date": "2026-01-01"}),
        "JSON",
    )
    yield "ledger.csv", _text(["month,income,cost,rest", "1,2,3,4", "2,2,3,4"]), "table"
    yield "template.kml", planned_route(_LINE), "planned route of DJI"
    yield (
        "waylines.wpml",
        planned_route("<Point><coordinates>-0.1,51.5</coordinates></Point>"),
        "planned route of DJI",
    )
    yield (
        "routes.json",
        _json(
            {
                "data": {
                    "list": [
                        {"id": "a", "template_types": ["waypoint"], "device_model_key": "0-91-1"}
                    ]
                }
            }
        ),
        "planned routes of FlightHub 2",
    )
    yield "zone.kml", _KML.format(_AREA).encode(), "zone file"
    yield (
        "zone.geojson",
        _json(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": "a"},
                        "geometry": {
                            "type": "Polygon",
                            "coordinates": [[[0, 51], [0, 52], [1, 51], [0, 51]]],
                        },
                    }
                ],
            }
        ),
        "zone file",
    )
    yield (
        "airspace.txt",
        _text(
            [
                "AC R",
                "AN TEST",
                "AL SFC",
                "AH 2000ft",
                "DP 51:00:00 N 000:00:00 E",
                "DP 52:00:00 N 000:00:00 E",
                "DP 51:00:00 N 001:00:00 E",
            ]
        ),
        "zone file",
    )
    yield "music.db", _database("CREATE TABLE song (id INTEGER, title TEXT)"), "SQLite"
    yield "backup.opus", b"OggS" + bytes(100), "Ogg"


def _of_ours() -> Iterator[tuple[str, bytes, str]]:
    """Yield files of programs, of the unit and of dji-audit, which state positions too."""
    yield (
        "report.json",
        _json({"schema": "dji-audit/report/0.2", "latitude": 1, "longitude": 2}),
        "dji-audit",
    )
    yield (
        "flights.csv",
        _text(
            ["id,file,sha256,max_height_ato_m,home_latitude_deg,home_longitude_deg", "a,b,c,1,2,3"]
        ),
        "dji-audit",
    )
    yield (
        "plot.py",
        _text(
            [
                "import sys",
                "from math import pi",
                "def draw():",
                "    lat = 51.5001; lon = -0.1002",
                '    lat: "lat": 51.5001, "lon": -0.1002',
            ]
        ),
        "source code",
    )
    yield (
        "authorisations.toml",
        _text(
            ["[[authorisation]]", 'reference = "A"', "latitude = 50.6151", "longitude = -3.9651"]
        ),
        "unit supplies",
    )
    yield (
        "authorisations.csv",
        _text(["reference,by,reason,latitude,longitude", "A,B,C,50.6,-3.9"]),
        "unit supplies",
    )


def _unopened() -> Iterator[tuple[str, bytes, str, str]]:
    yield "volume.luks", b"LUKS\xba\xbe\x00\x02" + bytes(600), "encrypted", "LUKS"
    yield (
        "case.age",
        b"age-encryption.org/v1\n-> X25519 abc\n" + _bytes_of_nothing(200, 8),
        "encrypted",
        "age",
    )
    yield "mail.asc", b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "encrypted", "PGP"
    yield "sealed.ulge", b"ULogEnc\x01" + bytes(14) + bytes(64), "encrypted", "ULog"
    mail = ["From: a@example.org", "Subject: the log", "MIME-Version: 1.0", "", "attached"]
    yield "mail.eml", _text(mail), "unread", "e-mail"
    yield "mail.pst", b"!BDN" + bytes(600), "unread", "Outlook"
    yield "card.img", _fat_image(), "unread", "FAT"
    yield "erased", b"\xff" * 70_000, "unknown", "FF"
    yield "zeros", bytes(70_000), "unknown", "zeros"
    yield "thing.xyz", _bytes_of_nothing(5000, 9), "unknown", "not known"


def look_alikes() -> list[LookAlike]:
    """Return every file, in the order of their names."""
    made = [LookAlike(name, data, "unread", kind) for name, data, kind in _evidence()]
    made += [LookAlike(name, data, "unread", kind) for name, data, kind in _laid_out()]
    made += [LookAlike(name, data, "unread", kind) for name, data, kind in _told_by_values()]
    made += [LookAlike(name, data, "no_evidence", kind) for name, data, kind in _no_evidence()]
    made += [LookAlike(name, data, "no_evidence", kind) for name, data, kind in _of_ours()]
    made += [LookAlike(name, data, status, kind) for name, data, status, kind in _unopened()]
    return sorted(made, key=lambda item: item.name)
