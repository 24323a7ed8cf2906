"""What came back with a complaint: decontaminated before it is opened, followed to its end."""
