"""Goods are packed into boxes and onto pallets."""
