"""A work order while it is open: from its plan to its release, with what it hears meanwhile."""
