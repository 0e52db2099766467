"""Context: what many share, as sums that fade."""
