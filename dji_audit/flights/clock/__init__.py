"""How the clocks of logs are aligned, and how they drift."""
