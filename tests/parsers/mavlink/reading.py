"""Read a log that may be damaged, and check that every byte is accounted for."""

from parsers import Content, Format, Log, LogError


def read_or_refuse(log_format: Format, data: bytes) -> Log | None:
    """Return the log, or ``None`` if the format does not claim the bytes or refuses them."""
    content = Content("flight.log", data)
    if not log_format.claims(content):
        return None
    try:
        return log_format.read(content, ())
    except LogError:
        return None


def assert_every_byte_is_accounted_for(log: Log, size: int) -> None:
    """Check that spans lie end to end, and that each gap is an issue."""
    end = 0
    for span in log.coverage:
        assert span.offset == end
        assert span.size > 0
        end += span.size
    assert end == size
    issues = {(issue.offset, issue.size) for issue in log.issues}
    assert {(span.offset, span.size) for span in log.coverage if span.kind == "gap"} <= issues
