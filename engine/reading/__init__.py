"""What screens ask: reading only, from the read models and the trail."""
