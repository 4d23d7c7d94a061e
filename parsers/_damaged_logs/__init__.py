"""Logs that begin or end with damage or filling, and where they begin."""
