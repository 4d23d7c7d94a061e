"""Logs of other makers, of apps that fly aircraft of several makers, and of servers that fly docks."""
