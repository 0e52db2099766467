"""Amounts in major units as minor units, exactly."""

from decimal import Decimal, InvalidOperation
from typing import Any

from models.mapping.errors import Unmapped

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_DIGITS = {
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Digits of the minor unit where they are not two (ISO 4217, list one)."""


def minor_units(amount: Any, currency: Any) -> int:
    """An amount (text, or a number as JSON has it) in minor units. Raises `Unmapped`, also for a fraction of one."""
    if not isinstance(currency, str) or len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise Unmapped("the currency is not three capital letters (ISO 4217)")
    if isinstance(amount, bool) or not isinstance(amount, int | float | str) or len(str(amount)) > 32:
        raise Unmapped("not an amount")
    try:
        minor = Decimal(str(amount)).scaleb(_DIGITS.get(currency, 2))
        whole = int(minor)
    except (InvalidOperation, ArithmeticError, ValueError):
        raise Unmapped("not an amount") from None
    if whole != minor:
        raise Unmapped("the amount has more digits than its currency")
    return whole
