"""Purging in memory: what the fake of the generation store holds."""

from collections.abc import Iterable

from chalicelib.services.ports import Head
from tests.fakes.generations import FakeGenerations


class FakePurge:
    """The `Purge` port."""

    def __init__(self, store: FakeGenerations) -> None:
        self._store = store
        self._forgotten: set[tuple[str, str]] = set()

    def replace(self, tenant: str, head: Head, remains: bytes, at: str) -> Head:
        return self._store.purge(tenant, head.id, remains, at)

    def sweep(self, tenant: str, generation_id: str) -> None:
        self._store.sweep(tenant, generation_id)

    def forget_person(self, tenant: str, person_id: str) -> None:
        self._forgotten.add((tenant, person_id))

    def forgotten(self, tenant: str, person_ids: Iterable[str]) -> set[str]:
        return {each for each in person_ids if (tenant, each) in self._forgotten}
