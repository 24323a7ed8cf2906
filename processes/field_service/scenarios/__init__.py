"""Scenarios of field service."""
