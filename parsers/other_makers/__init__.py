"""Logs of other makers, of apps for several makers, and of servers that fly docks."""
