"""Goods that are not ours and were not used go back, or become ours."""
