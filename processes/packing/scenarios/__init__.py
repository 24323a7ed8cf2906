"""What happens when goods are packed."""
