"""One track, one list of captures and events from the logs of a flight."""
