"""The size of a DynamoDB item by the published rules, in bytes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections.abc import Mapping
from typing import Any

CONTAINER_BYTES = 3
ELEMENT_BYTES = 1

Attributes = Mapping[str, Mapping[str, Any]]


def item_size(item: Attributes) -> int:
    """Names and values together."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    [(kind, raw)] = value.items()
    match kind:
        case "S":
            return len(raw.encode())
        case "B":
            return len(raw)
        case "N":
            return number_size(raw)
        case "M":
            return CONTAINER_BYTES + sum(
                len(name.encode()) + _value_size(part) + ELEMENT_BYTES for name, part in raw.items()
            )
        case "L":
            return CONTAINER_BYTES + sum(_value_size(part) + ELEMENT_BYTES for part in raw)
        case _:
            return 1  # BOOL and NULL


def number_size(text: str) -> int:
    """One byte for two significant digits, and one more; a sign is a byte as well."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")
