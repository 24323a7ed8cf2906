"""What happens when goods are picked."""
