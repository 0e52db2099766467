"""What a customer will do next: complain, while it can still be put right."""
