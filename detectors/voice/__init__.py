"""Voice: what customers say of us, in public and when asked."""
