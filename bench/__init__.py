"""Numbers, with the scripts that make them."""
