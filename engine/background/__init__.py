"""What runs without a person asking; each piece of it enters by the dispatcher."""
