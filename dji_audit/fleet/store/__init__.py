"""The store: what the stages of a run found out, kept by content so that it is found out once.

``ResultStore`` keeps results by key; ``encode_value_to_stream`` and ``decode_stored_value`` keep
one in one file, from which nothing is ever run.
"""

from dji_audit.fleet.store._result_store import ResultStore, result_key
from dji_audit.fleet.store._value_file import (
    StoredValueError,
    class_of_name,
    decode_stored_value,
    encode_value_to_stream,
    name_of_class,
)

__all__ = [
    "ResultStore",
    "StoredValueError",
    "class_of_name",
    "decode_stored_value",
    "encode_value_to_stream",
    "name_of_class",
    "result_key",
]
