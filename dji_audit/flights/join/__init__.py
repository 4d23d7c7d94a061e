"""Which logs belong to one flight."""
