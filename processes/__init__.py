"""The business: one folder a process, and the ledger that all of them write to."""
