"""Purging: whatever dies, in the end the content is gone, for good, and nothing else is.

The use cases run over the fakes and die before or after each of their calls.
"""

import pytest

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.errors import NotFound
from chalicelib.services.agents import Agents
from chalicelib.services.ports import PURGED, Payload
from chalicelib.services.purge_messages import PURGE_QUEUE, ContentPurged
from tests.contract.grounds import promised
from tests.unit.services.purge_world import (
    WHEN,
    PurgeWorld,
    asked_to_purge,
    batch,
    calls,
    purging_of,
    scored_world,
    secret,
    sent,
)
from tests.unit.services.watched import Dying, When
from tests.unit.services.world import EVERYTHING, reading_of


def test_a_purge_takes_the_content_and_leaves_the_rest() -> None:
    world = scored_world()
    states = world.ground.ports.lineage.states(world.tenant, ["a", "b"])
    assert world.purge("a")
    at_once = reading_of(world.ground.ports).one(world.tenant, "a")
    assert secret("a") not in str(at_once)
    assert at_once["content_purged_at"]
    assert (at_once["input"], at_once["tools"], at_once["prompt"], at_once["exchange"]) == ([], [], None, None)
    assert at_once["error"] == {"message": "[PURGED]", "code": "AI_PROVIDER_ERROR"}
    world.calm_down()
    assert world.is_at_rest("a")
    assert world.ground.ports.lineage.states(world.tenant, ["a", "b"]) == states
    kept = world.ground.ports.scores.of_generation(world.tenant, "a", None, EVERYTHING).rows
    assert [row["passed"] for row in kept] == [False, False]
    assert (kept[0]["explanation"], kept[0]["metadata"], "reasoning" in kept[0]) == (None, {}, False)
    told = world.ground.ports.scores.of_generation(world.tenant, "b", None, EVERYTHING).rows
    assert told[0]["explanation"] == secret("b")


def test_the_version_that_it_defined_has_no_prompt_any_more() -> None:
    world = asked_to_purge()
    world.calm_down()
    agents = Agents(world.ground.ports.catalog, world.ground.ports.store)
    version = reading_of(world.ground.ports).one(world.tenant, "a")["effective_version"]
    shown = agents.lookup(world.tenant, "agent", version)
    assert (shown["system_prompt_prefix"], shown["system_prompt"], shown["tools"]) == ("", None, None)
    assert (shown["generation_count"], shown["tool_count"]) == (1, 1)


def test_purging_again_changes_nothing_and_tells_the_first_time() -> None:
    world = asked_to_purge()
    purge = purging_of(world.ground.ports).generation
    first = purge(world.tenant, "a")
    world.calm_down()
    world.clock.advance(1000)
    assert purge(world.tenant, "a") == first
    world.calm_down()
    assert world.is_at_rest("a")


def test_what_is_not_there_is_not_purged() -> None:
    world = scored_world()
    with pytest.raises(NotFound):
        purging_of(world.ground.ports).generation(world.tenant, "unknown")
    with pytest.raises(NotFound):
        purging_of(world.ground.ports).generation("another", "a")
    assert promised(world.ground) == []


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("when", WHEN)
def test_a_purge_may_die_at_any_call(when: When, again: bool) -> None:
    """Then either nothing has happened, or all of it will."""
    for at in calls(scored_world, lambda world, hook: world.purge("a", hook)):
        world = scored_world()
        assert not world.purge("a", Dying(at, when))
        begun = bool(world.purged() or promised(world.ground))
        if again:
            assert world.purge("a")
        world.calm_down()
        assert world.is_at_rest(*("a" if begun or again else "")), at


@pytest.mark.parametrize("when", WHEN)
def test_the_purge_worker_may_die_at_any_call(when: When) -> None:
    for at in calls(asked_to_purge, lambda world, hook: world.work_purges(hook)):
        world = asked_to_purge()
        world.work_purges(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a"), at


@pytest.mark.parametrize("when", WHEN)
def test_the_worker_may_have_to_do_all_of_it_and_die_at_any_call(when: When) -> None:
    """The request died behind its promise, and the queue was down for a while: nobody is left to clean up after it."""

    def prepared() -> PurgeWorld:
        world = scored_world()
        told = ContentPurged(tenant=world.tenant, correlation_id="c", generation_ids=("a", "b", "lost"), final=True)
        world.ground.ports.queue.send(PURGE_QUEUE, [told.encode()])
        return world

    for at in calls(prepared, lambda world, hook: world.work_purges(hook)):
        world = prepared()
        world.work_purges(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a", "b"), at


def test_a_purge_while_it_is_pending_loses_nothing_but_the_content() -> None:
    world = PurgeWorld()
    world.send(batch())
    assert world.purge("a")
    pending = reading_of(world.ground.ports).one(world.tenant, "a")
    assert secret("a") not in str(pending)
    assert pending["processing"]["state"] == "pending"
    world.calm_down()
    assert world.is_at_rest("a")
    catalog = world.ground.ports.catalog
    version = reading_of(world.ground.ports).one(world.tenant, "a")["effective_version"]
    assert catalog.version(world.tenant, "agent", version) is None


@pytest.mark.parametrize("when", WHEN)
def test_a_worker_may_die_over_what_was_purged_while_pending(when: When) -> None:
    def prepared() -> PurgeWorld:
        world = PurgeWorld()
        world.send(batch())
        world.purge("a")
        return world

    for at in calls(prepared, lambda world, hook: world.work(hook)):
        world = prepared()
        world.work(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a"), at


def test_a_content_that_nobody_can_read_is_purged_too() -> None:
    world = sent()
    stored = world.heads()["a"]
    world.ground.ports.store.put_payloads(
        world.tenant, stored.owner, [Payload("a", stored.content_hash, secret("a").encode())]
    )
    assert world.purge("a")
    world.calm_down()
    assert secret("a") not in world.ground.everything(world.tenant)
    assert reading_of(world.ground.ports).one(world.tenant, "a")["content_purged_at"]


def test_what_is_stored_instead_says_so() -> None:
    world = asked_to_purge()
    content = world.ground.ports.store.contents(world.tenant, [("a", PURGED)])["a"]
    assert from_stored_json(content).content_dropped == "PURGED"
