"""Corrective and preventive action, from the problem to the proof of effect."""
