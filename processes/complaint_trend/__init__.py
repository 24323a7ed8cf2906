"""Complaints that became more frequent than a rule allows: judged, reported, acted on."""
