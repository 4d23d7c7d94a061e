"""How a stage tells how far it is."""

from collections.abc import Callable

#: Called with what is done, what there is in all, and the name of the last file or flight.
Progress = Callable[[int, int, str], None]
