"""The store: what the stages of a run found out, kept by content so that it is found out once.

``ResultStore`` keeps results by key; ``write_encoded_value`` and ``decode_stored_value`` keep one
in one file, from which nothing is ever run.
"""

from dji_audit.fleet.store._result_store import ResultStore, result_key
from dji_audit.fleet.store._value_file import (
    StoredValueError,
    class_of_name,
    decode_stored_value,
    name_of_class,
    write_encoded_value,
)

__all__ = [
    "ResultStore",
    "StoredValueError",
    "class_of_name",
    "decode_stored_value",
    "name_of_class",
    "result_key",
    "write_encoded_value",
]
