"""The figures that a quality manager watches: readings of what the book holds already."""
