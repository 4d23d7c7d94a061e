"""Tracks of devices of any kind: a person's watch or phone, a tracker; they name no aircraft."""
