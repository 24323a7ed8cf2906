"""What expires soon is planned, what has expired is set apart."""
