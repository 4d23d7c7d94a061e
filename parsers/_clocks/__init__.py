"""Times by a clock other than UTC: the local clock of a log, and one that a person declares."""
