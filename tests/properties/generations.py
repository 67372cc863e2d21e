"""Strategies: JSON values, items as clients send them, generations of the domain."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.generation import (
    Artifact,
    Generation,
    Media,
    Message,
    ModelRef,
    Part,
    PartMetadata,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)

CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS, max_size=8)
FILLED = st.text(CHARACTERS, min_size=1, max_size=8)
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip)
INT64 = st.one_of(st.integers(0, 9), st.integers(-(2**63), 2**63 - 1))
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='microseconds')}Z")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**1000), 2**1000) | DOUBLES | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ROLES = st.sampled_from(["user", "assistant", "tool", "system"])


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


PARTS = st.one_of(
    st.builds(Part, text=TEXTS, metadata=optional(st.builds(PartMetadata, provider_type=optional(FILLED)))),
    st.builds(Part, thinking=TEXTS),
    st.builds(
        Part, tool_call=st.builds(ToolCall, id=optional(FILLED), name=optional(FILLED), input_json=optional(FILLED))
    ),
    st.builds(
        Part,
        tool_result=st.builds(
            ToolResult, tool_call_id=optional(FILLED), content=optional(FILLED), is_error=optional(st.booleans())
        ),
    ),
    st.builds(Part, media=st.builds(Media, kind=optional(FILLED), url=optional(FILLED))),
    st.builds(Part),
)
MESSAGES = st.lists(
    st.builds(Message, role=optional(ROLES), name=optional(FILLED), parts=st.lists(PARTS, max_size=2).map(tuple)),
    max_size=2,
).map(tuple)
USAGES = st.builds(
    Usage,
    input_tokens=optional(INT64),
    output_tokens=optional(INT64),
    cache_creation_input_tokens=optional(INT64),
    input_semantics=optional(st.sampled_from(["inclusive", "exclusive"])),
)
GENERATIONS = st.builds(
    Generation,
    id=IDS,
    source=st.sampled_from(["sigil", "ingate", "voker", "lifecycle", "otlp"]),
    conversation_id=optional(IDS),
    agent_name=optional(IDS),
    effective_version=optional(st.just("sha256:" + "0" * 64)),
    model=optional(st.builds(ModelRef, provider=optional(IDS), name=optional(IDS))),
    mode=optional(st.sampled_from(["SYNC", "STREAM"])),
    call_error=optional(FILLED),
    started_at=optional(TIMES),
    completed_at=optional(TIMES),
    max_tokens=optional(INT64),
    temperature=optional(DOUBLES),
    tool_choice=optional(TEXTS),
    thinking_enabled=optional(st.booleans()),
    system_prompt=optional(FILLED),
    input=MESSAGES,
    output=MESSAGES,
    tools=st.lists(
        st.builds(Tool, name=TEXTS, description=TEXTS, input_schema_json=TEXTS, deferred=st.booleans()), max_size=2
    ).map(tuple),
    usage=optional(USAGES),
    tags=st.dictionaries(IDS, IDS, max_size=3),
    metadata=st.dictionaries(TEXTS, JSON, max_size=3),
    raw_artifacts=st.lists(st.builds(Artifact, kind=optional(FILLED), uri=optional(FILLED)), max_size=1).map(tuple),
    depends_on=st.lists(IDS, max_size=3, unique=True).map(tuple),
)
