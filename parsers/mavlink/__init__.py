"""Logs of MAVLink autopilots and their ground stations.  Every public module is a format."""
