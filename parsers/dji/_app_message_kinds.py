"""Messages of DJI's apps: which kind of event they tell, and in which languages they are read.

The app writes in the language of the phone.  Codes, states and numbers of the aircraft are free of
language and are read first; what only a text tells is known in the languages below and no others.
That a message tells nothing of a zone counts only in the languages of ``UNDERSTOOD``: of those the
messages of real logs are known.  In the other languages of ``LANGUAGES`` the words below are
recognised where they stand, and their absence proves nothing.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from .._model import Log
from ._app_message_denials import DENIALS

#: Code of a language (ISO 639-1) of which words are recognised -> its name.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "zh": "Chinese", "de": "German", "fr": "French", "ja": "Japanese"}
)
#: Languages in which it counts that no message tells a thing.
UNDERSTOOD = frozenset({"en"})

#: Kind of event -> language -> words by which a message tells it; the first kind that matches.
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "geofence.warning": {
            # ``GEO:`` opens DJI's own messages.
            "en": r"\bGEO\b|no.?fly|\brestricted\b(?! to \d{1,6} ?(fps|[kmg]?bps|[kmg]b|%))"
            r"|authori[sz]ation zone|warning zone|altitude zone"
            r"|geo.?fence|\bNFZ\b|flight zone|airport|custom unlock",
            "zh": r"[禁限][飞飛]|禁航|限高[区區]|警[告示][区區]|授[权權][区區]|[电電]子[围圍][栏欄]"
            r"|机场|機場",
            "de": r"flugverbot|flugbeschränkung|sperrzone|sperrgebiet|warnzone|autorisierungszone"
            r"|höhen(beschränkungs)?zone|geo.?zone|flughafen|flugplatz",
            "fr": r"zones? (interdite|restreinte|réglementée|(d['\u2019]|de )?(interdiction"
            r"|exclusion|avertissement|alerte|autorisation|altitude|restriction))"
            r"|interdi\w{0,30} de vol"
            r"|vol\w{0,30} (est |sont )?interdit|zone (de vol|GEO)|aéroport",
            "ja": r"飛行(禁止|制限)|(禁止|制限|警告|承認|高度)(区域|エリア|ゾーン)"
            r"|ジオフェンス|空港",
        },
        "limit.config": {
            "en": r"\bset\b.{0,200}\b(altitude|height|distance|radius)\b",
            "zh": r"[设設][置定].{0,200}(高度|距离|距離)",
            "de": r"(höhe|distanz|entfernung|radius)\b.{0,200}\b(ein|fest)gestellt",
            "fr": r"(altitude|hauteur|distance|rayon)\b.{0,200}\b(définie?|réglée?)\b",
            "ja": r"(高度|距離).{0,200}設定",
        },
        "limit.height": {
            "en": r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)[^.]{0,20}"
            r" (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(altitude|height)|(altitude|height) limit)",
            "zh": r"最[大高](飞行|飛行)?高度|限高",
            "de": r"maximale \w{0,30}höhe",
            "fr": r"(altitude|hauteur) (de vol )?max",
            "ja": r"最[大高](飛行)?高度",
        },
        "limit.distance": {
            "en": r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)"
            r"[^.]{0,20} (reached|exceeded)|(reached|exceeded|at) (its |the |your )?"
            r"(max\w{0,30}\.? (flight )?(distance|radius|range)|(distance|radius) limit)",
            "zh": r"最[大远遠](飞行|飛行)?(距离|距離|半[径徑])|限远|限遠",
            "de": r"maximaler? \w{0,30}(distanz|entfernung|radius)",
            "fr": r"(distance|rayon) (de vol )?max",
            "ja": r"最大(飛行)?(距離|半径)",
        },
        "traffic": {
            # DJI's AirSense and its apps speak of manned aircraft; "aircraft" alone is the drone.
            "en": r"\bADS-?B\b|\bAirSense\b|\b(manned|other|another|civil|crewed) aircraft\b"
            r"|aircraft (is |are )?(flying )?(nearby|in (the |your )?vicinity)|nearby aircraft"
            r"|\bhelicopter\b",
            "zh": r"(附近|周[围圍]).{0,6}(飞机|飛機|航空器|直升[机機])"
            r"|[载載有]人(飞机|飛機|航空器|[机機])",
            "de": r"bemannte\w{0,30} (luft|flug)\w{0,30}"
            r"|(flugzeug|hubschrauber)\w{0,30} in der nähe",
            "fr": r"(aéronefs?|avions?|hélicoptères?)( \w{1,30})? à proximité|aéronefs? habité",
            "ja": r"有人(機|航空機)|(付近|周囲).{0,4}(航空機|ヘリ)",
        },
    }
)
#: The same for what flags of the aircraft mostly state: read only where they do not.
_FAULT_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "link.lost": {
            "en": r"\b(RC|remote controller|controller) signal lost|lost (RC|remote controller)",
            "zh": r"遥控器?信号(丢失|中断)|遙控器?訊號(遺失|中斷)",
        },
        "failsafe": {"en": r"\bfail.?safe\b"},
        "fault": {
            "en": r"(compass|IMU|barometer|ESC|motor) (error|failure|abnormal|stuck|blocked|stall)"
            r"|propeller (lost|fell off|broken)|not enough force",
            "zh": r"(指南针|指南針|磁罗盘)(异常|異常|错误|錯誤)|[电電][机機](堵转|堵轉|异常|異常)",
            "de": r"kompassfehler|kompass(\w{0,30} )?gestört|motor blockiert",
            "fr": r"erreur (de |du )?(compas|boussole)",
            "ja": r"コンパス(エラー|異常)|モーター(エラー|異常)",
        },
    }
)


def _compile_patterns_by_event_kind(
    words: Mapping[str, Mapping[str, str]],
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (kind, re.compile("|".join(of_languages.values()), re.IGNORECASE))
        for kind, of_languages in words.items()
    )


_KINDS = _compile_patterns_by_event_kind(_WORDS)
_FAULT_KINDS = _compile_patterns_by_event_kind(_FAULT_WORDS)


def event_kind_of_app_message(text: str, otherwise: str, also: Collection[str] = ()) -> str:
    """Return the kind of event that a message of the app tells.

    Args:
        text: The message.
        otherwise: The kind of a message that tells nothing known.
        also: Of ``link.lost``, ``failsafe`` and ``fault`` those that nothing else in the log
            states, so that messages must tell them.
    """
    kinds = (*_KINDS, *(each for each in _FAULT_KINDS if each[0] in also))
    text = DENIALS.sub(" ", text)
    return next((kind for kind, words in kinds if words.search(text)), otherwise)


_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words of English messages that other languages do not write so.
_ENGLISH_WORDS = """
    accuracy adjust adjusted adjusting aircraft airport airports alignment altitude ambient and
    angle area ascending attitude authorization avoid avoidance axis backward battery be beeping
    below blocking brake braking button cache calibrate camera cancel canceled cancelled cannot
    compass data index recorder started
    caution changed check clear close compromised connected controller critically cruise current
    degrees descend descending detected disabled disconnected distance does downlink downward
    drone enable enabled endpoint enough ensure enter entered error exceeded excessive exit exited
    failed failsafe file firmware flight fly flying for forward from full functioning gear ground
    heading height high home image initiated initiating insufficient interference internal is
    landing launch light limited location lock lost low lowered lowering make making manually
    maximum may mode motors moving near not obstacle of off only output overheated pitch please
    power precision press progress propeller propulsion raised raising reached recorded recording
    remaining remote removed required restored return returning safe sensing set setting settings
    shooting signal slow software speed starting sticks stopped storage strong stuck suitable sure
    switch takeoff taking tap temperature the then this throttle to too unavailable unlock update
    updated upward velocity video vision voltage warm warning warnings weak whether wind with
    within working write you your
    """
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
#: Of those, what other languages write the same or nearly so: no sign of English by themselves.
_SHARED_WORDS = """
    altitude area battery current data distance error file for image in index internal is manually
    motors not of off on only or precision propulsion recorder signal software storage temperature
    to video voltage warm
    """
_SHARED = frozenset(_SHARED_WORDS.split())
#: Share of the words of a message that must be English.
_ENGLISH_SHARE = 0.4
#: Abbreviations that are the same in all languages, also where a whole message is in capitals.
_ABBREVIATION_WORDS = "ATTI ESC FPV FT GEO GPS IMU MC NFZ OPTI RC RTH RTK SD SDK USB VPS"
_ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())
#: A word in capitals among others is one too, up to so many letters.
_ABBREVIATION_LETTERS = 4
#: Stands for bytes that are no text in the encoding of the record.
_UNDECODABLE = "\ufffd"


#: Language -> what only its messages hold, of those that are written in Latin letters.
_LATIN_HINTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "de": re.compile(r"[äöüß]|\b(der|das|ist|nicht|und|einer?|wurde)\b"),
        "fr": re.compile(r"œ|\b[ld]['\u2019]|\b(est|une|dans|vous|vol|êtes|trouve)\b"),
    }
)


def language_if_message_not_understood(text: str) -> str | None:
    """Return in what language a message is that is not understood; ``None``: it is understood.

    Returns:
        The name of a language whose words are recognised in part, or "an unknown language".
    """
    if _UNDECODABLE in text:
        return "an encoding that is not known"
    script = _language_of_script(text)
    if script is not None:
        return script
    words = [word for word in _WORD.findall(text) if not _is_international_abbreviation(word, text)]
    known = [word for word in map(str.lower, words) if word in _ENGLISH]
    if len(known) == len(words):
        return None
    if len(known) >= _ENGLISH_SHARE * len(words) and not _SHARED.issuperset(known):
        return None
    lowered = text.lower()
    for language, hints in _LATIN_HINTS.items():
        if hints.search(lowered):
            return LANGUAGES[language]
    return "an unknown language"


def _is_international_abbreviation(word: str, text: str) -> bool:
    """Return whether a word is one such as RTH and GPS, the same in all languages."""
    if not (word.isascii() and word.isupper()):
        return False
    return word in _ABBREVIATIONS or (not text.isupper() and len(word) <= _ABBREVIATION_LETTERS)


def _language_of_script(text: str) -> str | None:
    """Return the language of a script other than Latin, if one letter in three is of it."""
    if text.isascii():
        return None
    names = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    foreign = [name for name in names if not name.startswith(("LATIN", "GREEK SMALL LETTER MU"))]
    if 3 * len(foreign) < len(names) or not foreign:
        return None
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in foreign):
        return LANGUAGES["ja"]
    if any(name.startswith("CJK") for name in foreign):
        return LANGUAGES["zh"]
    return "an unknown language"


def reason_messages_not_understood_text(log: Log, records: Collection[str]) -> str:
    """Return why messages in some records of a log were not understood, a sentence; else empty."""
    named, texts = (log.events[name].tolist() for name in ("record", "text"))
    told = (text for record, text in zip(named, texts, strict=True) if record in records)
    return explain_unknown_language(dict.fromkeys(told))


def explain_unknown_language(texts: Iterable[str]) -> str:
    """Return why some messages of the app were not understood, a sentence; empty: all were."""
    for text in texts:
        language = language_if_message_not_understood(text)
        if language is not None:
            return f"the app wrote in {language}, which is not understood in full: “{text[:80]}”."
    return ""
