"""`make demo`: a history in shadow, then days with outreach on, watched and counted."""
