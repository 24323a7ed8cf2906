"""Supplier corrective action: an 8D report, step by step."""
