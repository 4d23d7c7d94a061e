"""Name and version of the schema of a report, which other programs hold a report to."""

SCHEMA_NAME = "dji-audit/report"
SCHEMA = f"{SCHEMA_NAME}/0.2"
