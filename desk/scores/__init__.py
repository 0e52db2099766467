"""How good a detector is, in figures: pure arithmetic on what it said and what was true."""
