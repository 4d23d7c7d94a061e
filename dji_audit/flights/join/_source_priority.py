"""Which log comes first: the order in which logs are joined, and which gives the track."""

from collections.abc import Sequence

from dji_audit.flights.join._log_summary import Digest

#: Fixes of fewer are no path.
_PATH = 2
#: A log that tells less of the flight than this part of the longest is not first.
_MOST_OF_IT = 0.8
#: Coverage alike within so many seconds is the same.
_ALIKE_S = 10.0


def precedence(digest: Digest) -> tuple[object, ...]:
    """Return what logs are sorted by to be joined: those that tell most stand first.

    A log that shows the take-off bounds its flight; one without may span several.
    """
    return (
        digest.media,
        digest.kind != "utc",
        digest.export,
        not digest.takeoff,
        len(digest.path) < _PATH,
        -digest.columns,
        -digest.fixes,
        digest.name,
        digest.number,
        digest.id,
        digest.log,
    )


def first_of(digests: Sequence[Digest], spanning: frozenset[int]) -> list[int]:
    """Return the order of the logs of a flight; the first gives its track.

    It is one that tells nearly all of the path; a record before what was made from
    one, and before media; then the one with most columns.

    Args:
        digests: Of the logs.
        spanning: Places of those that span several flights, which bound none.
    """
    whole = (digest for place, digest in enumerate(digests) if place not in spanning)
    longest = max(map(_told_s, whole), default=0.0)

    def key(place: int) -> tuple[object, ...]:
        digest = digests[place]
        told = _told_s(digest)
        return (
            len(digest.path) < _PATH,
            place in spanning,
            told < _MOST_OF_IT * longest,
            digest.media,
            digest.export,
            -round(told / _ALIKE_S),
            -digest.columns,
            -digest.fixes,
            digest.name,
            digest.number,
            digest.log,
        )

    return sorted(range(len(digests)), key=key)


def trust(digest: Digest) -> tuple[object, ...]:
    """Return what logs that say UTC are sorted by to choose the clock of a flight.

    Satellite positioning gives UTC; then come clocks of which the error is known.
    """
    return (not digest.by_satellite, digest.uncertainty_s is None, len(digest.path) < _PATH)


def _told_s(digest: Digest) -> float:
    return digest.path.end - digest.path.start if len(digest.path) else 0.0
