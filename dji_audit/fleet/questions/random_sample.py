"""A random sample of flights for a second look, the same for the same seed."""

import hashlib
import math
import sqlite3

from dji_audit.fleet.questions.answer import Answer, QuestionError
from dji_audit.fleet.questions.table_questions import table_answer


def random_flight_sample_answer(connection: sqlite3.Connection, rate: float, seed: int) -> Answer:
    """Return a share of the flights, at least one: those with the least hash of seed and id.

    Args:
        connection: The database of a state.
        rate: The share, above 0 and at most 1.
        seed: Any number.

    Raises:
        QuestionError: If the rate is no such share.
    """
    if not 0 < rate <= 1:
        raise QuestionError("--rate is a share above 0 % and at most 100 %, such as 5%")
    whole = table_answer(connection, "flights")
    names = whole.column_names
    flight, entry, simulated = (names.index(it) for it in ("flight", "entry", "simulated"))
    candidates = [row for row in whole.rows if row[entry] == "log" and not row[simulated]]
    count = math.ceil(round(rate * len(candidates), 9))
    lots = sorted(candidates, key=lambda row: _random_sort_key_of_flight(str(row[flight]), seed))[
        :count
    ]
    kept = {row[flight] for row in lots}
    chosen = [row for row in candidates if row[flight] in kept]
    words = (
        f"{len(chosen):,} of {len(candidates):,} flights that logs record, {rate * 100:g} % "
        f"rounded up, with seed {seed}: those whose SHA-256 of the seed, a blank and the id is "
        "the least."
    )
    return Answer("Which flights shall be looked at again?", whole.columns, chosen, (words,))


def _random_sort_key_of_flight(flight: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {flight}".encode()).digest()
