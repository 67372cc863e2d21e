"""Processing: what is priced, what is written, and what one unreadable or foreign generation costs: only itself."""

from typing import Any

import pytest

from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.generation import Generation, ModelRef, Usage
from chalicelib.services.messages import GenerationsStored
from chalicelib.services.ports import Payload, TokenCounts, Window
from chalicelib.services.pricing import billable
from chalicelib.services.process import Process
from tests.contract.samples import head
from tests.fakes.all_ports import fake_ports
from tests.fakes.lineage import FakeLineage
from tests.fakes.prices import FakePrices
from tests.unit.services.world import World, generation, processing_ports, quiet, reading_of

OPENAI, ANTHROPIC = ModelRef(provider="openai", name="gpt"), ModelRef(provider="Anthropic", name="claude")


def used(model: ModelRef | None, semantics: Any = None, **counts: int | None) -> Generation:
    return Generation(id="g", source="sigil", model=model, usage=Usage(input_semantics=semantics, **counts))


BILLS: list[tuple[Generation, TokenCounts | None]] = [
    (Generation(id="g", source="sigil"), None),
    (used(OPENAI), None),
    (used(OPENAI, cache_read_input_tokens=5), None),
    (used(OPENAI, input_tokens=10), TokenCounts(10, 0)),
    (used(OPENAI, output_tokens=3), TokenCounts(0, 3)),
    (used(OPENAI, input_tokens=0, output_tokens=0), TokenCounts(0, 0)),
    (used(OPENAI, input_tokens=10, output_tokens=3, cache_read_input_tokens=4), TokenCounts(10, 3, 4)),
    (used(OPENAI, input_tokens=3, cache_read_input_tokens=4, cache_creation_input_tokens=2), TokenCounts(6, 0, 4, 2)),
    (
        used(ANTHROPIC, input_tokens=10, cache_read_input_tokens=4, cache_creation_input_tokens=2),
        TokenCounts(16, 0, 4, 2),
    ),
    (used(ANTHROPIC, "inclusive", input_tokens=10, cache_read_input_tokens=4), TokenCounts(10, 0, 4)),
    (used(OPENAI, "exclusive", input_tokens=10, cache_read_input_tokens=4), TokenCounts(14, 0, 4)),
    (used(None, input_tokens=10, cache_read_input_tokens=4), TokenCounts(10, 0, 4)),
    (used(OPENAI, input_tokens=-5, output_tokens=-1, cache_read_input_tokens=-3), TokenCounts(0, 0)),
    (used(ANTHROPIC, input_tokens=2**63 - 1, cache_read_input_tokens=1), TokenCounts(2**63, 0, 1)),
]


@pytest.mark.parametrize(("sent", "counts"), BILLS)
def test_billable_input_includes_both_cache_buckets_however_it_was_sent(
    sent: Generation, counts: TokenCounts | None
) -> None:
    assert billable(sent) == counts


def processed(sent: Generation, *known_models: str) -> tuple[dict[str, Any], FakePrices]:
    world = World()
    prices = world.ground.ports.prices
    assert isinstance(prices, FakePrices)
    prices.models = set(known_models)
    world.send([sent])
    world.work()
    return reading_of(world.ground.ports).one("tenant", sent.id), prices


def test_the_cost_is_that_of_the_model_that_answered() -> None:
    sent = used(OPENAI, input_tokens=100, output_tokens=20).model_copy(update={"response_model": "gpt-2026"})
    assert processed(sent, "gpt", "gpt-2026")[0]["cost_usd"] == 1.2
    assert [asked[1] for asked in processed(sent, "gpt", "gpt-2026")[1].asked] == ["gpt-2026"]


def test_a_model_without_a_price_falls_back_to_the_one_that_was_asked() -> None:
    sent = used(OPENAI, input_tokens=100).model_copy(update={"response_model": "gpt-2026"})
    resource, prices = processed(sent, "gpt")
    assert resource["cost_usd"] == 1.0
    assert [asked[:2] for asked in prices.asked] == [("openai", "gpt-2026"), ("openai", "gpt")]


@pytest.mark.parametrize("sent", [used(None, input_tokens=1), used(OPENAI), used(OPENAI, input_tokens=1)])
def test_what_cannot_be_priced_has_no_cost(sent: Generation) -> None:
    assert processed(sent, "another")[0]["cost_usd"] is None


def test_the_effective_version_is_the_one_sent_else_worked_out() -> None:
    sent = Generation(id="g", source="sigil", system_prompt="You are")
    assert processed(sent)[0]["effective_version"] == effective_version("You are", ())
    own = sent.model_copy(update={"effective_version": f"sha256:{'0' * 64}"})
    assert processed(own)[0]["effective_version"] == f"sha256:{'0' * 64}"


def test_edges_lead_from_each_parent_to_its_child() -> None:
    world = World()
    world.send([generation("g").model_copy(update={"depends_on": ("p1", "p2")})])
    world.work()
    lineage = world.ground.ports.lineage
    assert isinstance(lineage, FakeLineage)
    assert lineage.kept("tenant") == {("p1", "g"), ("p2", "g")}


def unreadable_world() -> World:
    """Three generations, the second of which is stored as something that no version of the product can read."""
    world = World()
    world.send([generation("a"), generation("b"), generation("c")])
    stored = world.heads()["b"]
    world.ground.ports.store.put_payloads("tenant", stored.owner, [Payload("b", stored.content_hash, b"{]")])
    return world


def states(world: World, *ids: str) -> list[str]:
    positions = world.ground.ports.index.newest("tenant", None, Window(), 10)
    found = world.ground.ports.index.entries("tenant", positions)
    return [found[one]["processing"]["state"] if one in found else "absent" for one in ids]


def test_one_that_cannot_be_read_costs_itself_only() -> None:
    world = unreadable_world()
    world.work()
    assert world.waiting == []
    assert states(world, "a", "b", "c") == ["processed", "failed", "processed"]


def narrowed(world: World) -> Process:
    ports = world.ground.ports
    return Process(processing_ports(ports), quiet())


def test_giving_up_says_so_of_what_nobody_has_processed() -> None:
    world = World()
    world.send([generation("a"), generation("b")])
    [body] = world.collect()
    message = GenerationsStored.decode(body)
    narrowed(world).give_up(message, "tried five times")
    assert states(world, "a", "b") == ["failed", "failed"]
    world.work()
    assert states(world, "a", "b") == ["processed", "processed"]
    narrowed(world).give_up(message, "tried five times")
    assert states(world, "a", "b") == ["processed", "processed"]
    world.calm_down()
    assert world.keeps_its_promises()


def test_a_message_takes_only_what_its_owner_has_committed() -> None:
    ports = fake_ports()
    item = Payload("g", "0" * 64, b'{"id":"g","source":"sigil"}')
    ports.store.put_payloads("t", "B", [item])
    ports.store.commit("t", [head(item, "B")])
    process = Process(processing_ports(ports), quiet())
    assert process(GenerationsStored("t", "A", (("g", "0" * 64),), 0, "c")) == 0
    assert ports.index.newest("t", None, Window(), 10) == []
    assert process(GenerationsStored("t", "B", (("g", "0" * 64),), 0, "c")) == 1


def test_a_fault_on_the_way_is_told_to_the_queue() -> None:
    world = World()
    world.send([generation("a")])

    def down(*_: Any) -> None:
        raise Unavailable("storage is not available")

    world.work(down)
    assert len(world.waiting) == 1
