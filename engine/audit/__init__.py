"""The record: appended, chained by hash, signed."""
