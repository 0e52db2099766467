"""The durable memory, in SQL: what customers allow, what was decided, what was said to whom, and what was read."""
