"""What can be wrong with a mapping: with the file (an operator's error), or with one record under it."""

from models.errors import OperatorError


class MappingWrong(OperatorError):
    """A mapping file does not hold. Operator action: correct the place that the sentence names."""


class Unmapped(Exception):
    """A record does not give what the mapping asks of it. `detail` names place and rule, never a value."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
