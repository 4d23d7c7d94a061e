"""Logs that are text: lines, tables, JSON lines."""
