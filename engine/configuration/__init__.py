"""What the customer sets: versioned documents, changed on the record, never constants in code."""
