"""Which kind of event a message of DJI's apps tells."""

import re
from collections.abc import Collection, Mapping

from ._words_of_denials import DENIALS
from ._words_of_events import EVENT_WORDS, FAULT_WORDS


def _compile_patterns_by_event_kind(
    words: Mapping[str, Mapping[str, str]],
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (kind, re.compile("|".join(of_languages.values()), re.IGNORECASE))
        for kind, of_languages in words.items()
    )


_KINDS = _compile_patterns_by_event_kind(EVENT_WORDS)
_FAULT_KINDS = _compile_patterns_by_event_kind(FAULT_WORDS)


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
