"""Logs of other makers and of apps that fly aircraft of several makers."""
