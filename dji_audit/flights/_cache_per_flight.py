"""What is computed of a flight once, however many rules and parts of a page ask for it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from dji_audit.flights._model import Flight

P = ParamSpec("P")
R = TypeVar("R")

_FORGET_FLIGHT: list[Callable[[], None]] = []


def cache_for_last_flight(
    compute: Callable[Concatenate[Flight, P], R],
) -> Callable[Concatenate[Flight, P], R]:
    """Return a function that keeps its results of the last flight that it was asked for.

    The tables of one flight at most stay in memory, until another is asked for or
    ``clear_flight_caches`` is called.  Whoever receives a result must not change it.

    Args:
        compute: A function of a flight and of hashable arguments, given by position.
    """
    last: list[tuple[Flight, dict[object, R]]] = []

    @wraps(compute)
    def computed_once(flight: Flight, /, *arguments: P.args, **named: P.kwargs) -> R:
        if not last or last[0][0] is not flight:
            last[:] = [(flight, {})]
        results = last[0][1]
        key = (arguments, *sorted(named.items()))
        if key not in results:
            results[key] = compute(flight, *arguments, **named)
        return results[key]

    _FORGET_FLIGHT.append(last.clear)
    return computed_once


def clear_flight_caches() -> None:
    """Forget what was computed of any flight, so that no evidence stays in memory after a run."""
    for forget in _FORGET_FLIGHT:
        forget()
