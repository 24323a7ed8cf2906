"""Shipping an order: picked, loaded past every gate, delivered; intercepted when it is held."""
