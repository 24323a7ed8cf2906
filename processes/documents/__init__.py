"""Records as documents for people: PDF with the signatures shown."""
