"""The `Dependencies` port: edges are only ever added."""

from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS


def test_every_edge_is_kept_once(ground: Ground, tenant: str) -> None:
    edges = [(parent, child) for parent in AWKWARD_IDS for child in AWKWARD_IDS]
    ground.ports.dependencies.put_edges(tenant, edges)
    ground.ports.dependencies.put_edges(tenant, edges[::-1])
    ground.ports.dependencies.put_edges(tenant, [])
    assert ground.edges(tenant) == set(edges)


def test_edges_are_the_tenants_own(ground: Ground, tenant: str) -> None:
    ground.ports.dependencies.put_edges(tenant, [("p", "c")])
    assert ground.edges(f"{tenant}!") == set()
