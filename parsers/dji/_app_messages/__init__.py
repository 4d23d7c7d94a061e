"""Messages of DJI's apps: which kind of event they tell, and in which languages they are read.

The app writes in the language of the phone.  Codes, states and numbers of the aircraft are free of
language and are read first; what only a text tells is known in the languages below and no others.
That a message tells nothing of a zone counts only in the languages of ``UNDERSTOOD``: of those the
messages of real logs are known.  In the other languages of ``LANGUAGES`` words are recognised where
they stand, and their absence proves nothing.
"""

from ._event_kind import event_kind_of_app_message
from ._language import (
    LANGUAGES,
    UNDERSTOOD,
    explain_unknown_language,
    language_if_message_not_understood,
    reason_messages_not_understood_text,
)

__all__ = [
    "LANGUAGES",
    "UNDERSTOOD",
    "event_kind_of_app_message",
    "explain_unknown_language",
    "language_if_message_not_understood",
    "reason_messages_not_understood_text",
]
