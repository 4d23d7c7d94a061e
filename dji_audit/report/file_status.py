"""What can become of a file of a run."""

from enum import StrEnum


class FileStatus(StrEnum):
    """What became of a file: each file has exactly one."""

    READ = "read"
    #: Read, but for some bytes of it.
    PARTIAL = "partial"
    #: It needs a key or a password.
    ENCRYPTED = "encrypted"
    #: It may hold a flight or a contact, by its content or its name, and was not read.
    UNREAD = "unread"
    #: The system does not let it be opened.
    UNOPENED = "unopened"
    #: It holds files, each of which has a row of its own.
    CONTAINER = "container"
    #: A picture, a document, a system file, zones, keychains: by its content no log.
    NO_EVIDENCE = "no_evidence"
    #: Nothing tells what it is, and nothing in it is a sign of a flight or a contact.
    UNKNOWN = "unknown"
    #: Another file holds the same bytes.
    COPY = "copy"
    #: No file: a link, which is not followed.
    OTHER = "other"
    #: The unit leaves it out by a pattern of names; it was not read.
    LEFT_OUT = "left_out"
