"""Counts of stock: what was counted where, compared with the book at the counted moment."""
