"""Scenarios of the work order."""
