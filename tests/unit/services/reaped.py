"""A world over moto whose processes the reaper may visit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from moto import mock_aws

from chalicelib.adapters.dynamodb import keys
from tests.contract.aws_ground import AwsGround, clients_of, provisioned
from tests.unit.services.reaper import Reaper
from tests.unit.services.watched import Killed

SHARDS = ("OUTBOX_SHARDS", "LIST_SHARDS", "RUN_SHARDS")


class Reaped:
    """What a world that may die at any call of AWS has beside its tenant's pipeline."""

    reaper: Reaper

    def dies(self, at: int, act: Callable[[], object]) -> int:
        """Let a process die; gives how many calls it made."""
        self.reaper.arm(at)
        with suppress(Killed):
            act()
        calls = self.reaper.calls
        self.reaper.arm(0)
        return calls

    def loses(self, at: int, act: Callable[[], object], meanwhile: Callable[[], object] | None = None) -> None:
        """Lose the answer to a call of AWS, which is then made again, after what others do meanwhile."""
        with self.reaper.answers.losing(at, meanwhile):
            act()


@contextmanager
def reaped_ground(inline_bytes: int) -> Iterator[tuple[AwsGround, Reaper]]:
    """A ground over moto in which longer contents are objects, and its reaper."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for shards in SHARDS:
            patch.setattr(keys, shards, 2)  # every one costs a query
        clients = clients_of(None)
        yield AwsGround("moto", clients, provisioned(None), inline_bytes=inline_bytes), Reaper(clients)
