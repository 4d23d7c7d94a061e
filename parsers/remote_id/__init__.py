"""Remote ID: what an aircraft broadcast of itself and its operator, as receivers recorded it."""
