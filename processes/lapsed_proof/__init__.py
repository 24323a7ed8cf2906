"""Lapsed proof: what work relies on is no longer good, and somebody answers for it."""
