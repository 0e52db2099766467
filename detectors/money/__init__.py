"""Money: what is taken from a customer is not what they expect."""
