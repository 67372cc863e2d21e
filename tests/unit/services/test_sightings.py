"""What a message adds to the agent catalog."""

from chalicelib.domain.generation import Generation, ModelRef, Tool
from chalicelib.services.ports import CatalogKey, Conversation, Head, NewAgent, Seen, Trace
from chalicelib.services.sightings import (
    Sighting,
    agents_in,
    conversations_in,
    positions_in,
    sights_in,
    traces_in,
    versions_in,
)
from tests.contract.samples import NOON, at


def sighting(name: str, position: int = 0, version: str = "v", created_at: str = NOON, **fields: object) -> Sighting:
    generation = Generation.model_validate({"id": name, "source": "sigil", "agent_name": "a", **fields})
    return Sighting(Head(name, "h", "K1", position, created_at, created_at, 1), generation, version)


def test_an_agent_was_at_work_when_its_call_ended_else_began_else_came_in() -> None:
    assert sighting("g", completed_at=at(3), started_at=at(1)).seen_at == at(3)
    assert sighting("g", started_at=at(1)).seen_at == at(1)
    assert sighting("g").seen_at == NOON


def test_a_generation_counts_for_its_agent_version_model_and_declared_version() -> None:
    full = sighting("g", agent_version="1.0", model=ModelRef(provider="openai", name="gpt"))
    assert full.counted_keys() == [
        CatalogKey("a"),
        CatalogKey("a", "v"),
        CatalogKey("a", "v", ("model", "openai", "gpt")),
        CatalogKey("a", "v", ("declared", "1.0")),
    ]
    nameless = sighting("g", model=ModelRef(provider="openai"), agent_name=None)
    assert nameless.counted_keys() == [CatalogKey(""), CatalogKey("", "v")]
    unprovided = sighting("g", model=ModelRef(name="gpt"))
    assert unprovided.counted_keys()[2:] == [CatalogKey("a", "v", ("model", "", "gpt"))]


def test_an_agent_is_made_at_its_earliest_receipt() -> None:
    seen = [sighting("1", created_at=at(5)), sighting("2", created_at=at(2)), sighting("3", agent_name=None)]
    assert agents_in(seen) == [NewAgent("a", at(2)), NewAgent("", NOON)]


def test_a_version_is_defined_by_its_earliest_sighting() -> None:
    tools = (Tool(name="search", description="d", type="function", input_schema_json="{}"),)
    seen = [
        sighting("late", completed_at=at(9)),
        sighting("early", completed_at=at(1), system_prompt="p" * 200, tools=tools),
        sighting("other", version="w"),
    ]
    record, other = versions_in(seen)
    assert (record.effective_version, record.definition, record.first_seen_at) == ("v", "early", at(1))
    assert (record.system_prompt_prefix, record.tool_count) == ("p" * 160, 1)
    assert record.token_estimate["system_prompt"] == 50
    assert record.token_estimate["total"] == 50 + record.token_estimate["tools_total"]
    assert (other.effective_version, other.system_prompt_prefix, other.tool_count) == ("w", "", 0)


def test_sights_span_from_the_first_to_the_last() -> None:
    seen = [sighting("1", completed_at=at(5)), sighting("2", completed_at=at(2)), sighting("3", version="w")]
    assert sights_in(seen) == {
        CatalogKey("a"): Seen(NOON, at(5)),
        CatalogKey("a", "v"): Seen(at(2), at(5)),
        CatalogKey("a", "w"): Seen(NOON, NOON),
    }


def test_each_position_counts_for_what_stands_at_it() -> None:
    seen = [sighting("1", 7), sighting("2", 3, "w")]
    assert positions_in(seen) == {
        7: [CatalogKey("a"), CatalogKey("a", "v")],
        3: [CatalogKey("a"), CatalogKey("a", "w")],
    }


def test_nothing_seen_is_nothing_said() -> None:
    assert not any((agents_in([]), versions_in([]), sights_in([]), positions_in([])))


def test_a_trace_is_seen_as_its_earliest_receipt_has_it() -> None:
    head = Head("g", "h", "K1", 0, NOON, NOON, 1, project_id="of the key")
    seen = [
        sighting("late", created_at=at(3), trace_id="t", agent_name="b"),
        sighting("early", created_at=at(2), trace_id="t", agent_name=None, project_id="p"),
        sighting("traceless"),
        sighting("other", created_at=at(4), trace_id="u"),
    ]
    pairs = [(each.head, each.generation) for each in seen]
    expected = [Trace("t", at(2), None, "p"), Trace("u", at(4), "a", "default")]
    assert traces_in(pairs) == expected
    assert traces_in([(head, seen[0].generation)]) == [Trace("t", NOON, "b", "of the key")]
    assert traces_in([]) == []


def test_a_conversation_is_made_at_its_earliest_receipt() -> None:
    seen = [
        sighting(str(second), created_at=at(second), conversation_id=name)
        for second, name in ((3, "c"), (4, "d"), (2, "c"), (1, None))
    ]
    pairs = [(each.head, each.generation) for each in seen]
    assert conversations_in(pairs) == [Conversation("c", at(2)), Conversation("d", at(4))]
    assert conversations_in([]) == []
