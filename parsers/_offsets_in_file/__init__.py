"""Logs that are read from other bytes than those of their file, at the offsets of the file."""
