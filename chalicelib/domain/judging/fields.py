"""Naming a field of a generation: what is judged is what `GET /generations/{id}?fields=full` shows.

A name is the path in that resource (`usage.input_tokens`); `metadata.` and `tags.` are followed by one key,
dots and all; `.length` behind a text is its number of characters, behind a list its number of entries.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.free_form import Json, mended
from chalicelib.domain.judging.json_text import compact

DEFAULT = "completion"
MOST_NAME = 256

_TEXTS = frozenset({"completion", "prompt", "system_prompt", "error.message"})
_LISTS = frozenset({"input", "output", "tools", "depends_on"})
_WORDS = frozenset({
    "status", "stop_reason", "source", "agent_name", "agent_version", "effective_version", "model.provider",
    "model.name", "response_model", "operation_name", "mode", "tool_choice", "error.code", "conversation_id",
})  # fmt: skip
_NUMBERS = frozenset({
    "latency_ms", "cost_usd", "token_count", "max_tokens", "temperature", "top_p", "usage.input_tokens",
    "usage.output_tokens", "usage.total_tokens", "usage.cache_read_input_tokens", "usage.cache_creation_input_tokens",
    "usage.reasoning_tokens",
})  # fmt: skip
_MAPS = frozenset({"metadata", "tags"})
_LENGTH = ".length"
LENGTHS = frozenset(name + _LENGTH for name in _TEXTS | _LISTS)
NAMES = _TEXTS | _LISTS | _WORDS | _NUMBERS | _MAPS | LENGTHS


def check_field(name: str) -> str:
    """The name itself, if a generation has such a field.

    Raises:
        ValueError: it has not; the text names the rule.
    """
    head, _, key = name.partition(".")
    if name in NAMES or (head in _MAPS and key and len(name) <= MOST_NAME):
        return name
    raise ValueError("is no field of a generation that can be judged")


def check_numeric_field(name: str) -> str:
    """The name itself, if the field may hold a number. Raises ValueError as `check_field` does."""
    if check_field(name) in _NUMBERS | LENGTHS or name.startswith("metadata."):
        return name
    raise ValueError("is no field that holds a number")


def value_of(resource: Mapping[str, Any], name: str) -> Json:
    """What a generation has under a name; None where it has nothing."""
    head, _, rest = name.partition(".")
    if head in _MAPS and rest:
        return resource[head].get(rest)
    if name in LENGTHS:
        value = value_of(resource, name.removesuffix(_LENGTH))
        return None if value is None else len(value)
    value = resource.get(head)
    return value.get(rest) if rest and value is not None else value


def text_of(value: Json) -> str:
    """A text as it is, anything else as compact JSON."""
    return mended(value) if isinstance(value, str) else compact(value)
