"""Telemetry in subtitles, whether these are a file of their own or a track of a video."""
