"""The words of the operating system for why a file could not be opened, read or written."""


def os_error_reason(error: OSError) -> str:
    """Return why, such as "permission denied", without the path that the message may hold."""
    return (error.strerror or str(error)).lower()
