"""What happens when goods are transferred."""
