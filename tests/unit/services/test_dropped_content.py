"""Generations without content: what is left of a purge, and of a redaction that failed."""

import pytest

from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.generation import Generation
from chalicelib.services.agents import Agents
from chalicelib.services.ports import Window
from chalicelib.services.purging import remains_of
from tests.unit.services.purge_world import PurgeWorld, secret, telling
from tests.unit.services.world import reading_of


def dropped(**fields: object) -> Generation:
    """What the redaction that failed has left."""
    known = {"id": "a", "source": "ingate", "agent_name": "agent", "depends_on": ("parent",), **fields}
    return Generation.model_validate({**known, "content_dropped": "REDACTION_FAILED"})


def shown_after_processing(sent: Generation, *, purged: bool = False) -> tuple[PurgeWorld, dict[str, object]]:
    world = PurgeWorld()
    world.send([sent])
    if purged:
        world.purge("a")
    world.calm_down()
    return world, reading_of(world.ground.ports).one(world.tenant, "a")


@pytest.mark.parametrize("purged", [False, True])
@pytest.mark.parametrize(("exchange", "extraction"), [(None, "not_applicable"), ({"status_code": 500}, "failed")])
def test_what_could_not_be_redacted_is_listed_and_counted_as_failed(
    exchange: object, extraction: str, purged: bool
) -> None:
    """Also when it was purged before it was processed."""
    world, shown = shown_after_processing(dropped(exchange=exchange), purged=purged)
    assert shown["processing"] == {"state": "failed", "extraction": extraction, "error": "REDACTION_FAILED"}
    assert (shown["effective_version"], shown["status"]) == (None, "failed" if exchange else "completed")
    [agent] = Agents(world.ground.ports.catalog, world.ground.ports.store).page(world.tenant, None, 9).items
    assert agent["generation_count"] == 1
    assert world.ground.ports.catalog.versions(world.tenant, "agent", None, 9).rows == []
    assert world.ground.edges(world.tenant) == {("parent", "a")}
    states = world.ground.ports.lineage.states(world.tenant, ["a"])
    assert bool(states) == bool(exchange)
    assert world.purge("a")
    world.calm_down()
    again = reading_of(world.ground.ports).one(world.tenant, "a")
    assert again["processing"] == shown["processing"]


def test_a_version_that_was_sent_is_that_of_what_could_not_be_redacted() -> None:
    version = f"sha256:{'0' * 64}"
    world, shown = shown_after_processing(dropped(effective_version=version))
    assert shown["effective_version"] == version
    assert world.ground.ports.catalog.version(world.tenant, "agent", version) is None
    positions = world.ground.ports.index.newest(world.tenant, ("version", version), Window(), 9)
    assert [name for _, name in positions] == ["a"]


def test_what_may_stay_is_what_is_never_content() -> None:
    whole = telling("a")
    remains = remains_of(whole)
    assert secret("a") not in repr(remains)
    assert remains_of(remains) == remains
    assert remains.content_dropped == "PURGED"
    read = read_exchange(whole).generation
    for name in ("usage", "tags", "depends_on", "model", "person_id", "agent_name", "error_code"):
        assert getattr(remains, name) == getattr(read, name)
