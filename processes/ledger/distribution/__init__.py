"""Selling: where a device may be sold, to whom, what is reserved, packed and shipped."""
