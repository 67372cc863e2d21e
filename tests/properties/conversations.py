"""Strategies: conversations that can be sent to a provider, whatever is in them."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.extraction.json_values import compact
from chalicelib.domain.generation import Generation, Media, Message, Part, Tool, ToolCall, ToolResult
from tests.properties.generations import DOUBLES, FILLED, IDS, TEXTS, optional

INTEGERS = st.integers(-(2**63), 2**63 - 1)
LEAVES = st.none() | st.booleans() | INTEGERS | DOUBLES.filter(lambda value: not value.is_integer()) | TEXTS
OBJECTS = st.dictionaries(
    TEXTS,
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)),
    max_size=3,
).map(lambda value: compact(value) or "{}")

SAID = st.builds(Part, text=FILLED)
THOUGHTS = st.builds(Part, thinking=FILLED)
IMAGES = st.builds(
    Part, media=st.builds(Media, kind=st.just("image"), url=IDS.map(lambda name: f"https://images.example/{name}"))
)
CALLS = st.builds(Part, tool_call=st.builds(ToolCall, id=FILLED, name=FILLED, input_json=OBJECTS))
RESULTS = st.builds(
    Part, tool_result=st.builds(ToolResult, tool_call_id=FILLED, content=FILLED, is_error=optional(st.booleans()))
)


def some(parts: st.SearchStrategy[Part], least: int = 1) -> st.SearchStrategy[tuple[Part, ...]]:
    """Up to three parts."""
    return st.lists(parts, min_size=least, max_size=3).map(tuple)


def message(role: str, parts: st.SearchStrategy[tuple[Part, ...]]) -> st.SearchStrategy[Message]:
    """A message of a role."""
    return st.builds(Message, role=st.just(role), parts=parts)


SYSTEM = message("system", some(SAID))
USER = message("user", some(SAID | IMAGES))
ASSISTANT = message(
    "assistant", st.tuples(some(THOUGHTS, 0), some(SAID, 0), some(CALLS, 0)).map(lambda each: sum(each, ()))
)
TOOL = message("tool", some(RESULTS))
CONVERSATIONS = st.tuples(USER, st.lists(USER | ASSISTANT | TOOL, max_size=5)).map(lambda each: (each[0], *each[1]))
TOOLS = st.lists(
    st.builds(Tool, name=FILLED, description=TEXTS, type=st.just("function"), input_schema_json=OBJECTS), max_size=3
).map(tuple)
CHOICES = st.sampled_from([None, "auto", "none", "required", "any"]) | FILLED.flatmap(
    lambda name: st.sampled_from(
        [
            {"type": "function", "function": {"name": name}},
            {"type": "function", "name": name},
            {"type": "tool", "name": name},
        ]
    ).map(compact)
)
FRACTIONS = optional(st.floats(0, 1))


def asking(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Generation]:
    """Generations that say how a model is to be asked."""
    return st.builds(
        Generation,
        id=st.just("g"),
        source=st.just("lifecycle"),
        system_prompt=optional(FILLED),
        tools=TOOLS,
        tool_choice=CHOICES,
        max_tokens=optional(st.integers(1, 10**6)),
        temperature=FRACTIONS,
        top_p=FRACTIONS,
        **fields,
    )
