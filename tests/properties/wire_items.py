"""Strategies: an item in the plainest spelling of the wire, and the same item spelled in another way."""

import base64
import random
from typing import Any

from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from tests.properties.generations import DOUBLES, FILLED, IDS, INT64, JSON, TEXTS, TIMES

Item = dict[str, Any]
_MODES: dict[str, tuple[Any, ...]] = {
    "SYNC": ("SYNC", "GENERATION_MODE_SYNC", 1),
    "STREAM": ("STREAM", "GENERATION_MODE_STREAM", 2),
}
_ROLES: dict[str, tuple[Any, ...]] = {
    "user": ("user", "USER", "MESSAGE_ROLE_USER", 1),
    "assistant": ("assistant", "ASSISTANT", "MESSAGE_ROLE_ASSISTANT", 2),
    "tool": ("tool", "function", "MESSAGE_ROLE_TOOL", 3),
    "system": ("system", "developer", "SYSTEM"),
}
_INT64 = {"max_tokens", "input_tokens", "output_tokens", "cache_creation_input_tokens", "reasoning_tokens"}
_DOUBLE = {"temperature", "top_p"}
_BYTES = {"input_schema_json", "input_json", "content_json"}
_FREE = {"metadata", "tags"}
_TIMESTAMPS = {
    "started_at": ("start", "started_at", "start_time", "startTime"),
    "first_token_at": ("first_token", "firstTokenAt"),
    "completed_at": ("end", "ended_at", "completed_at", "endTime"),
}

# Braces keep a text from looking like base64, so that its bytes are known.
SCHEMAS = FILLED.map(lambda text: "{" + text + "}")
PARTS = st.one_of(
    st.fixed_dictionaries({"text": TEXTS}),
    st.fixed_dictionaries({"thinking": TEXTS}),
    st.fixed_dictionaries({"tool_call": st.fixed_dictionaries({"id": FILLED, "name": FILLED, "input_json": SCHEMAS})}),
    st.fixed_dictionaries(
        {
            "tool_result": st.fixed_dictionaries(
                {"tool_call_id": FILLED, "content_json": SCHEMAS, "is_error": st.just(True)}
            )
        }
    ),
    st.fixed_dictionaries({"media": st.fixed_dictionaries({"kind": FILLED, "mime_type": FILLED})}),
)
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(sorted(_ROLES)), "parts": st.lists(PARTS, max_size=2)}), max_size=2
)
ITEMS: st.SearchStrategy[Item] = st.fixed_dictionaries(
    {
        "id": IDS,
        "conversation_id": IDS,
        "model": st.fixed_dictionaries({"provider": IDS, "name": IDS}),
    },
    optional={
        "mode": st.sampled_from(sorted(_MODES)),
        "agent_name": IDS,
        "system_prompt": FILLED,
        "input": MESSAGES,
        "output": MESSAGES,
        "tools": st.lists(
            st.fixed_dictionaries({"name": TEXTS, "input_schema_json": SCHEMAS, "deferred": st.booleans()}), max_size=2
        ),
        "usage": st.fixed_dictionaries(
            {}, optional={"input_tokens": INT64, "cache_creation_input_tokens": INT64, "reasoning_tokens": INT64}
        ),
        "started_at": TIMES,
        "first_token_at": TIMES,
        "completed_at": TIMES,
        "tags": st.dictionaries(IDS, st.just("true") | IDS, max_size=3),
        "metadata": st.dictionaries(TEXTS.filter(lambda key: key != "unrecognized"), JSON, max_size=3),
        "max_tokens": INT64,
        "temperature": DOUBLES,
        "tool_choice": TEXTS,
        "thinking_enabled": st.booleans(),
        "depends_on": st.lists(IDS, max_size=3, unique=True),
    },
)


def respelled(item: Item, seed: int) -> Item:
    """The same item in other words: any documented spelling, chosen by the seed."""
    dice = random.Random(seed)
    spelled = _object(item, dice)
    inner = {}
    for name, others in _TIMESTAMPS.items():
        for key in (name, to_camel(name)):
            if key in spelled and dice.random() < 0.5:
                inner[dice.choice(others)] = spelled.pop(key)
    return {**spelled, "timestamps": inner} if inner else spelled


def _object(fields: Item, dice: random.Random) -> Item:
    pairs = [(_name(name, dice), _value(name, value, dice)) for name, value in fields.items()]
    dice.shuffle(pairs)
    return dict(pairs)


def _name(name: str, dice: random.Random) -> str:
    if name == "depends_on":
        name = dice.choice(("depends_on", "parent_generation_ids"))
    if name == "cache_creation_input_tokens":
        name = dice.choice((name, "cache_write_input_tokens"))
    return dice.choice((name, to_camel(name)))


def _value(name: str, value: Any, dice: random.Random) -> Any:
    if name in _FREE:
        return _free(value, dice, tags=name == "tags")
    if isinstance(value, dict):
        return _object(value, dice)
    if isinstance(value, list):
        return [_object(entry, dice) if isinstance(entry, dict) else entry for entry in value]
    return dice.choice(_scalars(name, value))


def _scalars(name: str, value: Any) -> tuple[Any, ...]:
    if name in ("mode", "role"):
        return (_MODES | _ROLES)[value]
    if name in _INT64:
        return (value, str(value), float(value) if int(float(value)) == value else value)
    if name in _DOUBLE:
        return (value, repr(value))
    return (value, *_base64(value)) if name in _BYTES else (value,)


def _base64(text: str) -> tuple[str, ...]:
    standard, safe = base64.b64encode(text.encode()).decode(), base64.urlsafe_b64encode(text.encode()).decode()
    return standard, standard.rstrip("="), safe, safe.rstrip("=")


def _free(value: Any, dice: random.Random, *, tags: bool) -> Any:
    if tags and value and all(text == "true" for text in value.values()) and dice.random() < 0.5:
        return list(value)
    if isinstance(value, dict):
        pairs = [(key, _free(inner, dice, tags=False)) for key, inner in value.items()]
        dice.shuffle(pairs)
        return dict(pairs)
    if isinstance(value, list):
        return [_free(inner, dice, tags=False) for inner in value]
    if type(value) is int and abs(value) < 2**53:
        return dice.choice((value, float(value)))
    if type(value) is float and value.is_integer():
        return dice.choice((value, int(value)))
    return value
