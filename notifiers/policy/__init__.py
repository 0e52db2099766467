"""One rule per file. Each looks at a case and finds a reason not to speak, or nothing.

The order in which they are asked stands in `notifiers/decide.py`, on purpose.
"""
