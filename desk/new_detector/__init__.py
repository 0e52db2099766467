"""A new detector to begin with: one file, the words for its customers, and its scenario test."""
