"""Which parameters of a detector can be tuned: the numbers whose type declares both bounds."""

from typing import Any, get_type_hints

import msgspec
from msgspec import inspect

from detectors.detector import Params


class Bound(msgspec.Struct, frozen=True):
    """From `low` to `high`, both allowed. `wide`: over more than a decade, to be searched on a logarithmic scale."""

    low: float
    high: float
    whole: bool

    @property
    def wide(self) -> bool:
        """Whether steps should be ratios."""
        return self.low > 0.0 and self.high / self.low > 10.0


def bounds_of(params_type: type[Params]) -> dict[str, Bound]:
    """The bounds by parameter, in the order of declaration; `update_step` is no matter of detection."""
    found: dict[str, Bound] = {}
    hints = get_type_hints(params_type, include_extras=True)
    for name in params_type.__struct_fields__:
        kind = inspect.type_info(hints[name])
        if not isinstance(kind, inspect.FloatType | inspect.IntType) or name == "update_step":
            continue
        if kind.ge is not None and kind.le is not None:
            found[name] = Bound(float(kind.ge), float(kind.le), isinstance(kind, inspect.IntType))
    return found


def changed(shipped: Params, parameters: dict[str, Any]) -> Params:
    """The shipped parameters with these in their places. Raises `msgspec.ValidationError` for one out of bounds."""
    return msgspec.convert(msgspec.to_builtins(shipped) | parameters, type(shipped))


def refusal(error: Exception) -> str:
    """Why parameters do not hold, and what to do: the bound that was missed, or else only the kind of error."""
    why = str(error) if isinstance(error, msgspec.MsgspecError | ValueError) else type(error).__name__
    return f"{why}; the former parameters stay in force: correct it, or tune again"
