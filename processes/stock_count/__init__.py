"""Stock is counted and compared with the book."""
