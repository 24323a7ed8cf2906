"""What happens when stock is counted."""
