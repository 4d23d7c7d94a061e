"""Names that a person declared, to be found by what a log states of them: models, serials, apps.

Logs hold names in other words, and cut short.  Each of these is looked up without going through
all that was declared.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from dji_audit.compliance.makers_of_concern import normalised_maker_name
from dji_audit.flights import normalised_serial

#: Characters that must agree where a log holds the beginning or the end of a serial only.
_LEAST_SERIAL = 8
_VERSION = re.compile(r"(?<!\d)\d{1,9}(?:\.\d{1,9}){1,8}")
#: What is left of the name of an app when it names none: the system that it runs on.
_PLATFORMS = frozenset({"", "android", "ios", "ipados", "windows", "app"})


class NamesAsWordSequences:
    """Names as sequences of words, of which one may be the beginning of another."""

    def __init__(self, names: Iterable[Sequence[str]]) -> None:
        """Take the words of each name."""
        self._names = {tuple(words) for words in names}
        self._beginnings = {
            words[:count] for words in self._names for count in range(1, len(words) + 1)
        }

    def is_prefix_of_or_prefixed_by_any(self, words: Sequence[str]) -> bool:
        """Return whether a name is the beginning of one of these, or one of these of it."""
        whole = tuple(words)
        return whole in self._beginnings or any(
            whole[:count] in self._names for count in range(1, len(whole) + 1)
        )


class KnownSerials:
    """Serial numbers, of which a log may hold the beginning or the end only."""

    def __init__(self, serials: Iterable[str]) -> None:
        """Take serials in any case and with any spaces."""
        self.serials = frozenset(map(normalised_serial, serials))
        self._forwards = sorted(self.serials)
        self._backwards = sorted(serial[::-1] for serial in self.serials)

    def find(self, serial: str) -> str | None:
        """Return the known serial that a log means, normalised; ``None``: there is none."""
        wanted = normalised_serial(serial)
        if wanted in self.serials:
            return wanted
        if len(wanted) < _LEAST_SERIAL:
            return None
        longer = _first_text_with_prefix(self._forwards, wanted)
        if longer is not None:
            return longer
        longer = _first_text_with_prefix(self._backwards, wanted[::-1])
        if longer is not None:
            return longer[::-1]
        for count in range(len(wanted) - 1, _LEAST_SERIAL - 1, -1):
            for part in (wanted[:count], wanted[-count:]):
                if part in self.serials:
                    return part
        return None


def _first_text_with_prefix(ordered: Sequence[str], beginning: str) -> str | None:
    """Return the first of some texts in order that begins so."""
    index = bisect_left(ordered, beginning)
    found = index < len(ordered) and ordered[index].startswith(beginning)
    return ordered[index] if found else None


class DeclaredGroundStations:
    """Names of controllers, ground stations and apps."""

    def __init__(self, names: Sequence[str]) -> None:
        """Take the names as a person writes them."""
        self._names = {normalised_maker_name(name) for name in names} - {""}
        self._all = f" {' | '.join(sorted(self._names))} "
        self._versions = {version for name in names for version in _VERSION.findall(name)}
        self._serials = KnownSerials(
            word for name in names for word in name.split() if _looks_like_serial_number(word)
        )

    def may_be_named_by_log(self, name: str) -> bool:
        """Return whether one of these may be the app or controller that a log names.

        Many logs hold the system and the version of the app and not its name, or the serial of a
        controller alone; these are compared only where versions or serials are declared at all.
        """
        versions = set(_VERSION.findall(name))
        rest = normalised_maker_name(_VERSION.sub(" ", name))
        if versions and rest in _PLATFORMS:
            return not self._versions or versions <= self._versions
        words = normalised_maker_name(name)
        if _looks_like_serial_number(words):
            return not self._serials.serials or self._serials.find(words) is not None
        return any(part and f" {part} " in self._all for part in (words, rest)) or any(
            part in self._names for part in _all_word_sequences_of_text(words)
        )


def _looks_like_serial_number(word: str) -> bool:
    return len(word) >= 10 and word.isalnum() and any(it.isdigit() for it in word)


def _all_word_sequences_of_text(text: str) -> Iterable[str]:
    """Yield every run of words of a text."""
    words = text.split()
    for first in range(len(words)):
        for end in range(first + 1, len(words) + 1):
            yield " ".join(words[first:end])
