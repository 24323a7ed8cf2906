"""What happens when goods are put away."""
