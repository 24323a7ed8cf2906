"""What happens when stock expires."""
