"""In which language a message of DJI's apps is, if it is not understood in full."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from ..._model import Log

#: Code of a language (ISO 639-1) of which words are recognised -> its name.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "zh": "Chinese",
        "de": "German",
        "fr": "French",
        "ja": "Japanese",
        "es": "Spanish",
        "it": "Italian",
        "pt": "Portuguese",
        "nl": "Dutch",
        "pl": "Polish",
        "ru": "Russian",
        "ko": "Korean",
    }
)
#: Languages in which it counts that no message tells a thing.
UNDERSTOOD = frozenset({"en"})

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
        "es": re.compile(r"[¿¡ñ]|\b(los|las|vuele|vuelo|puede|aeronave se)\b"),
        "pt": re.compile(r"[ãõ]|\b(não|uma|voo|você|está em)\b"),
        "it": re.compile(r"\b(il|della|nella|volo|velivolo|sei|è)\b"),
        "pl": re.compile(r"[ąęłńśźż]|\b(jest|nie|strefa)\b"),
        "nl": re.compile(r"\b(het|een|niet|bevindt|vlieg\w{0,10})\b"),
    }
)


_RUSSIAN, _OTHER_CYRILLIC = re.compile("[ыэё]"), re.compile("[іїєґўјљњћђќ]")


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
    if any(name.startswith("HANGUL") for name in foreign):
        return LANGUAGES["ko"]
    # Letters that Ukrainian, Belarusian, Serbian and Bulgarian texts have and Russian has not, or
    # that only Russian has.
    if _RUSSIAN.search(text.lower()) and not _OTHER_CYRILLIC.search(text.lower()):
        return LANGUAGES["ru"]
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
