"""The fence in telemetry: what it did, and its shape."""
