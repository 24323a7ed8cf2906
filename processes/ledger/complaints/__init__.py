"""Complaints: what somebody told us, whether an authority must hear of it, and what came of it."""
