"""Generations and findings as hypothesis draws them."""

from hypothesis import strategies as st

from chalicelib.domain.generation import Generation, Message, ModelRef, Part, Tool, Usage
from chalicelib.domain.resource import Findings
from tests.contract.samples import at

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
TIMES = st.none() | st.integers(0, 3000).map(at)
COUNTS = st.none() | st.integers(0, 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
USAGES = st.builds(
    Usage,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    total_tokens=COUNTS,
    cache_read_input_tokens=COUNTS,
    cache_creation_input_tokens=COUNTS,
    reasoning_tokens=COUNTS,
    input_semantics=st.sampled_from([None, "inclusive", "exclusive"]),
)
PARTS = st.builds(Part, text=MAYBE, thinking=MAYBE)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from([None, "user", "assistant"]),
    name=MAYBE,
    parts=st.lists(PARTS, max_size=2).map(tuple),
)
GENERATIONS = st.builds(
    Generation,
    id=st.text(min_size=1, max_size=20),
    source=st.sampled_from(["sigil", "ingate", "voker"]),
    conversation_id=MAYBE,
    trace_id=MAYBE,
    agent_name=MAYBE,
    agent_version=MAYBE,
    model=st.none() | st.builds(ModelRef, provider=MAYBE, name=MAYBE),
    response_model=MAYBE,
    mode=st.sampled_from([None, "SYNC", "STREAM"]),
    call_error=st.none() | TEXT | st.text(min_size=900, max_size=1200),
    started_at=TIMES,
    completed_at=TIMES,
    max_tokens=COUNTS,
    temperature=st.none() | st.floats(0, 2),
    thinking_enabled=st.none() | st.booleans(),
    output=st.lists(MESSAGES, max_size=2).map(tuple),
    tools=st.lists(st.builds(Tool, name=TEXT, deferred=st.booleans()), max_size=2).map(tuple),
    usage=st.none() | USAGES,
    tags=st.dictionaries(TEXT, TEXT, max_size=3),
    metadata=st.dictionaries(TEXT, JSON, max_size=3),
    depends_on=st.lists(TEXT, max_size=3).map(tuple),
)
FINDINGS = st.builds(
    Findings,
    effective_version=MAYBE,
    cost_usd=st.none() | st.floats(0, 10),
    processed_at=TIMES,
    state=st.sampled_from(["processed", "failed"]),
    error=MAYBE,
)
