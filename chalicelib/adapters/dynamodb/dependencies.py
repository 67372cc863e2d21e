"""Edges of the depends_on graph, kept with the parent, because a child knows only its parents' ids."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.table import Table


class DynamoDependencies:
    """The `Dependencies` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put_edges(self, tenant: str, edges: Sequence[tuple[str, str]]) -> None:
        """One row per (parent, child)."""
        self._table.put_all((keys.edge(tenant, parent, child), {}) for parent, child in edges)
