"""What an order needs is reserved and picked."""
