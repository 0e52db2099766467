"""The errors that a person can do something about."""


class OperatorError(Exception):
    """Its text is one sentence or two: what is wrong, where, and what to do. Shown without a traceback."""
