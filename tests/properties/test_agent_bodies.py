"""No body of the routes that run agents, however broken, does anything but be read or be refused."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.lifecycle.asking import read_asked, read_message, read_outputs
from chalicelib.api.run_configs import read_config
from chalicelib.domain.content import canonical_json, from_stored_json, stored_json
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.generation import Generation
from chalicelib.services.running.agents import Manner
from tests.properties.test_hostile_bodies import ANY_TEXT, ANYTHING

R = TypeVar("R")
CONTENT = ANYTHING | st.lists(ANY_TEXT | st.fixed_dictionaries({"type": st.just("text"), "text": ANY_TEXT}), max_size=3)
SAID = st.fixed_dictionaries({"role": st.sampled_from(["user", "system", "developer", "tool"]), "content": CONTENT})
MESSAGES = st.lists(SAID | ANYTHING, max_size=3)
ASKED = st.sampled_from(
    ["trace_id", "conversationId", "session_id", "depends_on", "max_call_depth", "tags", "metadata", "stream", "x"]
)
OUTPUT = st.fixed_dictionaries({"tool_call_id": st.just("c") | ANYTHING, "output": ANYTHING})
CONFIG = st.sampled_from(["system_prompt", "tools", "max_tokens", "temperature", "max_call_depth", "api_key"])
TOOLS = st.lists(st.dictionaries(st.sampled_from(["name", "type", "function", "parameters"]), ANYTHING), max_size=3)


def outcome(work: Callable[[], R]) -> R | None:
    """What was read; None when it was refused in a few words."""
    try:
        return work()
    except (Malformed, TooLarge) as error:
        refusal = error.message
    assert len(refusal.encode()) < 400
    return None


def is_storable(generation: Generation) -> bool:
    """Raises AssertionError where a generation does not come back as it was stored."""
    canonical_json(generation)
    assert from_stored_json(stored_json(generation)) == generation
    return True


@given(ANYTHING | st.dictionaries(ASKED | ANY_TEXT, ANYTHING), MESSAGES | ANYTHING)
def test_what_an_agent_is_asked_is_read_or_refused(body: Any, messages: Any) -> None:
    whole = {**body, "messages": messages} if isinstance(body, dict) else body
    asked = outcome(lambda: read_asked(whole, None, "random", Manner()))
    assert asked is None or (asked.generation.input and is_storable(asked.generation))


@given(ANYTHING | st.fixed_dictionaries({"tool_outputs": st.lists(OUTPUT | ANYTHING, max_size=3)}))
def test_what_tools_have_answered_is_read_or_refused(body: Any) -> None:
    read = outcome(lambda: read_outputs(body))
    assert read is None or all(each.tool_call_id for each in read[1])


@given(ANYTHING | st.fixed_dictionaries({"message": SAID | ANYTHING}))
def test_a_message_to_a_session_is_read_or_refused(body: Any) -> None:
    message = outcome(lambda: read_message(body))
    assert message is None or is_storable(Generation(id="g", source="lifecycle", input=(message,)))


@given(ANYTHING | st.dictionaries(CONFIG | ANY_TEXT, ANYTHING | TOOLS))
def test_a_configuration_is_read_or_refused(body: Any) -> None:
    whole = {"provider": "main", "model": "m", **body} if isinstance(body, dict) else body
    config = outcome(lambda: read_config("agent", whole))
    assert config is None or is_storable(Generation(id="g", source="lifecycle", tools=config.tools))
