"""Offline conflict: what a device handed in could not be carried out; a person decides."""
