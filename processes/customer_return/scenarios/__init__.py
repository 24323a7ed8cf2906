"""What happens when a customer sends goods back."""
