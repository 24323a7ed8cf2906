"""Change control: from the request to the check of its effect."""
