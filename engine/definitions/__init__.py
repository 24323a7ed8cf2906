"""A process folder becomes an immutable, hashed, versioned definition."""
