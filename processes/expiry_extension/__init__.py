"""Expiry extended by a re-test: approved, relabelled, reconciled; the old value stays visible."""
