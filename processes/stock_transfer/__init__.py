"""Goods go from one place to another, between sites by way of goods in transit."""
