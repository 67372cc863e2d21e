"""A write whose answer is lost is sent again by botocore; whoever wrote is told that it was they."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.agent_session import AgentSession
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.run import Course, blank
from chalicelib.services.ports import Session
from tests.contract.aws_ground import AwsGround, clients_of, provisioned
from tests.contract.samples import NOON, at, head, payload
from tests.contract.test_scores import score
from tests.unit.services.lost_answers import LostAnswers

LONG = "".join(chr(33 + (number * number * 7 + number // 3) % 90) for number in range(200_000))
FIRST = Course(last_activity_at=NOON, version=1)
SECOND = replace(FIRST, version=2)
SESSION = AgentSession("s", "agent", "c", NOON, NOON, version=1)

pytestmark = pytest.mark.moto


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[AwsGround, LostAnswers]]:
    with mock_aws():
        clients = clients_of(None)
        yield AwsGround("moto", clients, provisioned(None)), LostAnswers(clients)


@pytest.fixture
def ground(world: tuple[AwsGround, LostAnswers]) -> Iterator[AwsGround]:
    """A ground that loses each answer once."""
    ground, answers = world
    ground.empty_table()
    with answers.losing():
        yield ground
        assert answers.lost


@pytest.mark.parametrize("text", ["short", LONG], ids=["row", "object"])
def test_a_course_is_saved(ground: AwsGround, text: str) -> None:
    courses = ground.ports.courses
    for version in (1, 2, 3):
        course = replace(FIRST, version=version, overlay=blank("r", metadata={"text": f"{text}{version}"}))
        assert courses.save("t", "r", course)
        assert courses.read("t", ["r"]) == {"r": course}
        assert ground.objects("t") == ground.named_objects("t")


def test_a_course_that_was_saved_by_another_is_not_saved(ground: AwsGround) -> None:
    courses = ground.ports.courses
    long = replace(FIRST, overlay=blank("r", metadata={"text": LONG}))
    assert courses.save("t", "r", long)
    assert not courses.save("t", "r", long)
    assert not courses.save("t", "other", SECOND)
    assert courses.read("t", ["r"]) == {"r": long}
    assert ground.objects("t") == ground.named_objects("t")


def test_a_session_is_saved_once(ground: AwsGround) -> None:
    sessions = ground.ports.agent_sessions
    for version in (1, 2):
        session = replace(SESSION, version=version, run=f"run-{version}")
        assert sessions.save("t", session)
        assert not sessions.save("t", session)
        assert sessions.get("t", "s") == session


def test_a_head_is_its_owners(ground: AwsGround) -> None:
    mine = head(payload("g", b"1"))
    assert ground.ports.store.commit("t", [mine]) == [mine]
    assert ground.ports.store.commit("t", [replace(mine, owner="other")]) == [mine]


def test_scores_are_their_owners(ground: AwsGround) -> None:
    scores = ground.ports.scores
    assert scores.commit("t", "K1", [score("s1"), score("s2")]) == [True, True]
    assert scores.commit("t", "K2", [score("s2"), score("s3")]) == [False, True]


def test_a_session_of_a_person_is_opened_once(ground: AwsGround) -> None:
    assert ground.ports.people.open_session("t", Session("s", NOON))
    assert not ground.ports.people.open_session("t", Session("s", at(1)))


def test_a_transaction_that_is_sent_again_carries_the_token_by_which_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    tokens: list[str] = []

    def lose(request: Any, **_: Any) -> AWSResponse:
        tokens.append(json.loads(request.body)["ClientRequestToken"])
        return AWSResponse(request.url, 500, {}, SimpleNamespace(stream=lambda **_: [b"{}"], close=lambda: None))

    client = clients_of(None).dynamodb
    client.meta.events.register_first("before-send", lose)
    for _ in range(2):
        with pytest.raises(Unavailable):
            Table(client, "table").transact_once([])
    assert [tokens[:3], tokens[3:]] == [[tokens[0]] * 3, [tokens[3]] * 3]
    assert tokens[0] != tokens[3]
