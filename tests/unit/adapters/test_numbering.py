"""Numbering ends: with records, or with `Unavailable` after a bounded number of rounds."""

from typing import Any

import pytest

from chalicelib.adapters.dynamodb import numbering
from chalicelib.adapters.dynamodb.numbering import Draft, Numbering
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.errors import Unavailable
from tests.unit.adapters.stingy import client_error

COUNTER, RECORD = ("p", "C"), ("p", "N#a")


class Busy:
    """A client that finds nothing and refuses so many transactions."""

    def __init__(self, refusals: int, reason: str) -> None:
        self.refusals = refusals
        self.refusal = client_error("TransactionCanceledException", 400, "None", reason)
        self.tried: list[Any] = []

    def batch_get_item(self, **_: object) -> dict[str, Any]:
        return {"Responses": {"table": []}}

    def transact_write_items(self, TransactItems: list[Any]) -> None:  # noqa: N803 - boto3's name
        self.tried.append(TransactItems)
        if len(self.tried) <= self.refusals:
            raise self.refusal


@pytest.mark.parametrize("reason", ["ConditionalCheckFailed", "TransactionConflict"])
def test_whoever_loses_tries_again_after_pauses_that_do_not_grow_without_bound(reason: str) -> None:
    naps: list[float] = []
    client = Busy(20, reason)
    made = Numbering(Table(client, "table", naps.append)).create(COUNTER, {RECORD: Draft({"d": "x"})})
    assert made == {RECORD: {"d": "x", "n": 1}}
    assert (len(client.tried), len(naps)) == (21, 20)
    assert max(naps) <= 0.64
    assert max(naps[:3]) <= 0.08


def test_whoever_always_loses_gives_up() -> None:
    client = Busy(1000, "ConditionalCheckFailed")
    with pytest.raises(Unavailable):
        Numbering(Table(client, "table", lambda _: None)).create(COUNTER, {RECORD: Draft({})})
    assert len(client.tried) == numbering.LOST_ROUNDS


def test_nothing_to_create_is_one_read() -> None:
    client = Busy(0, "")
    assert Numbering(Table(client, "table")).create(COUNTER, {}) == {}
    assert client.tried == []


def test_a_transaction_never_has_more_than_a_hundred_actions() -> None:
    client = Busy(0, "")
    drafts = {("p", f"N#{number}"): Draft({}, ("p", f"L#{number}")) for number in range(120)}
    made = Numbering(Table(client, "table")).create(COUNTER, drafts)
    assert sum(len(actions) - 1 for actions in client.tried) == 240
    assert max(len(actions) for actions in client.tried) <= 100
    assert len(made) == 120
