"""Gaps, overlaps and unreachable rules of decision tables, found before anyone meets them."""
