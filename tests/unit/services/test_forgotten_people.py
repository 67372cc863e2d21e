"""People who are forgotten: what there is of theirs goes, and what still arrives."""

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.services import purging
from chalicelib.services.messages import GenerationsStored
from chalicelib.services.process import Process
from chalicelib.services.purge_messages import PURGE_QUEUE, ContentPurged, PersonForgotten, decode
from tests.fakes.queue import FakeQueue
from tests.unit.services.purge_world import WHEN, Before, PurgeWorld, calls, scored_world, secret, sent, telling
from tests.unit.services.watched import Call, Dying, When
from tests.unit.services.world import processing_ports, quiet


@pytest.mark.parametrize("when", WHEN)
def test_forgetting_a_person_may_die_at_any_call(when: When) -> None:
    for at in calls(scored_world, lambda world, hook: world.forget("ada", hook)):
        world = scored_world()
        assert not world.forget("ada", Dying(at, when))
        assert world.forget("ada")
        world.calm_down()
        assert world.is_at_rest("a", "b"), at


def forgotten(*, page: int = purging.PAGE) -> PurgeWorld:
    world = scored_world()
    world.send([telling(f"more-{number}") for number in range(page)])
    world.send([telling("by", person="byron")])
    world.work_all()
    assert world.forget("ada")
    return world


@pytest.mark.parametrize("slice_ends", [False, True])
@pytest.mark.parametrize("when", WHEN)
def test_a_long_list_is_handed_on_and_a_worker_may_die_over_it(
    when: When, slice_ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "PAGE", 2)
    if slice_ends:
        monkeypatch.setattr(purging, "SLICE", -purging.SLICE)
    for at in calls(lambda: forgotten(page=3), lambda world, hook: world.work_purges(hook)):
        world = forgotten(page=3)
        world.work_purges(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a", "b", "more-0", "more-1", "more-2"), at


def test_the_rest_of_a_list_is_a_message_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "PAGE", 2)
    monkeypatch.setattr(purging, "SLICE", -purging.SLICE)
    world = forgotten(page=3)
    world.work_purges()
    told = [decode(message.body) for message in world.ground.take(PURGE_QUEUE)]
    assert [type(each) for each in told] == [ContentPurged, PersonForgotten]
    assert isinstance(told[1], PersonForgotten)
    assert told[1].after


def test_a_list_that_is_purged_is_not_purged_again() -> None:
    world = forgotten()
    world.calm_down()
    world.forget("ada")
    assert world.work_purges() == 1
    assert world.ground.take(PURGE_QUEUE) == []


def test_the_same_person_of_another_tenant_is_another_person() -> None:
    world = scored_world()
    other = PurgeWorld(world.ground, "another")
    other.send([telling("other")])
    other.work_all()
    world.forget("ada")
    world.calm_down()
    assert world.purged() == {"a", "b"}
    assert other.purged() == set()


@pytest.mark.parametrize("when", WHEN)
def test_what_still_arrives_of_a_forgotten_person_goes(when: When) -> None:
    """Wherever the worker dies that finds it; what is of others stays."""

    def prepared() -> PurgeWorld:
        world = scored_world()
        world.forget("ada")
        world.calm_down()
        world.send([telling("late"), telling("by", person="byron")])
        return world

    for at in [0, *calls(prepared, lambda world, hook: world.work(hook))]:
        world = prepared()
        world.work(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a", "b", "late"), at


def test_who_is_forgotten_while_a_worker_is_at_it_is_forgotten() -> None:
    for at in calls(sent, lambda world, hook: world.work(hook)):
        world = sent()
        world.work(Before(at, lambda world=world: (world.forget("ada"), world.work_purges())))  # type: ignore[misc]
        world.calm_down()
        assert world.is_at_rest("a", "b"), at


def test_of_a_forgotten_person_even_what_was_given_up_goes() -> None:
    world = scored_world()
    world.forget("ada")
    world.calm_down()
    world.send([telling("late")])
    [body] = world.collect()
    world.waiting = []
    process = Process(processing_ports(world.ground.ports), quiet())
    process.give_up(GenerationsStored.decode(body), "tried five times")
    world.calm_down()
    assert world.purged() == {"a", "b", "late"}
    assert secret("late") not in world.ground.everything(world.tenant)


def test_a_worker_that_cannot_tell_of_it_fails() -> None:
    world = scored_world()
    world.forget("ada")
    world.calm_down()
    world.send([telling("late").model_copy(update={"call_error": None, "exchange": None})])
    [body] = world.collect()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    queue.down = True
    with pytest.raises(Unavailable):
        Process(processing_ports(world.ground.ports), quiet())(GenerationsStored.decode(body))


def test_nobody_is_asked_about_who_names_no_person() -> None:
    asked: list[str] = []

    def note(method: Call, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        asked.append(method.__name__)
        return method(*args, **kwargs)

    world = PurgeWorld()
    world.send([telling("c", person=None)])
    world.work(note)
    assert "put" in asked
    assert "forgotten" not in asked
