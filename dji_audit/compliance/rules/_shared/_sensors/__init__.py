"""Comparisons of what the sensors of a log say with one another and with the earth."""
