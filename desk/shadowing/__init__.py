"""Challengers beside champions: what each of them would have been worth."""
