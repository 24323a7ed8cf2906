"""What a customer sends back is received apart, inspected and decided on."""
