"""Logs that begin or end with damage or filling: where they begin, and their offsets."""
