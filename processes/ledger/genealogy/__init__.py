"""What became of what: edges between lots and units, and the trace along them."""
