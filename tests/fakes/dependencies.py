"""The depends_on graph in memory."""

import threading
from collections.abc import Sequence


class FakeDependencies:
    """The `Dependencies` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edges: set[tuple[str, str, str]] = set()

    def put_edges(self, tenant: str, edges: Sequence[tuple[str, str]]) -> None:
        with self._lock:
            self._edges.update((tenant, parent, child) for parent, child in edges)

    def kept(self, tenant: str) -> set[tuple[str, str]]:
        """Every edge there is, as (parent, child): for tests."""
        with self._lock:
            return {(parent, child) for of, parent, child in self._edges if of == tenant}
