"""Recall, correction, withdrawal, advisory notice, and the mock recall: one diagram."""
