"""Results on their way from a worker: small ones go through its pipe, large ones lie in a file.

All workers share one pipe, which takes up to 64 KB at once.  A worker that is ended in the middle
of a larger message leaves it cut short, and nobody can read what the others say after it.
"""

import pickle
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Bytes of a result that go through the pipe: what is around them fits into one piece with them.
MAX_IN_PIPE = 8_000


@dataclass(frozen=True, slots=True)
class SentWorkerResult:
    """A result as bytes, or the file that holds them."""

    data: bytes = field(default=b"", repr=False)
    #: ``None``: the bytes are here.
    path: Path | None = None


def pickle_for_parent(result: object, folder: Path | None) -> SentWorkerResult:
    """Return a result as a worker sends it.

    Args:
        result: Anything that can be pickled.
        folder: Private to the run, for large results; ``None``: all go through the pipe.

    Raises:
        OSError: If the file cannot be written.
    """
    data = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    if folder is None or len(data) <= MAX_IN_PIPE:
        return SentWorkerResult(data)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="result-", delete=False) as stream:
        path = Path(stream.name)
        try:
            stream.write(data)
            stream.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise
    return SentWorkerResult(path=path)


def unpickle_from_worker(sent: SentWorkerResult) -> Any:
    """Return a result that a worker of this run sent; its file, if it has one, goes.

    Raises:
        OSError: If the file cannot be read.
    """
    if sent.path is None:
        return pickle.loads(sent.data)  # noqa: S301 - of a worker of this run
    data = sent.path.read_bytes()
    sent.path.unlink()
    return pickle.loads(data)  # noqa: S301 - of a worker of this run, in a folder of its own
