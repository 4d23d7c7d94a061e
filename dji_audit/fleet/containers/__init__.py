"""Containers in a run: listed and unpacked in a process of their own, members copied to workers."""
