"""The `Steps` port: each id once, listed where it stands, its content readable until it is taken away."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.steps import MOST_INLINE, DynamoSteps
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.s3 import Objects
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import NewStep, Position, StepRecord, Steps
from chalicelib.services.ports.steps import stands_in
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

LARGE = random.Random(1).randbytes(MOST_INLINE).hex().encode()
RACERS = 6


@pytest.fixture
def steps(ground: Ground) -> Steps:
    return ground.ports.steps


def step(
    step_id: str = "s",
    listed_at: str = NOON,
    links: Sequence[str] = (),
    content: bytes = b'{"error":null}',
    digest: str = "a" * 64,
) -> NewStep:
    labels: dict[str, Any] = {"id": step_id, "conversation_id": "c", "step_name": "naïve \U0001f9ea"}
    labels = {**labels, "linked_generation_ids": list(links)} if links else labels
    return NewStep(StepRecord(step_id, digest, NOON, listed_at, labels), content)


def purged(new: NewStep, when: str = NOON) -> NewStep:
    return NewStep(replace(new.record, labels={**new.record.labels, "error": ""}, purged_at=when), b"{}")


@pytest.mark.parametrize("content", [b"{}", LARGE], ids=["inline", "object"])
def test_a_step_is_read_back_by_its_id(steps: Steps, tenant: str, content: bytes) -> None:
    assert (steps.some(tenant, ["s"]), steps.read(tenant, "s")) == ({}, None)
    new = step(links=["g", "h"], content=content)
    assert steps.commit(tenant, [new]) == [new.record]
    assert steps.some(tenant, ["s", "t"]) == {"s": new.record}
    assert steps.read(tenant, "s") == (new.record, content)
    assert steps.read(f"{tenant}!", "s") is None


def test_a_step_is_listed_under_its_conversation_and_each_generation(steps: Steps, tenant: str) -> None:
    new = [step("s", at(1), ["g", "h"]), step("t", at(2), ["g"]), step("u", at(3))]
    steps.commit(tenant, new)
    assert steps.newest(tenant, ("conversation-steps", "c"), None, 10) == [(at(3), "u"), (at(2), "t"), (at(1), "s")]
    assert steps.newest(tenant, ("conversation-steps", "c"), (at(3), "u"), 1) == [(at(2), "t")]
    assert steps.newest(tenant, ("generation-steps", "g"), None, 10) == [(at(2), "t"), (at(1), "s")]
    assert steps.newest(tenant, ("generation-steps", "h"), None, 10) == [(at(1), "s")]
    assert steps.newest(tenant, ("generation-steps", "c"), None, 10) == []
    assert steps.newest(f"{tenant}!", ("conversation-steps", "c"), None, 10) == []


def test_the_first_to_write_an_id_stands(steps: Steps, tenant: str) -> None:
    first, other = step(links=["g"], content=LARGE), step(listed_at=at(5), links=["h"], content=LARGE, digest="b" * 64)
    steps.commit(tenant, [first])
    assert steps.commit(tenant, [other, step("t")]) == [first.record, step("t").record]
    assert steps.commit(tenant, [first]) == [first.record]
    assert steps.read(tenant, "s") == (first.record, LARGE)
    # The list of what lost may name it; what stands tells that it is not there.
    rows: list[Position] = steps.newest(tenant, ("generation-steps", "h"), None, 10)
    assert not any(stands_in(first.record, ("generation-steps", "h"), row) for row in rows)
    [row] = steps.newest(tenant, ("generation-steps", "g"), None, 10)
    assert stands_in(first.record, ("generation-steps", "g"), row)


def test_of_racers_one_stands_and_everybody_learns_which(steps: Steps, tenant: str) -> None:
    racers = [step(content=LARGE + b"%d" % number, digest=f"{number}" * 64) for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        told = [record for [record] in pool.map(lambda racer: steps.commit(tenant, [racer]), racers)]
    found = steps.read(tenant, "s")
    assert found is not None
    assert {record.content_hash for record in told} == {found[0].content_hash}
    assert found[1] == LARGE + b"%d" % int(found[0].content_hash[0])


@pytest.mark.parametrize("content", [b'{"input_state":1}', LARGE], ids=["inline", "object"])
def test_what_is_taken_away_stays_away(steps: Steps, tenant: str, content: bytes) -> None:
    new = step(content=content)
    steps.replace(tenant, purged(new))
    assert steps.read(tenant, "s") is None
    steps.commit(tenant, [new])
    for when in (at(1), at(2)):
        steps.replace(tenant, purged(new, when))
        assert steps.read(tenant, "s") == (purged(new, at(1)).record, b"{}")
    assert steps.commit(tenant, [new]) == [purged(new, at(1)).record]
    assert steps.read(tenant, "s") == (purged(new, at(1)).record, b"{}")


def test_nothing_of_what_was_taken_away_or_refused_is_left_in_the_bucket(ground: Ground, tenant: str) -> None:
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake keeps no objects")
    steps = ground.ports.steps
    steps.commit(tenant, [step(content=LARGE)])
    assert len(objects(ground, tenant)) == 1
    steps.commit(tenant, [step(content=LARGE, digest="b" * 64)])
    assert len(objects(ground, tenant)) == 1
    steps.replace(tenant, purged(step()))
    assert objects(ground, tenant) == []
    steps.commit(tenant, [step(content=LARGE)])
    assert objects(ground, tenant) == []


def objects(ground: AwsGround, tenant: str) -> list[str]:
    found = ground.clients.s3.list_objects_v2(Bucket=ground.bucket, Prefix=f"steps/{tenant}/")
    return [each["Key"] for each in found.get("Contents", [])]


def test_any_ids_stand_side_by_side(steps: Steps, tenant: str) -> None:
    new = [step(name, at(number // 3), [name]) for number, name in enumerate(AWKWARD_IDS)]
    steps.commit(tenant, new)
    assert steps.some(tenant, AWKWARD_IDS) == {each.record.step_id: each.record for each in new}
    for each in new:
        position = (each.record.listed_at, each.record.step_id)
        assert steps.newest(tenant, ("generation-steps", each.record.step_id), None, 9) == [position]
    listed = steps.newest(tenant, ("conversation-steps", "c"), None, 99)
    assert listed == sorted(((each.record.listed_at, each.record.step_id) for each in new), reverse=True)


class Dead(Table):
    """A table that cannot be reached once the rows of lists are there."""

    def put_new(self, *_: Any, **__: Any) -> bool:
        raise Unavailable("dead")


def test_a_death_before_the_commit_leaves_nothing_that_counts(ground: Ground, tenant: str) -> None:
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake never dies halfway")
    dead = Dead(ground.clients.dynamodb, ground.table.name, sleep=lambda _: None)
    with pytest.raises(Unavailable):
        DynamoSteps(dead, Objects(ground.clients.s3, ground.bucket)).commit(tenant, [step(links=["g"], content=LARGE)])
    assert ground.ports.steps.read(tenant, "s") is None
    assert ground.ports.steps.newest(tenant, ("generation-steps", "g"), None, 9) == [(NOON, "s")]
    again = step(listed_at=at(3), links=["g"], content=LARGE)
    assert ground.ports.steps.commit(tenant, [again]) == [again.record]
    rows = ground.ports.steps.newest(tenant, ("generation-steps", "g"), None, 9)
    assert [row for row in rows if stands_in(again.record, ("generation-steps", "g"), row)] == [(at(3), "s")]
