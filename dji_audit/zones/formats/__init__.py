"""Readers of zone files: every public module is one format."""
