"""Remote ID in telemetry: what the vehicle broadcast, and what was received of other aircraft."""
