"""Clock alignment: the offset and drift of each log's clock."""
