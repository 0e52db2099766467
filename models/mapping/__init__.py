"""Other people's records as our events, told by a file instead of code. Pure: bytes and headers in, events out."""
