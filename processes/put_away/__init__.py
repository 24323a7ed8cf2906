"""Goods are brought to the bin that fits them."""
