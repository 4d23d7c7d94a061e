"""Values that a name introduces in a text: "password: x", ``"pwd":"x"``, "the PIN is 4711".

A name alone is no secret, and neither is a word that follows it in a sentence: what stands behind
it must be a value, and a value that lets somebody in.  Quotation marks, in JSON with their
backslashes, bound it; so does what ends a word.

Every search is linear: quantifiers are bounded or possessive.
"""

import re
from collections.abc import Callable, Sequence

#: What stands in the place of a secret.
REDACTED = "(redacted)"

Span = tuple[int, int]


def split_into_word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What a value ends with, by what it begins with.
_CLOSING = {
    '"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb",
    "\u300c": "\u300d", "\u2018": "\u2019",
}  # fmt: skip
#: A quotation mark within a page.
_ENTITY = "&quot;"
#: The longest value in quotation marks; the most letters by which others are judged.
_LONGEST_QUOTED, _LONGEST_LOOKED_AT = 4096, 256
#: A comma, a "&" or a "?" ends a value where a space, a quotation mark or the next name follows.
_BARE = re.compile(
    r"(?:[^\s\x00-\x1f\x7f,;&?\"'<>\\\uff0c\u3002\uff1b\u3001]"
    r"|[,&?](?!\s|[\"'\\}\]]|\Z|[\w.-]{1,40}[\"']?\s?[:=])"
    r"|\\(?![\"'nrt])|['\"](?=[^\s,;&\"'<>\\\]})]))++"
)
_LINE_END = re.compile(r"[\r\n\x00]")
#: What a sentence or a list puts behind a value.
TRAILING_PUNCTUATION = ".,:)]}\u3002"
#: Values that say that there is none, or how it stands with it, in the languages of apps.
_STATUS_WORDS = split_into_word_set(
    """
    none null nil nan undefined unknown empty blank missing absent unset set notset disabled enabled
    true false yes no on off ok okay valid invalid expired expires revoked required requested needed
    optional default wrong incorrect correct mismatch mismatched match matches matched accepted
    rejected refused denied failed failure fails failing success successful succeeded verified
    verifying changed changing change reset resetting saved stored loaded updated updating update
    created generated removed deleted cleared received sent present available unavailable supported
    unsupported not n/a na - -- ? redacted hidden masked encrypted protected secured is was
    falsch falsche falsches richtig erforderlich ung\u00fcltig g\u00fcltig abgelaufen gesetzt
    gespeichert ge\u00e4ndert leer fehlt nicht kein keine korrekt
    requis incorrect incorrecte invalide valide expir\u00e9 d\u00e9fini modifi\u00e9 chang\u00e9
    oubli\u00e9 vide non obligatoire
    incorrecta incorrecto requerida requerido inv\u00e1lida inv\u00e1lido caducada cambiada
    olvidada vac\u00eda incorreta alterada n\u00e3o errata sbagliata scaduta richiesta
    \u9519\u8bef \u932f\u8aa4 \u4e3a\u7a7a \u7a7a \u65e0 \u672a\u8bbe\u7f6e \u5df2\u8bbe\u7f6e
    \u6b63\u786e \u4e0d\u6b63\u786e \u5df2\u4fee\u6539 \u5931\u8d25 \u6210\u529f \u65e0\u6548
    \u306a\u3057 \u7121\u52b9
    """
)
#: Words that follow such a name in a sentence that names no value.
_FOLLOWING_WORDS = _STATUS_WORDS | split_into_word_set(
    """
    are were has had have been be being must should shall can cannot can't could will would may
    might do does did don't doesn't didn't isn't wasn't of for from to in at by with without and or
    the a an this that these those your our its as if when while because after before but than too
    very so only again already still it you we they he she
    entry field fields prompt dialog dialogue box page screen input form text hint length size
    strength policy policies manager protection authentication authorization login check checks
    error errors event events type types count limit bucket buckets ring refresh request requests
    response exchange rotation management handling expiry expiration lifetime server service
    command commands option options setting settings parameter parameters mode retry attempt
    attempts try timeout hash hashing algorithm recovery reminder store storage vault file free
    password passphrase passwd passcode pwd pin puk psk key token secret code
    less based word words characters character chars long short same different new old weak strong
    ist war wird wurde muss soll darf eingeben zur\u00fccksetzen ung\u00fcltiges f\u00fcr und oder
    zu est doit pour et ou es est\u00e1 debe para y o
    """
)
_HIDDEN = re.compile(
    r"[*\u2022\u25cf._-]{1,64}\Z|[xX]{3,64}\Z|[<(\[{](?:redacted|hidden|masked|none)[>)\]}]"
)
NUMBER = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?%?\Z|0x[0-9A-Fa-f]{1,4}\Z")
#: A value such as no word of a sentence is: a digit, a sign or a capital among its letters.
_MIXED = re.compile(
    r"(?=[A-Za-z_-]*+[\d+/=!@#$%^&*~]|[A-Za-z]*?[a-z][A-Z])(?=[^A-Za-z]*+[A-Za-z])[\x21-\x7e]{6,}"
)
_LONG_NUMBER = re.compile(r"[0-9]{8,20}\Z")
#: What tells that a short name is that of a password, and how far before it.
_USER, _LOOK_BACK = re.compile(r"user|login|account|benutzer|konto|ssid|wi-?fi", re.IGNORECASE), 60
_DIGITS = re.compile(r"[0-9]{4,12}\Z")
UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")


def _value_span_without_quotes(text: str, begin: int, longest: int | None = None) -> Span:
    """Return where a value that begins at a place stands, without its quotation marks.

    Args:
        text: The text.
        begin: The first letter of the value, or of its quotation mark.
        longest: The most letters of a value without quotation marks that are looked at.
    """
    if text.startswith(_ENTITY, begin):
        begin += len(_ENTITY)
        end = text.find(_ENTITY, begin, begin + _LONGEST_QUOTED)
        return begin, max(begin, end)
    slashes = begin
    while slashes < len(text) and text[slashes] == "\\" and slashes - begin < 4:
        slashes += 1
    mark = text[slashes : slashes + 1]
    if mark and mark in _CLOSING:
        end = _closing_mark_offset(text, slashes + 1, _CLOSING[mark], slashes - begin)
        return slashes + 1, end
    limit = len(text) if longest is None else min(len(text), begin + longest)
    bare = _BARE.match(text, begin, limit)
    if bare is None:
        return begin, begin
    end = bare.end()
    while end > begin and text[end - 1] in TRAILING_PUNCTUATION:
        end -= 1
    return begin, end


def _closing_mark_offset(text: str, begin: int, closing: str, slashes: int) -> int:
    """Return where the mark stands that closes a value; without one it ends with the line.

    A mark in the value has more backslashes before it than the one that opened it: JSON within
    JSON doubles them and adds one.
    """
    limit = min(len(text), begin + _LONGEST_QUOTED)
    end = text.find(closing, begin, limit)
    while end >= 0:
        before = end
        while before > begin and text[before - 1] == "\\":
            before -= 1
        if (end - before) % (2 * (slashes + 1)) == slashes:
            return end - slashes
        end = text.find(closing, end + 1, limit)
    line = _LINE_END.search(text, begin, limit)
    return line.start() if line else limit


def is_placeholder_or_status_word(value: str) -> bool:
    """Return whether a value says only that there is none, or how it stands with it."""
    return value.lower().strip(".,:;!?") in _STATUS_WORDS or _HIDDEN.match(value) is not None


def _is_next_word_of_sentence(value: str) -> bool:
    """Return whether a value is only the next word of a sentence."""
    return value.lower().strip(".,:;!?") in _FOLLOWING_WORDS or value[0] in "([{<"


#: A value as long and mixed as no word or number is.
LONG_TOKEN = re.compile(r"(?=[^/A-Za-z]*+[A-Za-z])(?=[^/\d]*+\d)(?!.*://)[\w~.+/%=-]{24,}+\Z")


#: Between a name and its value: as in JSON, in a form, in a command, in a sentence.
_MARK = r"(?P<mark>[ \t]{0,4}(?:=>|->|:=|==|[:=\uff1a\uff1d]|%3[AaDd](?:%22)?)[ \t]{0,4})"
_IS = (
    r"(?P<is>[ \t]{1,4}(?:is|are|was|set to|changed to|reset to|will be|lautet|ist|est|es|\u00e8"
    r"|\u00e9|jest|\u00e4r|er)[ \t]{1,4}(?:now[ \t]|jetzt[ \t])?"
    r"|[\u662f\u4e3a\u70ba\u306f](?=[\x21-\x7e])[ \t]{0,2}"
    # Chinese, Japanese and Korean need no space behind a name.
    r"|(?<=[\u7801\u78bc\u4ee4\u30c9\u53f7\ud638\u94a5\u9470\u724c])(?=[A-Za-z0-9]))"
)
_SPACE = r"(?P<space>[ \t]{1,4})"
_TAG = r"(?P<tag>(?:[ \t][\w:.-]{1,40}=\"[^\"<>]{0,100}\"){0,4}>)"
_QUOTE = r"(?:\\{0,3}[\"'`]|%22|&quot;)?"
#: "password for the network DJI-1 is x", "password (camera): x".
_ASIDE = (
    r"(?P<aside>[ \t]?\([^()\r\n]{1,60}\)[ \t]?[:=][ \t]{0,4}"
    r"|[ \t](?:for|of|on|f\u00fcr|von|pour|de|para)[ \t][^\r\n:=.;]{1,60}?"
    r"(?:[:=]|[ \t]is[ \t])[ \t]{0,4})"
)
#: What may follow a name without making it another one: "password2", "password_hash".
_ENDING = (
    r"(?:s|[_ -]?(?:hash|md5|sha1|sha256|hex|b64|base64)|[_-]?\d{1,2}|[_-](?:text|str|value))?"
)


def named_value_pattern(names: str) -> re.Pattern[str]:
    """Return the pattern of a name and what leads from it to its value."""
    return re.compile(
        rf"(?:{names}){_ENDING}(?:{_QUOTE}{_MARK}|{_TAG}|{_IS}|{_ASIDE}|{_SPACE})", re.IGNORECASE
    )


def _is_name_in_sentence(match: re.Match[str]) -> bool:
    """Return whether a name is followed by words, and not by a mark or a tag."""
    return match["mark"] is None and match["tag"] is None


def mixes_kinds_of_characters(value: str) -> bool:
    return _MIXED.match(value) is not None


def is_plausible_password(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a name of a password is one."""
    if not _is_name_in_sentence(match):
        return not is_placeholder_or_status_word(value)
    # "Password: x" names its value, "password x" may be the beginning of a sentence.
    if match["space"] is not None and "wpa_passphrase" in match[0].lower():
        return False  # a command, whose first word is the network
    return not _is_next_word_of_sentence(value) and (match["space"] is None or value.isascii())


def is_key_or_token_value(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a name of a key or token is one."""
    if is_placeholder_or_status_word(value) or (NUMBER.match(value) and len(value) < 6):
        return False
    is_long = mixes_kinds_of_characters(value) or _LONG_NUMBER.match(value) is not None
    return not _is_name_in_sentence(match) or (is_long and value[0] not in "([{<")


def is_plausible_value_of_short_name(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a short name such as "pass" is one.

    Behind ``=``, in quotation marks or after a user's name each is that does not say how things
    stand; a number never.
    """
    if is_placeholder_or_status_word(value) or NUMBER.match(value) or value[0] in "([{<":
        return False
    text, begin = match.string, match.end()
    equated = match["mark"] is not None and ("=" in match["mark"] or text[begin : begin + 1] == '"')
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    return equated or mixes_kinds_of_characters(value) or _USER.search(before) is not None


def is_key_or_token_value_after_mark(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a name and a mark is a key; a sentence names none."""
    return not _is_name_in_sentence(match) and is_key_or_token_value(match, value)


def is_plausible_access_code(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a name of a code is one: four digits, or a mix."""
    if is_placeholder_or_status_word(value) or value[0] in "([{<":
        return False
    return _DIGITS.match(value) is not None or mixes_kinds_of_characters(value)


def is_plausible_pin(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind PIN or PUK is one: four digits or more."""
    return _DIGITS.match(value) is not None


def is_secret_like_value(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a name with many meanings looks like a secret."""
    return mixes_kinds_of_characters(value) and not UUID.match(value) and value[0] not in "([{<"


def is_plausible_long_token(match: re.Match[str], value: str) -> bool:
    """Return whether the value behind a mark is as long and mixed as no word is."""
    long = LONG_TOKEN.match(value) is not None and UUID.match(value) is None
    return long and match["mark"] is not None


def build_locator_of_accepted_value(
    accepts: Callable[[re.Match[str], str], bool],
) -> Callable[[re.Match[str]], Sequence[Span]]:
    """Return how the value behind a name is found, where it is accepted."""

    def locate_accepted_value(match: re.Match[str]) -> Sequence[Span]:
        text = match.string
        if match["tag"] is not None:
            begin = match.end()
            end = max(begin, text.find("<", begin, begin + _LONGEST_QUOTED))
        else:
            begin, end = _value_span_without_quotes(text, match.end(), _LONGEST_LOOKED_AT)
        value = text[begin:end].strip()
        if not value or text.startswith(REDACTED, begin) or not accepts(match, value):
            return ()
        # What was refused may be looked at again behind the next name; a secret never is.
        return [
            (begin, end)
            if match["tag"] is not None
            else _value_span_without_quotes(text, match.end())
        ]

    return locate_accepted_value


#: Not within another word: a letter before it, unless a capital begins it (``wifiPsk``).
NOT_WITHIN_A_WORD = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
