"""Compare tracks with zones: where and when an aircraft was in a zone, and how deep."""
