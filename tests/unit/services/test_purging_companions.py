"""What tells of a purged generation beside it goes with it, whenever it arrives; the rest of it stays."""

from typing import Any

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.rating import BAD
from chalicelib.services.step_reading import StepReading
from tests.contract.grounds import promised
from tests.unit.services.purge_world import (
    WHEN,
    Before,
    PurgeWorld,
    asked_to_purge,
    calls,
    purging_of,
    rating_of,
    scored_world,
    secret,
    step_of,
)
from tests.unit.services.watched import Dying, When


def shown(world: PurgeWorld, step_id: str) -> dict[str, Any]:
    return StepReading(world.ground.ports.steps).one(world.tenant, step_id)


def test_the_states_of_its_steps_and_the_words_of_its_ratings_go_and_the_rest_stays() -> None:
    world = asked_to_purge()
    before = shown(world, "step-a")
    assert secret("a") in str(before)
    world.calm_down()
    after = shown(world, "step-a")
    gone = {"input_state": {}, "output_state": {}, "metadata": {}, "error": {"message": "[PURGED]"}}
    assert after == before | gone | {"content_purged_at": after["content_purged_at"]}
    assert after["content_purged_at"]
    assert secret("b") in str(shown(world, "step-b"))
    ratings = world.ground.ports.ratings.some(world.tenant, "conversation", ["rating-a", "rating-b"])
    assert {name: dict(each.document) for name, each in ratings.items()} == {
        "rating-a": {},
        "rating-b": dict(rating_of("b").document),
    }
    assert {each.mark.verdict for each in ratings.values()} == {BAD}
    assert len(world.ground.ports.ratings.marks(world.tenant, "conversation")) == 2


def test_a_rating_loses_its_words_wherever_it_stands() -> None:
    world = scored_world()
    late = rating_of("a")
    for number in range(3):
        assert world.rate(late, conversation_id=f"elsewhere-{number}")
    other = rating_of("b")
    assert world.rate(other, conversation_id="elsewhere-0")
    world.purge("a")
    world.calm_down()
    ratings = world.ground.ports.ratings
    for number in range(3):
        assert dict(ratings.some(world.tenant, f"elsewhere-{number}", ["rating-a"])["rating-a"].document) == {}
    assert dict(ratings.some(world.tenant, "elsewhere-0", ["rating-b"])["rating-b"].document) == other.document


def test_a_retry_of_what_was_emptied_is_accepted_and_restores_nothing() -> None:
    world = asked_to_purge()
    world.calm_down()
    assert world.step([step_of("a")])
    assert world.rate(rating_of("a"))
    assert world.is_at_rest("a")


def test_what_comes_later_is_emptied_before_it_is_stored() -> None:
    """A step may be linked to others, too: what it holds of the purged one cannot be told apart."""
    world = asked_to_purge()
    world.calm_down()
    assert world.step([step_of("b", "a"), step_of("a", "unknown")])
    late = rating_of("a")
    assert world.rate(type(late)("later", late.verdict, late.generation_id, late.document))
    assert world.is_at_rest("a")
    assert shown(world, "step-b-a")["content_purged_at"]


@pytest.mark.parametrize("thing", ["step", "rating"])
def test_what_is_on_its_way_while_it_is_purged_is_emptied_too(thing: str) -> None:
    """At any moment between its arrival and its commit the generation may be purged."""

    def arrive(world: PurgeWorld, hook: Any) -> object:
        if thing == "step":
            return world.step([step_of("a", "late")], hook)
        late = rating_of("a")
        return world.rate(type(late)("later", late.verdict, late.generation_id, late.document), hook)

    for at in calls(scored_world, arrive):
        world = scored_world()

        def purged(world: PurgeWorld = world) -> None:
            world.purge("a")
            world.work_all()

        arrive(world, Before(at, purged))
        world.calm_down()
        assert world.is_at_rest("a"), at


@pytest.mark.parametrize("when", WHEN)
def test_a_step_may_be_emptied_by_itself_whatever_dies(when: When) -> None:
    def act(world: PurgeWorld, hook: Any) -> bool:
        return world.empty_step("step-c", hook)

    for at in calls(scored_world, act):
        world = scored_world()
        assert not act(world, Dying(at, when))
        assert act(world, Dying())
        first = shown(world, "step-c")["content_purged_at"]
        world.clock.advance(1000)
        assert act(world, Dying())
        assert shown(world, "step-c")["content_purged_at"] == first
        assert secret("c") not in str(shown(world, "step-c"))


def test_what_is_not_there_is_not_emptied() -> None:
    world = scored_world()
    for tenant, step_id in ((world.tenant, "unknown"), ("another", "step-a")):
        with pytest.raises(NotFound):
            purging_of(world.ground.ports).step(tenant, step_id)
    assert promised(world.ground) == []
    assert shown(world, "step-a")["content_purged_at"] is None
