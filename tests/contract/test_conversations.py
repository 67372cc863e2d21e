"""The `Conversations` port: one record per conversation, the first one stands, listed newest first."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.adapters.dynamodb.conversations import DynamoConversations
from chalicelib.services.ports import Conversation, Conversations, Position
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

OWNER, OTHER = "K1", "K2"
RACERS = 6


@pytest.fixture
def conversations(ground: Ground) -> Conversations:
    return ground.ports.conversations


def another_process(ground: Ground) -> Conversations:
    """The port as a process has it that knows nothing yet."""
    return DynamoConversations(ground.table) if isinstance(ground, AwsGround) else ground.ports.conversations


def test_the_first_sight_stands_whoever_comes_later(ground: Ground, conversations: Conversations, tenant: str) -> None:
    conversations.register(tenant, OWNER, [])
    conversations.register(tenant, OWNER, [Conversation("c", NOON)])
    for later in (conversations, another_process(ground)):
        for owner in (OWNER, OTHER):
            later.register(tenant, owner, [Conversation("c", at(9)), Conversation("new", at(3))])
    assert conversations.newest(tenant, None, 10) == [(at(3), "new"), (NOON, "c")]
    assert conversations.newest(f"{tenant}!", None, 10) == []


def test_racing_messages_list_it_once(ground: Ground, tenant: str) -> None:
    racers = [(another_process(ground), f"K{n % 2}", [Conversation("c", at(n))]) for n in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda racer: racer[0].register(tenant, racer[1], racer[2]), racers))
    assert [name for _, name in ground.ports.conversations.newest(tenant, None, 10)] == ["c"]


@pytest.mark.parametrize("limit", [1, 4, 200])
def test_conversations_are_listed_newest_first_whatever_their_ids(
    conversations: Conversations, tenant: str, limit: int
) -> None:
    everything = [Conversation(name, at(number // 3)) for number, name in enumerate(AWKWARD_IDS)]
    conversations.register(tenant, OWNER, everything)
    listed: list[Position] = []
    while page := conversations.newest(tenant, listed[-1] if listed else None, limit):
        assert len(page) <= limit
        listed += page
    assert listed == sorted(((each.created_at, each.conversation_id) for each in everything), reverse=True)


def test_conversations_are_no_traces(ground: Ground, conversations: Conversations, tenant: str) -> None:
    conversations.register(tenant, OWNER, [Conversation("c", NOON)])
    assert ground.ports.traces.newest(tenant, None, 10) == []
    assert ground.ports.index.oldest(tenant, ("conversation", "c")) is None
