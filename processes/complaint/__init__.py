"""Complaints: reportable or not, investigated, answered, closed."""
