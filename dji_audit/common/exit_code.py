"""What a command says by its exit code, as its help and the guides state."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of all commands; each uses those that it needs."""

    #: Done, and nothing needs a look.
    DONE = 0
    #: Something needs a look: findings, a difference, a position in a zone, a contradiction.
    NEEDS_LOOK = 1
    #: The call is wrong, or something could not be opened or written.
    USAGE_OR_IO = 2
    #: There was nothing to work on.
    NOTHING = 3
    #: Done in part: something could not be read, answered or decided.
    INCOMPLETE = 4
    #: A dossier is not what its manifest says.
    NOT_AS_SEALED = 5
    #: A fault of the program.
    INTERNAL_ERROR = 70
    #: The user stopped it, as a shell states it.
    INTERRUPTED = 130
