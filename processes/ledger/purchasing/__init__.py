"""Buying: requisitions, purchase orders, what came of them, and what lets a supplier deliver."""
