# ruff: noqa: RUF001 (the marks of Chinese and Japanese are what such texts are written with)
"""What is taken out of texts before they go anywhere, and what stays."""

import time

import numpy as np
import pandas as pd
import pytest

from parsers._secrets._redact_secrets import (
    is_secret_or_personal_field_name,
    redact_data_frame,
    redact_email_addresses_and_count,
    redact_text_and_count,
    redacted_form_of_each_text_with_secrets,
)
from parsers._secrets._secret_patterns import SECRET_PATTERNS

#: Texts as apps, autopilots and ground stations write them; each with its secret, and one kind of
#: secret a line.  Nobody is let in anywhere by any of these.
SECRETS = r"""
password: C4nary9x
password C4nary9x
password=C4nary9x
Password is C4nary9x
wifi password C4nary9x for DJI-1234
passwd=C4nary9x
pwd:C4nary9x
pwd C4nary9x
userPwd=C4nary9x
"wifi_password":"C4nary9x"
{\"password\":\"C4nary9x\",\"ssid\":\"DJI\"}
'pwd': 'C4nary9x'
<password>C4nary9x</password>
<wsse:Password Type="x">C4nary9x</wsse:Password>
psk="C4nary9x"
WPA key: C4nary9x
wpa_passphrase MyNet C4nary9x
WIFI:T:WPA;S:MyNet;P:C4nary9x;;
AT+CWJAP="MyNet","C4nary9x"
PIN: 4711
pin 4711 for pairing
Wi-Fi PIN is 84715
PUK 12345678
"pin":"4711"
rtmp://a.rtmp.youtube.com/live2/C4na-ry9x-zzzz-aaaa
rtmps://live-api-s.facebook.com:443/rtmp/FB-123-0-C4nary9x
rtmp://live.twitch.tv/app/live_12345_C4nary9x
rtmp://user:C4nary9x@host/live
rtmp://push.x.com/live/stream?auth_key=154-0-0-C4nary9x
srt://h.example.org:9000?streamid=C4nary9x&latency=200
srt://h.example.org:9000?mode=caller&passphrase=C4nary9x
stream key: C4na-ry9x
streamkey=C4nary9x
Authorization: Bearer C4nary9x
Authorization: Basic Ym9iOkM0bmFyeTl4
"authorization":"Bearer C4nary9x"
Authorization: AWS4-HMAC-SHA256 Credential=AKIAC4NARY9X/eu, SignedHeaders=a;b, Signature=C4nary9x
bearer C4nary9x0
Basic Ym9iOkM0bmFyeTl4
AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
X-Amz-Security-Token: C4nary9x
https://b.s3.amazonaws.com/a?X-Amz-Signature=C4nary9x&X-Amz-Expires=60
https://a.blob.core.windows.net/c?sv=2019&sig=C4nary9x&se=2026
eyJhbGciOiJI.eyJzdWIiOiIx.C4nary9x
Cookie: a=C4nary9x; b=C4nary9y
Set-Cookie: sid=C4nary9x; Path=/
JSESSIONID=C4nary9x
session_id: C4nary9x
https://bob:C4nary9x@example.org/x
bob:C4nary9x@ftp.example.org
api_key=C4nary9x
apiKey: "C4nary9x"
X-Api-Key: C4nary9x
client_secret=C4nary9x
access_token=C4nary9x
refresh token: C4nary9x
token C4nary9xab
oauth code: C4nary9x
?code=C4nary9x&state=1
authorization code 4/0AC4nary9x
mqtt://bob:C4nary9x@broker:1883
mqtt_password: C4nary9x
-----BEGIN RSA PRIVATE KEY-----MIIC4nary9x-----END RSA PRIVATE KEY-----
-----BEGIN OPENSSH PRIVATE KEY----- C4nary9x
ghp_C4nary9xC4nary9xC4nary9xC4nary9x1234
xoxb-123-C4nary9x
AIzaC4nary9xC4nary9xC4nary9xC4nary9xabc
ya29.C4nary9xC4nary9xC4nary9x
密码：C4nary9x
密码是C4nary9x
WiFi密码C4nary9x
口令: C4nary9x
Passwort: C4nary9x
Passwort ist C4nary9x
Kennwort C4nary9x
WLAN-Schlüssel: C4nary9x
mot de passe : C4nary9x
mot de passe C4nary9x
contraseña: C4nary9x
пароль: C4nary9x
パスワード：C4nary9x
passphrase "C4nary9x b c"
sshpass -p C4nary9x ssh x
curl -u bob:C4nary9x https://x
glpat-C4nary9xC4nary9xC4na
sk_live_C4nary9xC4nary9x
user=dji pass=C4nary9x
PASS C4nary9x
ntrip://bob:C4nary9x@caster:2101/MNT
password for network DJI-1 is C4nary9x
password (camera): C4nary9x
verification code 471199
access code: 4711
https://hooks.slack.com/services/T00/B00/C4nary9x
bot123456789:AAC4nary9xC4nary9xC4nary9xC4nary9x
password%3DC4nary9x
login: bob, password: C4nary9x, ssid: DJI
credentials: bob/C4nary9x
PrivateKey = C4nary9xC4nary9xC4nary9xC4nary9x=
password C4n,ary9x
password: 'C4nary9x'.
username bob password C4nary9x
{"name":"wifi_password","value":"C4nary9x"}
mqtt user: bob password: C4nary9x!
AccountKey=C4nary9x==;EndpointSuffix=core
seed phrase: abandon ability able about above absent absorb abstract absurd abuse access accident
pass="C4nary9x"
user: bob pass: C4naryzz
pw=C4naryzz
Streaming with key c4na-efgh-ijkl-mnop
basic auth admin:C4nary9x
password&quot;:&quot;C4nary9x&quot;,
network={ssid="a" psk="C4nary9x"}
wifi key 12345678
token 12345678
clef wifi : C4nary9x
4/0AX4XfWhC4nary9xC4nary9xC4na
Wi-Fi password set to C4nary9x
login failed for bob with password "C4n ary9x"
snmp community: C4nary9x
https://x/a?q=dGhpcyBpcyBubyB3b3JkIGF0IGFsbDEy
""".strip().split("\n")
#: What of the texts above lets somebody in, or a part of it.
PARTS = (
    "C4n", "c4na-efgh", "4711", "84715", "12345678", "AKIAIOS", "wJalr", "Ym9i",
    "abandon ability", "dGhp",
)  # fmt: skip
#: Texts that look like such, and hold none.
PLAIN = r"""
serial 1581F5BKD225D00BJ3K1
SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
?sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
50.615123, -3.965456
firmware 01.00.0500
GUID 123e4567-e89b-12d3-a456-426614174000
?flight=123e4567-e89b-12d3-a456-426614174000
PIN mode
PIN required
BATT_VOLT_PIN = 2
RELAY_PIN=54
BATT_VOLT_PIN 1001
GPIO pin 50
Motor pin 12
spinning up
key frame
key frame 12345
keyframe interval 60
token bucket
token bucket: 5
Token expired
token ring
self-test passed
passed 12 of 12
compass variance
passenger
bypass enabled
host flysafe-api.dji.com
Password is not set
Password required
Wrong password
password changed
password is incorrect
Password dialog opened
password: none
password: not set
Passwort ist falsch
密码错误
密码为空
WPNAV_SPEED 500
SYSID_THISMAV = 1
SCR_USER_KEY 5
SCR_SDCARD_KEY = 12
MAVLink signing yes
signing key not set
signing of messages set up by 255/190
key: 5
session 3
session id 12
Session opened
cookie accepted
authorization granted
Authorization: GEO zone unlocked
public key
code 200
status_code=200
error code 1234
rtmp://live.example.org/live
https://www.example.org/path/file.html?page=2&lang=en
rtsp://192.168.1.10:554/stream1
email bob@example.org
mailto:bob@example.org
2026-05-14T10:00:00Z
14:03:22@52.1N
GPS time 10:15:32
GPSWeek=2100
192.168.1.1:8080
secret mission
api level 30
pass 2 of 3
pass: 12
pass band 5 GHz
Basic mode
bearer channel established
key press detected
access keypad
Auth OK
signature valid
tokens: 5
password length: 8
password_set=true
EKF3 IMU0 is using GPS
Arming: Compass not calibrated
PreArm: Logging failed
Radio failsafe - Continuing Mission
DCIM/100MEDIA/DJI_0001.JPG
AES encryption on
key_type=rsa
live view started
wifi: connected to DJI-1234
file 0123456789abcdef0123456789abcdef.mp4
Mission: 12 WP
pinned to position
shipping
happiness is
opinion
Cookie policy
pass rate 95
Test pass: 3 of 4
pass: ok
PW=1500
pw 12.5 V
Password for user bob:
show password
Enter Wi-Fi password
password too short
the token is invalid
private key loaded
cookie jar
stream key saved
primary key id
keyboard key A
Access code accepted
GEO authorization code required
password123
COMPASS_PWD_MODE 3
camera pin connector 1234A
token count 100000
{"username":"bob","password":null}
Passing waypoint 3
monkey 123456
Geo-zone: authorization zone 12
SIGN_KEY 0
""".strip().split("\n")
EXACT = [
    ("/a?token=x&v=1", "/a?token=(redacted)&v=1"),
    ("/a?X-Amz-Signature=00ff&part=2", "/a?X-Amz-Signature=(redacted)&part=2"),
    ("/a?OSSAccessKeyId=LTAI&e=1", "/a?OSSAccessKeyId=(redacted)&e=1"),
    ("/a?q=dGhpcyBpcyBubyB3b3JkIGF0IGFsbDEy", "/a?q=(redacted)"),
    ("/login;jsessionid=ABC?x=1", "/login;jsessionid=(redacted)?x=1"),
    ("/t/eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "/t/(redacted)"),
    ("http://bob:pw@a.example.org/x", "http://(redacted)@a.example.org/x"),
    ("/a#access_token=1", "/a#access_token=(redacted)"),
    ("wifi password hunter2 for DJI-1", "wifi password (redacted) for DJI-1"),
    ("the PIN is 4711, said the pilot", "the PIN is (redacted), said the pilot"),
    ('{"ssid":"a","password":"b c","n":1}', '{"ssid":"a","password":"(redacted)","n":1}'),
    ('{\\"pwd\\":\\"a\\\\\\"b\\",\\"n\\":1}', '{\\"pwd\\":\\"(redacted)\\",\\"n\\":1}'),
    ("password: 'it is' here", "password: '(redacted)' here"),
    ("user=bob&password=x&n=1", "user=bob&password=(redacted)&n=1"),
    ("to rtmp://h.org:1935/live/k3y-x, 25 fps", "to rtmp://h.org:1935/live/(redacted), 25 fps"),
    (
        "srt://h:9000?streamid=#!::r=a,m=publish&latency=20",
        "srt://h:9000?streamid=(redacted)&latency=20",
    ),
    ("Authorization: Bearer abc123xyz, twice", "Authorization: Bearer (redacted), twice"),
    ("(password: hunter2)", "(password: (redacted))"),
    ("密码：hunter2，请重试", "密码：(redacted)，请重试"),
]
KEPT_PATHS = [
    "/maps/api/geocode/json?latlng=50.615,-3.965",
    "/wp-content/styles.css?ver=3.4.1",
    "/j.php?a=36603&u=http://www.example.org/&r=0.24665164566936143",
    "/getfile/getallfile?product=wm220&status_code=200",
    "/a/0123456789abcdef0123456789abcdef.mp4",
    "/api/proxy?url=http%3A%2F%2Fa.example.org%2Fgetvinfo1",
    "/sqli/?id=1%27+UNION+SELECT+NULL%2C+version%28%29",
]


def test_the_lists_are_as_long_as_is_promised() -> None:
    assert len(SECRETS) >= 40
    assert len(PLAIN) + len(KEPT_PATHS) >= 40
    kinds = {
        kind
        for text in SECRETS
        for _, _, kind in redacted_form_of_each_text_with_secrets([text])[text].secrets
    }
    assert len(kinds) >= 20


@pytest.mark.parametrize("text", SECRETS)
def test_what_lets_somebody_in_is_taken_out_and_counted(text: str) -> None:
    clean, count = redact_text_and_count(text)
    assert count >= 1
    assert not [part for part in PARTS if part in clean]
    assert redact_text_and_count(clean) == (clean, 0), "masking twice changes nothing"


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_in_a_sentence_and_the_sentence_stays(text: str) -> None:
    clean, count = redact_text_and_count(f"At 12:30 the app said: {text} (GEO zone 3)")
    assert count >= 1
    assert not [part for part in PARTS if part in clean]
    assert clean.startswith("At 12:30 the app said: ")
    if "PRIVATE KEY" not in text and "Cookie" not in text:
        assert clean.endswith(" (GEO zone 3)")


@pytest.mark.parametrize("text", [*PLAIN, *KEPT_PATHS])
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact_text_and_count(text) == (text, 0)


@pytest.mark.parametrize(("text", "expected"), EXACT)
def test_no_more_is_hidden_than_the_secret(text: str, expected: str) -> None:
    clean, count = redact_text_and_count(text)
    assert (clean, redact_text_and_count(clean)) == (expected, (expected, 0))
    assert count == expected.count("(redacted)")


@pytest.mark.parametrize("begin", ["\n", "\t", "\u00a0", "\x1b[0m", "[", "\u2192 "])
def test_what_stands_before_a_secret_does_not_hide_it(begin: str) -> None:
    hidden = [text for text in SECRETS if redact_text_and_count(begin + text)[1] == 0]
    assert hidden == []


def test_many_texts_at_once_give_what_each_gives_alone() -> None:
    texts = [*SECRETS, *PLAIN, *KEPT_PATHS]
    together = redacted_form_of_each_text_with_secrets(texts)
    alone = {text: redact_text_and_count(text) for text in texts}
    assert set(together) == {text for text, (_, count) in alone.items() if count}
    assert all(alone[text][0] == found.text for text, found in together.items())


def test_every_pattern_is_tried_where_its_hint_stands() -> None:
    """A hint that a match need not hold would let a secret out."""
    for secret in SECRET_PATTERNS:
        assert secret.hints
        assert all(hint == hint.lower() for hint in secret.hints)
    for text in SECRETS:
        for secret in SECRET_PATTERNS:
            if any(secret.locate(match) for match in secret.pattern.finditer(text)):
                assert any(hint in text.lower() for hint in secret.hints), secret.kind


#: What a hostile log repeats: names whose values are refused, marks that nothing closes, and the
#: beginnings of all secrets and look-alikes.
FRAGMENTS = [
    "key=", "PIN:", "login:", "password: \"", "pwd='", "password (", "password for ", "://",
    "eyJ-a",
    "a:b@", "?a=b", ";a", "-----BEGIN RSA PRIVATE KEY-----", "password: \\", "password=\u201c",
    "cookie: a=b;", "authorization: a=b,", "<password>", "wifi:;", "pass pass ", "x-a", "=", "&",
    "seed phrase: abandon ", "rtmp://a/b/", "rtmp://a?b=", "password=a,b", "password", "token ",
    *(text[:-1] for text in SECRETS), *(text.split(" ")[0] for text in SECRETS), *PLAIN,
]  # fmt: skip


def test_the_cost_of_masking_grows_with_the_length_of_a_text() -> None:
    """Values that are refused are looked at behind each name again: only their beginnings are."""

    def seconds_for(fragment: str, length: int) -> float:
        text = fragment * (length // len(fragment))
        begin = time.process_time()
        redact_text_and_count(text)
        return time.process_time() - begin

    slow = {}
    for fragment in FRAGMENTS:
        few, many = seconds_for(fragment, 4_000), seconds_for(fragment, 16_000)
        if many > 0.05 and many > 9 * max(few, 0.005):
            few, many = seconds_for(fragment, 16_000), seconds_for(fragment, 64_000)
            if many > 9 * few:
                slow[fragment] = few, many
    assert slow == {}


def test_addresses_of_people_are_masked() -> None:
    assert redact_email_addresses_and_count("to a.b+c@police.example.org, and d@e.org") == (
        "to (redacted), and (redacted)",
        2,
    )


def test_fields_of_records_that_are_named_as_secrets_are_masked() -> None:
    frame = pd.DataFrame(
        {"offset": [1, 2], "password": ["x", ""], "http.cookie": ["y", None],
         "list": [[{"Token": "z", "n": 1}], None], "status_code": [200, 404],
         "secrets_type": ["TLS", "TLS"], "username": [None, "bob"],
         "url": ["/a?sig=1", "/a"], "alert.signature": ["kept", "kept"]}
    )  # fmt: skip
    frame.attrs["units"] = {"offset": "byte"}
    told = redact_data_frame(frame)
    assert told.attrs == frame.attrs
    assert list(told.columns) == list(frame.columns)
    assert told.drop(columns=["http.cookie", "username"]).to_dict("list") == {
        "offset": [1, 2],
        "password": ["(redacted)", ""],
        "list": [[{"Token": "(redacted)", "n": 1}], None],
        "status_code": [200, 404],
        "secrets_type": ["TLS", "TLS"],
        "url": ["/a?sig=(redacted)", "/a"],
        "alert.signature": ["kept", "kept"],
    }
    assert told["http.cookie"].isna().tolist() == [False, True]
    assert (told["http.cookie"][0], told["username"][1]) == ("(redacted)", "(redacted)")


def test_a_value_beside_the_name_of_a_secret_is_masked() -> None:
    frame = pd.DataFrame(
        {"param_id": ["NTRIP_PASS", "WPNAV_SPEED", "SCR_SDCARD_KEY", "CAMERA_PIN"],
         "param_value": ["hunter2", "500", "on", 5]}
    )  # fmt: skip
    values = redact_data_frame(frame)["param_value"].tolist()
    assert values == ["(redacted)", "500", "(redacted)", 5]


def test_secrets_in_bytes_that_are_shown_as_hexadecimal_or_numbers_are_masked() -> None:
    raw = b"\x00\x01wifi password: hunter2\x00\xff"
    frame = pd.DataFrame({"raw": [raw.hex(), b"\x00\x01nothing".hex()], "data": [[*raw], [1] * 9]})
    told = redact_data_frame(frame)
    assert b"hunter2".hex() not in told["raw"][0]
    assert told["raw"][0].startswith(b"\x00\x01wifi password: ".hex())
    assert told["raw"][0].endswith("00ff")
    assert told["raw"][1] == frame["raw"][1]
    assert bytes(n for n in told["data"][0] if n is not None) == raw.replace(b"hunter2", b"")
    assert len(told["data"][0]) == len(raw)
    assert told["data"][1] == [1] * 9


def test_names_of_columns_hold_no_secret() -> None:
    frame = pd.DataFrame({"wifi password: hunter2": [1], "b": ["token=abcdef1"]})
    assert list(redact_data_frame(frame).columns) == ["wifi password: (redacted)", "b"]
    assert redact_data_frame(frame)["b"].tolist() == ["token=(redacted)"]


def test_records_without_secrets_are_given_as_they_are() -> None:
    frame = pd.DataFrame({"offset": np.arange(3), "text": ["GEO zone", None, ""]})
    assert redact_data_frame(frame) is frame


def test_names_of_fields_that_only_sound_like_secrets_are_none() -> None:
    named = ("status_code", "key_alg", "user_agent", "sid", "signature", "token_type", "auth_type")
    assert not any(map(is_secret_or_personal_field_name, named))
    assert all(
        map(
            is_secret_or_personal_field_name,
            ("Authorization", "Set-Cookie", "ntripUsername", "X-Api-Token"),
        )
    )
