"""What lets somebody in, or acts in somebody's name, where it stands in a text: 60 kinds.

Every search is linear in the length of the text: quantifiers are bounded or possessive, and what
was found once is not searched again.  A pattern is tried only where one of its hints stands,
which are plain words and quick to find.

Sources of the forms.  URLs and their user names: RFC 3986.  ``Authorization`` and its schemes:
RFC 9110, 6750, 7617, 7616.  Cookies: RFC 6265.  JSON web tokens: RFC 7519.  Private keys:
RFC 7468 and 4716.  Signed URLs: the documentation of Amazon S3, CloudFront, Google Cloud Storage,
Azure, Alibaba OSS and Tencent COS.  Prefixes of tokens: the documentation of GitHub, GitLab,
Slack, Google, Stripe, Amazon, npm, PyPI, Docker, Mapbox, SendGrid, Telegram, Discord.  Stream
addresses and keys: YouTube, Twitch, Facebook, and the SRT access control guidelines.  Wi-Fi:
wpa_supplicant, the ``WIFI:`` code of ZXing, the AT commands of Espressif.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from ._named_secret_values import (
    LONG_TOKEN,
    NOT_WITHIN_A_WORD,
    NUMBER,
    REDACTED,
    TRAILING_PUNCTUATION,
    UUID,
    Span,
    build_locator_of_accepted_value,
    is_key_or_token_value,
    is_key_or_token_value_after_mark,
    is_placeholder_or_status_word,
    is_plausible_access_code,
    is_plausible_long_token,
    is_plausible_password,
    is_plausible_pin,
    is_plausible_value_of_short_name,
    is_secret_like_value,
    mixes_kinds_of_characters,
    named_value_pattern,
    split_into_word_set,
)


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """One kind of secret: how its place in a text is found."""

    #: For people: "password".
    kind: str
    #: Lower case; one of them stands in every text that holds such a secret.
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    #: Returns the places of the secrets that a match leads to, in order.
    locate: Callable[[re.Match[str]], Sequence[Span]]


def find_secrets_of_pattern(secret: SecretPattern, text: str) -> Iterator[Span]:
    """Yield where the secrets of one pattern stand in a text, in order, without overlap."""
    done = 0
    for match in secret.pattern.finditer(text):
        if match.start() < done:
            continue
        for begin, end in secret.locate(match):
            if begin < end:
                done = end
                yield begin, end


def _last_matched_group_span_as_list(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of the last group that took part in a match."""
    return [match.span(match.lastindex or 0)]


# Names

_PASSWORD_NAMES = (
    r"passw(?:or)?d|passwort|passord|passphrase|pass[ _-]?code|passkey|wachtwoord|kennwort"
    r"|adgangskode|l\u00f6senord|salasana|contrase(?:\u00f1|n)a|palavra[ -]?passe|jelsz\u00f3"
    r"|has\u0142o|\u0161ifra|\u015fifre|m\u1eadt kh\u1ea9u|kata sandi|mot de passe"
    r"|\u043f\u0430\u0440\u043e\u043b\u044c|\u043a\u03c9\u03b4\u03b9\u03ba\u03cc\u03c2"
    r"|\u03ba\u03c9\u03b4\u03b9\u03ba\u03cc\u03c2|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4"
    r"|\u30d1\u30b9\u30ef\u30fc\u30c9|\u6697\u8a3c\u756a\u53f7|\ube44\ubc00\ubc88\ud638"
    r"|\uc554\ud638|\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19"
    rf"|{NOT_WITHIN_A_WORD}(?:pswd|psw|pwd|psk|mdp|wpa[ _-]?(?:psk|key|pass(?:phrase)?)|senha"
    r"|heslo)(?![A-Za-z])"
)
_PASSWORD_HINTS = (
    "passw", "passord", "passphrase", "passcode", "pass code", "pass_code", "pass-code", "passkey",
    "wachtwoord", "kennwort", "adgangskode", "l\u00f6senord", "salasana", "contrase", "palavra",
    "jelsz\u00f3", "has\u0142o", "\u0161ifra", "\u015fifre", "m\u1eadt kh\u1ea9u", "kata sandi",
    "mot de passe", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u03c9\u03b4\u03b9\u03ba",
    "\u5bc6\u7801", "\u5bc6\u78bc", "\u53e3\u4ee4", "\u30d1\u30b9\u30ef\u30fc\u30c9",
    "\u6697\u8a3c\u756a\u53f7", "\ube44\ubc00\ubc88\ud638", "\uc554\ud638",
    "\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19", "pswd", "psw", "pwd", "psk", "mdp", "wpa",
    "senha", "heslo",
)  # fmt: skip
#: Keys by their use; a key without a use, or a public one, is none.
_KEY_NAMES = (
    r"(?:api|access|secret(?:[ _-]?access)?|private|signing|sign|stream(?:ing)?|live|publish|push"
    r"|rtmp|srt|auth|encryption|decryption|cipher|aes|hmac|rsa|wi-?fi|wlan|wep|wpa2?|network|netz"
    r"|security|master|session|subscription|app|application|licen[cs]e|account|storage"
    r"|shared(?:[ _-]?access)?|pre[ _-]?shared|client|device|link|pairing|bind|crypto|ssh|vpn"
    r"|recovery|root|admin|user|maps?|sdk)[ _-]?(?:key|schl\u00fcssel)(?:[ _-]?id)?"
    r"|cl(?:\u00e9|ef) (?:d'acc\u00e8s|wi-?fi|api|r\u00e9seau)"
    r"|\u5bc6\u94a5|\u5bc6\u9470|(?:\u63a8|\u4e32|\u76f4\u64ad)?\u6d41(?:\u5bc6\u94a5|\u7801|\u78bc)"
    r"|\u4ee4\u724c"
    r"|secret|token|credentials?|zugangsdaten|jeton|authenticity[ _-]?token"
    r"|connect\.sid"
    r"|oauth[ _-]?verifier|code[ _-]?verifier|snmp[ _-]?community|community[ _-]?string"
    r"|x-amz-(?:signature|credential|security-token)|jwt"
)
_CODE_NAMES = (
    r"(?:o?auth2?|authori[sz]ation|authentication|verification|security|one[ -]?time|recovery"
    r"|access|login|sms"
    r"|2fa|otp|pairing|invite|unlock|zugangs|best\u00e4tigungs)[ _-]?code|otp|totp"
    r"|\u9a8c\u8bc1\u7801|\u9a57\u8b49\u78bc|\u6388\u6743\u7801"
)
_KEY_HINTS = (
    "key", "schl\u00fcssel", "cl\u00e9", "clef", "\u5bc6\u94a5", "\u5bc6\u9470", "\u6d41\u7801",
    "\u6d41\u78bc", "\u4ee4\u724c", "secret", "token", "credential", "zugangs", "jeton", "sess",
    "connect.sid", "community", "verifier", "x-amz-", "jwt",
)  # fmt: skip

# Texts with a form of their own


def _locate_basic_auth(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of what follows "Basic" if it is a name and password in base 64."""
    try:
        plain = base64.b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ()
    return [match.span(1)] if b":" in plain and plain.isascii() else ()


def _locate_bearer_token(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of what follows "bearer" if it is no word."""
    value = match[1].rstrip(".")
    mixed = any(map(str.isdigit, value)) or len(value) >= 20
    return [(match.start(1), match.start(1) + len(value))] if mixed else ()


def _locate_header_value(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of what a header holds, without the name of its scheme.

    What follows without a scheme may be a sentence about an authorization.
    """
    value = match["value"].rstrip(". ,;")
    if value.startswith(REDACTED) or is_placeholder_or_status_word(value) or NUMBER.match(value):
        return ()
    if (
        not match.groupdict().get("scheme", "x")
        and "=" not in value
        and not mixes_kinds_of_characters(value)
    ):
        return ()
    return [(match.start("value"), match.start("value") + len(value))]


#: What stands before the address of a person.
_LABELS_OF_MAIL = split_into_word_set(
    "mailto email e-mail mail sip sips xmpp acct from to cc bcc reply-to user login account contact"
    " owner author sender"
)


def _locate_user_and_password_of_host(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of user and password before a host without a scheme."""
    user = match[1].partition(":")[0].lower()
    return () if user in _LABELS_OF_MAIL else [match.span(1)]


#: Names of a stream's application, behind which its key follows.
_APPLICATIONS = split_into_word_set(
    "app live live2 livepush rtmp stream streams streaming in ingest publish push broadcast"
    " hls mediaserver show tv origin edge live-bvc third_push x vod"
)
#: Parameters of a stream's address that do not give access.
_STREAM_PARAMETERS = split_into_word_set(
    "mode latency rcvlatency peerlatency transtype pkt_size bandwidthtest timeout connect_timeout"
    " maxbw payloadsize sndbuf rcvbuf linger tsbpd pbkeylen enforced_encryption vhost type schedule"
    " expires txtime listen buffer congestion conntimeo tlpktdrop nakreport oheadbw codec"
)
_STREAM_PARAMETER = re.compile(r"[?&]([^=&\s]{1,64}+)=([^&\s\"'<>]*+)")


def _locate_stream_key_in_url_path(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of the key of a stream: in its path behind the application."""
    begin, path = match.start("path"), match["path"].rstrip(TRAILING_PUNCTUATION)
    if REDACTED[:-1] in path:
        return ()
    first, slash, rest = path.partition("/")
    if slash and rest:
        return [(begin + len(first) + 1, begin + len(path))]
    is_key = first.lower() not in _APPLICATIONS and mixes_kinds_of_characters(first)
    return [(begin, begin + len(first))] if is_key else ()


_SAFE_PARAMETERS = re.compile(
    r"sha\d|md5|hash|checksum|digest|etag|crc|uuid|guid|serial|(?:^|[_-])sn$|version|algorithm"
    r"|^(?:file|filename|name|key_?type|ts|time|date|hostname)$",
    re.IGNORECASE,
)
_ACCESS_NAMES = (
    r"token|secret|passw|pwd|passphrase|credential|cookie|authori[sz]ation|session|jwt|e-?mail"
)
#: Parameters of a URL whose value gives access, or names a person.
_SECRET_PARAMETER = re.compile(
    _ACCESS_NAMES + r"|signature|streamid|stream_?name|(?:api|access|app|private|signing|security"
    r"|stream|auth)[_-]?key"
    r"|(?:^|[_.-])(?:auth|sig|sign|key|psk|pass|otp|pin|sid|user|username|login)$|^(?:code|policy)$",
    re.IGNORECASE,
)


_TOKEN_LETTERS = re.compile(r"[\w~.+/%=:-]++")


def _locate_parameter_value(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of the value of a parameter that gives access by its name or its look."""
    name, value = match["name"], match["value"].rstrip(TRAILING_PUNCTUATION)
    if match["mark"] == ";":  # a parameter of a path ends at the query
        value = value.partition("?")[0]
    if value.startswith(REDACTED[:-1]):
        return ()
    if _SECRET_PARAMETER.search(name):
        secret = not is_placeholder_or_status_word(value)
    else:
        plain = _SAFE_PARAMETERS.search(name) or UUID.match(value)
        # An address or a sentence that is written with percent signs is no token.
        token = _TOKEN_LETTERS.match(unquote(value))
        secret = not plain and token is not None and LONG_TOKEN.match(token[0]) is not None
    begin = match.start("value")
    return [(begin, begin + len(value))] if secret else ()


def _locate_stream_url_parameters(match: re.Match[str]) -> Sequence[Span]:
    """Return the places of the parameters of a stream's address that may give access.

    Whatever their names are: a stream's key is called differently by each service.
    """
    begin, spans = match.start("query"), list[Span]()
    for parameter in _STREAM_PARAMETER.finditer(match["query"]):
        name, value = parameter[1].lower(), parameter[2].rstrip(TRAILING_PUNCTUATION)
        if name in _STREAM_PARAMETERS or REDACTED[:-1] in value or len(value) < 6:
            continue
        first = begin + parameter.start(2)
        spans.append((first, first + len(value)))
    return spans


_STREAM_SCHEME = r"(?:rtmps?|rtmpe|rtmpte?|rtmpts|srt|rist|whips?|webrtc)"
_STREAM_URL = rf"(?<![A-Za-z0-9]){_STREAM_SCHEME}://[^\s/?#\"'<>]{{1,512}}+"

# The table

_PEM_END = re.compile(
    r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END [A-Z0-9 ]{0,40}----"
)


def _locate_private_key(match: re.Match[str]) -> Sequence[Span]:
    """Return the place of a key between its lines; to the end where the last line is lost."""
    end = _PEM_END.search(match.string, match.end())
    stop = end.start() if end else len(match.string)
    inner = match.string[match.end() : stop].strip()
    return () if inner in ("", REDACTED) else [(match.end(), stop)]


def _build_pattern_of_value_after_name(
    kind: str,
    names: str,
    hints: tuple[str, ...],
    accepts: Callable[[re.Match[str], str], bool],
) -> SecretPattern:
    return SecretPattern(
        kind, hints, named_value_pattern(names), build_locator_of_accepted_value(accepts)
    )


def _build_secret_pattern(
    kind: str,
    hints: tuple[str, ...],
    pattern: str,
    locate: Callable[[re.Match[str]], Sequence[Span]] = _last_matched_group_span_as_list,
    flags: int = re.IGNORECASE,
) -> SecretPattern:
    return SecretPattern(kind, hints, re.compile(pattern, flags), locate)


def _build_pattern_of_prefixed_token(
    kind: str, hints: tuple[str, ...], pattern: str
) -> SecretPattern:
    """Return a kind of token that its own first letters give away, capitals as they are."""
    return _build_secret_pattern(kind, hints, rf"(?<![A-Za-z0-9_])({pattern})", flags=0)


SECRET_PATTERNS: tuple[SecretPattern, ...] = (
    # Behind a name
    _build_pattern_of_value_after_name(
        "password", _PASSWORD_NAMES, _PASSWORD_HINTS, is_plausible_password,
    ),
    _build_pattern_of_value_after_name(
        "password", rf"{NOT_WITHIN_A_WORD}(?:pass|pw)(?![A-Za-z])", ("pass", "pw"),
        is_plausible_value_of_short_name
    ),
    _build_pattern_of_value_after_name(
        "key or token",
        rf"{NOT_WITHIN_A_WORD}(?:{_KEY_NAMES})(?![A-Za-z])",
        _KEY_HINTS,
        is_key_or_token_value,
    ),
    _build_pattern_of_value_after_name(
        "session",
        rf"{NOT_WITHIN_A_WORD}(?:php|j|asp)?sess(?:ion)?[ _-]?id(?![A-Za-z])",
        ("sess",),
        is_key_or_token_value_after_mark,
    ),
    _build_pattern_of_value_after_name(
        "PIN",
        r"(?:(?<![A-Za-z0-9_])|(?<=wifi_)|(?<=wps_)|(?<=sim_)|(?<=user_)|(?<=login_)|(?<=device_)"
        r"|(?<=unlock_)|(?<=pairing_)|(?<=card_))(?<!gpio )(?<!gpio_)(?:new[ _])?p(?:in|uk)\d?"
        r"(?:[ -]?code|[ -]?number)?(?![A-Za-z])"
        r"|(?<=[a-z])(?-i:Pin|Puk)(?:Code)?(?![A-Za-z])|pin\u7801|pin\u78bc",
        ("pin", "puk"),
        is_plausible_pin,
    ),
    _build_pattern_of_value_after_name("code", rf"{NOT_WITHIN_A_WORD}(?:{_CODE_NAMES})(?![A-Za-z])",
                ("code", "otp", "\u9a8c\u8bc1\u7801", "\u9a57\u8b49\u78bc", "\u6388\u6743\u7801"),
                is_plausible_access_code),
    _build_pattern_of_value_after_name(
        "key or token", rf"{NOT_WITHIN_A_WORD}(?:schl\u00fcssel|clave)(?![A-Za-z])",
                ("schl\u00fcssel", "clave"), is_secret_like_value),
    _build_pattern_of_value_after_name(
        "key or token",
        rf"{NOT_WITHIN_A_WORD}(?:key|auth|sig|sign|signature|login|sid|nonce|bearer)(?![A-Za-z])",
        ("key", "auth", "sig", "login", "sid", "nonce", "bearer"),
        is_plausible_long_token,
    ),
    _build_secret_pattern(
        "password",
        ("value",),
        r"\\{0,3}[\"'](?:name|key|id|param|field)\\{0,3}[\"']\s{0,4}:\s{0,4}\\{0,3}[\"']"
        r"[\w .-]{0,64}?"
        rf"(?:{_ACCESS_NAMES}|psk|api[_-]?key|stream[_-]?key)[\w .-]{{0,64}}+\\{{0,3}}[\"']"
        r"\s{0,4},\s{0,4}\\{0,3}[\"']value\\{0,3}[\"']\s{0,4}:\s{0,4}\\{0,3}[\"'](?!\(redacted)"
        r"([^\"'\\]{1,4096}+)",
    ),
    # URLs
    _build_secret_pattern(
        "user and password of a URL",
        ("://",),
        r"(?<=://)(?!\(redacted\)@)([^/?#\s\"'<>]{1,512})(?=@)",
    ),
    _build_secret_pattern(
        "user and password of a host",
        ("@",),
        r"(?<![\w.+:/@-])([\w.+-]{1,64}+:[^\s:@/]{1,64}+)(?=@(?:(?:[\w-]{1,63}+\.){1,8}+"
        r"[A-Za-z]{2,18}|(?:\d{1,3}\.){3}\d{1,3})(?![\w]))",
        _locate_user_and_password_of_host,
    ),
    _build_secret_pattern(
        "stream key",
        ("key",),
        r"(?<![A-Za-z])key[ \t:=]{1,3}([a-z0-9]{4}(?:-[a-z0-9]{4}){3,4}+)(?![\w-])",
    ),
    _build_secret_pattern(
        "user and password",
        ("basic auth",),
        r"(?<![A-Za-z])basic auth(?:entication)?[ \t:]{1,4}([\w.@+-]{1,64}+:[^\s:/,;]{1,64}+)",
    ),
    _build_secret_pattern(
        "stream key",
        ("rtmp", "srt:", "rist:", "whip", "webrtc:"),
        rf"{_STREAM_URL}/(?P<path>[^\s?#\"'<>]{{1,2048}}+)",
        _locate_stream_key_in_url_path,
    ),
    _build_secret_pattern(
        "stream key",
        ("rtmp", "srt:", "rist:", "whip", "webrtc:"),
        rf"{_STREAM_URL}(?:/[^\s?#\"'<>]{{0,2048}}+)?(?P<query>\?[^\s\"'<>]{{1,4096}}+)",
        _locate_stream_url_parameters,
    ),
    _build_secret_pattern(
        "parameter of a URL",
        ("=",),
        r"(?P<mark>[?&#;]|%3[Ff]|%26)(?P<name>[^=&;?#%/\s\"'<>]{1,128}+)(?:=|%3[Dd])"
        r"(?P<value>[^&;#\s\"'<>]++)",
        _locate_parameter_value,
    ),
    # Headers and commands
    _build_secret_pattern(
        "authorization header",
        ("authorization",),
        r"(?<![A-Za-z])(?:proxy-)?authorization\\{0,3}[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}[\"']?"
        r"(?P<scheme>(?:bearer|basic|digest|token|negotiate|ntlm|apikey|api-key|hawk|oauth"
        r"|sharedkey(?:lite)?|aws4-hmac-sha256|aws|oss|cos|sso-key|key|jwt)[ \t]{1,4}+)?"
        r"(?P<value>(?:[\w!#$%&*+.^|~-]{1,64}+=(?:\"[^\"]{0,2048}+\"|[^,\s\"'\\]++)"
        r"(?:,[ \t]{0,4})?)++"
        r"|[^\s\"'\\,;]++)",
        _locate_header_value,
    ),
    _build_secret_pattern(
        "cookie",
        ("cookie",),
        r"(?<![A-Za-z])(?:set-)?cookies?2?\\{0,3}[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}[\"']?"
        r"(?P<value>[^\s=;,\"'\\]{1,256}+(?:=[^;,\s\"'\\]*+(?:;[ \t]{0,2}[^\s=;,\"'\\]{1,256}+"
        r"(?:=[^;,\s\"'\\]*+)?)*+)?)",
        _locate_header_value,
    ),
    _build_secret_pattern(
        "key or token",
        ("x-",),
        r"(?<![A-Za-z-])x-[a-z-]{0,40}?(?:key|token|secret|auth|signature)"
        r"\\{0,3}[\"']?[ \t]{0,4}[:=]"
        r"[ \t]{0,4}\\{0,3}[\"']?(?P<value>[^\s\"'\\,;&]++)",
        _locate_header_value,
    ),
    _build_secret_pattern(
        "bearer token",
        ("bearer",),
        r"(?<![A-Za-z])bearer[ \t]{1,4}+(?:token[ \t:=]{1,4}+)?([\w.~+/=-]{8,}+)",
        _locate_bearer_token,
    ),
    _build_secret_pattern(
        "user and password in base 64",
        ("basic ", "auth plain", "auth login"),
        r"(?<![A-Za-z])(?:basic|auth plain|auth login)[ \t]{1,4}+([A-Za-z0-9+/]{4,4096}+={0,2})",
        _locate_basic_auth,
    ),
    _build_secret_pattern(
        "password of a command",
        ("sshpass", "-u", "-user"),
        r"(?:\bsshpass[ \t]{1,4}-p[ \t]{0,4}|(?:-u|--user|--proxy-user)[ \t=]{1,4}[^\s:]{1,64}+:)"
        r"[\"']?([^\s\"'@]{1,256}+)",
    ),
    # Wi-Fi
    _build_secret_pattern(
        "Wi-Fi password",
        ("wifi:",),
        r"\bwifi:(?:[^;\\\r\n]{0,80}+;){0,4}?p:(?!\(redacted\))((?:\\.|[^;\\\r\n]){1,128}+)",
    ),
    _build_secret_pattern(
        "Wi-Fi password",
        ("at+cw",),
        r"\bat\+cw(?:jap|sap)(?:_cur|_def)?=\"[^\"\r\n]{0,64}+\",\"(?!\(redacted\))([^\"\r\n]{1,128}+)",
    ),
    _build_secret_pattern(
        "Wi-Fi password",
        ("wpa_passphrase",),
        r"\bwpa_passphrase[ \t]{1,4}(?:\"[^\"\r\n]{1,64}+\"|[^\s\"=:]{1,64}+)[ \t]{1,4}\"?"
        r"(?!\(redacted\))([^\s\"]{8,128}+)",
    ),
    # Keys
    _build_secret_pattern(
        "private key",
        ("private key", "ssh2 encrypted"),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
        _locate_private_key,
        flags=0,
    ),
    _build_secret_pattern(
        "seed phrase",
        ("seed phrase", "mnemonic", "recovery phrase"),
        r"(?:seed phrase|mnemonic|recovery phrase)\"?[ \t]{0,4}[:=][ \t]{0,4}\"?"
        r"([a-z]{3,8}+(?:[ \t][a-z]{3,8}+){7,23}+)",
    ),
    # Tokens that their first letters give away
    _build_pattern_of_prefixed_token(
        "JSON web token", ("eyj",), r"eyJ[\w-]{8,}+(?:\.[\w-]*+){0,4}",
    ),
    _build_pattern_of_prefixed_token(
        "Amazon key",
        ("akia", "asia", "aroa", "aida"),
        r"A(?:KIA|SIA|ROA|IDA)(?=[A-Z]{0,32}\d)[A-Z0-9]{12,32}",
    ),
    _build_pattern_of_prefixed_token(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"gh[pousr]_\w{20,}+|github_pat_\w{20,}+",
    ),
    _build_pattern_of_prefixed_token(
        "GitLab token", ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-"),
                r"gl(?:pat|dt|rt|cbt|ptt|soat)-[\w-]{16,}+"),
    _build_pattern_of_prefixed_token(
        "Slack token", ("xox", "xapp-"), r"xox[a-z]-[\w-]{8,}+|xapp-[\w-]{8,}+"),
    _build_pattern_of_prefixed_token(
        "Google token",
        ("aiza", "ya29", "gocspx", "1//", "4/0"),
        r"4/0[\w-]{20,}+|AIza[\w-]{30,}+|ya29\.[\w.-]{16,}+|GOCSPX-[\w-]{16,}+|1//0?[\w-]{24,}+",
    ),
    _build_pattern_of_prefixed_token(
        "Stripe key", ("sk_", "rk_", "whsec_"), r"[sr]k_(?:live|test)_\w{8,}+|whsec_\w{16,}+"
    ),
    _build_pattern_of_prefixed_token(
        "key of a service", ("sk-",), r"sk-(?:[a-z0-9]{2,10}-)?[\w-]{20,}+",
    ),
    _build_pattern_of_prefixed_token("SendGrid key", ("sg.",), r"SG\.[\w-]{16,}+\.[\w-]{16,}+"),
    _build_pattern_of_prefixed_token("npm token", ("npm_",), r"npm_\w{30,}+"),
    _build_pattern_of_prefixed_token("PyPI token", ("pypi-",), r"pypi-AgE[\w-]{16,}+"),
    _build_pattern_of_prefixed_token("Docker token", ("dckr_",), r"dckr_(?:pat|oat)_[\w-]{16,}+"),
    _build_pattern_of_prefixed_token("token of a service", ("hf_", "shpat_", "shpss_", "dop_v1_"),
                r"(?:hf|shpat|shpss|dop_v1)_\w{20,}+"),
    _build_pattern_of_prefixed_token(
        "Mapbox token", ("k.ey",), r"[spt]k\.eyJ[\w-]{8,}+(?:\.[\w-]*+)?",
    ),
    _build_pattern_of_prefixed_token("Alibaba key", ("ltai",), r"LTAI[A-Za-z0-9]{10,30}"),
    _build_pattern_of_prefixed_token("Tencent key", ("akid",), r"AKID[A-Za-z0-9]{13,40}"),
    _build_secret_pattern("Telegram token", (":aa",), r"(?<!\d)(\d{8,10}:AA[\w-]{30,}+)", flags=0),
    _build_pattern_of_prefixed_token("Facebook token", ("eaa",), r"EAA[A-Za-z0-9]{40,}+"),
    _build_pattern_of_prefixed_token(
        "age key", ("age-secret-key-",), r"AGE-SECRET-KEY-1[A-Z0-9]{20,}+",
    ),
    _build_pattern_of_prefixed_token(
        "stream key", ("live_", "fb-"), r"live_\d{4,12}_\w{16,}+|FB-\d{6,20}-\d-[\w-]{6,}+"
    ),
    _build_secret_pattern(
        "webhook",
        ("/services/", "/api/webhooks/", ".webhook.office.com"),
        r"(?:hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/)"
        r"(?!\(redacted\))([\w/@.-]{8,}+)",
    ),
)  # fmt: skip


def is_secret_or_personal_field_name(name: str) -> bool:
    """Return whether a field of this name holds a secret or names a person."""
    return _SECRET_FIELD.search(name) is not None and _DESCRIBING_FIELD.search(name) is None


#: Names of fields that only describe a secret: ``token_type``.
_DESCRIBING_FIELD = re.compile(
    r"(?:types?|kind|count|number|length|size|bytes|alg(?:orithm)?|resumed|version|state|status"
    r"|result|error|expir\w{0,8}|time|date|method|enabled|required)$",
    re.IGNORECASE,
)
#: Names of fields that hold a secret, among which a ``status_code`` and the like are none.
_SECRET_FIELD = re.compile(
    _ACCESS_NAMES
    + r"|username|(?:^|[_.])user$|^login$|(?:^|[_.])psk$|^(?:pin|new_pin|puk)$|api[_-]?key"
    r"|(?:stream|secret|private|access|signing)[_-]?key",
    re.IGNORECASE,
)
