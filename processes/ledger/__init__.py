"""The business's book: items, lots, stock and inspection results that every process writes to."""
