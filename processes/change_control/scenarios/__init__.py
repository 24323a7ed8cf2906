"""Changes told by the people who make them."""
