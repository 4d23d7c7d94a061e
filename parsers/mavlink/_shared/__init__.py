"""What the three MAVLink formats share: record framing, dialect, fences, camera commands."""
