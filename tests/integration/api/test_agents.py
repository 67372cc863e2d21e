"""The agent catalog: what agents were seen, in which effective versions, how often and when."""

from typing import Any

import pytest

from chalicelib.api.run_configs import UNCONFIGURED
from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.generation import Tool
from tests.integration.api import items
from tests.integration.api.service import Service, Tenant

pytestmark = pytest.mark.moto

TOOL = {"name": "weather", "description": "d" * 7, "type": "function", "input_schema_json": "{}", "deferred": False}
ONE, TWO = effective_version("Be kind.", []), effective_version("Be kind.", [Tool(**TOOL)])  # type: ignore[arg-type]


def seen(generation_id: str, minute: int, *, tools: bool, **fields: object) -> dict[str, Any]:
    """A generation of the agent `writer` that ended at a minute past ten."""
    return items.small(
        generation_id,
        agent_name="writer",
        system_prompt="Be kind.",
        completed_at=f"2026-03-01T10:{minute:02}:00Z",
        **({"tools": [TOOL]} if tools else {}),
        **fields,
    )


def at(minute: int) -> str:
    """The stored form of that minute."""
    return f"2026-03-01T10:{minute:02}:00.000000Z"


@pytest.fixture
def writer(service: Service, tenant: Tenant) -> Tenant:
    """A tenant whose agent `writer` has had two versions, seen in no order and in several messages."""
    claude = {"provider": "anthropic", "name": "claude-3-5-haiku-latest"}
    tenant.accept(seen("g-1", 5, tools=False, agent_version="1.0"), seen("g-2", 3, tools=False, agent_version="1.1"))
    tenant.accept(seen("g-3", 9, tools=True, agent_version="2.0"), seen("g-4", 1, tools=False, agent_version="1.0"))
    tenant.accept(seen("g-5", 7, tools=True, model=claude))
    service.work()
    return tenant


def test_an_agent_is_counted_over_all_its_versions(writer: Tenant) -> None:
    answer = writer.get("/api/v1/agents/writer")
    assert answer.status == 200
    assert answer.body == answer.body | {
        "agent_name": "writer",
        "generation_count": 5,
        "first_seen_at": at(1),
        "last_seen_at": at(9),
    }
    assert answer.body["latest_version"]["effective_version"] == TWO
    listed = {key: value for key, value in answer.body.items() if key not in {"latest_version", *UNCONFIGURED}}
    assert writer.get("/api/v1/agents").body == {"items": [listed], "next_cursor": None}


def test_a_version_tells_counts_sights_models_and_declared_versions(writer: Tenant) -> None:
    two, one = writer.listed(200, "/api/v1/agents:versions", name="writer")
    assert (two["effective_version"], one["effective_version"]) == (TWO, ONE)
    assert (two["generation_count"], one["generation_count"]) == (2, 3)
    assert (one["first_seen_at"], one["last_seen_at"]) == (at(1), at(5))
    assert (one["declared_version_first"], one["declared_version_latest"]) == ("1.0", "1.0")
    assert [(each["agent_version"], each["generation_count"]) for each in one["declared_versions"]] == [
        ("1.0", 2),
        ("1.1", 1),
    ]
    assert [(each["provider"], each["name"], each["generation_count"]) for each in two["models"]] == [
        ("anthropic", "claude-3-5-haiku-latest", 1),
        ("openai", "gpt-4o-mini", 1),
    ]
    assert one["system_prompt_prefix"] == "Be kind."
    assert (one["tool_count"], two["tool_count"]) == (0, 1)
    assert two["token_estimate"] == {"system_prompt": 2, "tools_total": 7, "total": 9}


def test_lookup_gives_a_version_with_its_prompt_and_tools(writer: Tenant) -> None:
    newest = writer.get("/api/v1/agents:lookup", name="writer").body
    assert newest["system_prompt"] == "Be kind."
    assert newest["tools"] == [{**TOOL, "token_estimate": 7}]
    older = writer.get("/api/v1/agents:lookup", name="writer", version=ONE).body
    assert (older["effective_version"], older["tools"]) == (ONE, [])


def test_a_generation_without_an_agent_belongs_to_the_anonymous_one(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1", agent_name=""))
    service.work()
    found = tenant.get("/api/v1/agents:lookup?name=")
    assert (found.status, found.body["agent_name"], found.body["generation_count"]) == (200, "", 1)
    assert [each["generation_count"] for each in tenant.get("/api/v1/agents:versions?name=").body["items"]] == [1]
    assert [each["agent_name"] for each in tenant.listed(200, "/api/v1/agents")] == [""]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_lists_of_agents_and_versions_are_walked_without_gap_or_repeat(service: Service, limit: int) -> None:
    tenant = service.tenant("many-agents")
    tenant.accept(*(items.small(f"a-{number}", agent_name=f"agent #{number}") for number in range(5)))
    tenant.accept(*(items.small(f"v-{number}", agent_name="one", system_prompt=f"p{number}") for number in range(5)))
    service.work()
    agents = [each["agent_name"] for each in tenant.listed(limit, "/api/v1/agents")]
    assert sorted(agents) == [*(f"agent #{number}" for number in range(5)), "one"]
    versions = [each["effective_version"] for each in tenant.listed(limit, "/api/v1/agents:versions", name="one")]
    assert sorted(versions) == sorted(effective_version(f"p{number}", []) for number in range(5))


def test_a_cursor_of_versions_is_good_for_one_agent(service: Service, tenant: Tenant) -> None:
    for agent in ("one", "two"):
        tenant.accept(
            *(items.small(f"{agent}-{number}", agent_name=agent, system_prompt=f"p{number}") for number in range(3))
        )
    service.work()
    cursor = tenant.get("/api/v1/agents:versions", name="one", limit=1).body["next_cursor"]
    assert tenant.get("/api/v1/agents:versions", name="one", cursor=cursor).status == 200
    assert tenant.get("/api/v1/agents:versions", name="two", cursor=cursor).status == 400
    assert service.tenant().get("/api/v1/agents:versions", name="one", cursor=cursor).status == 400
    assert tenant.get("/api/v1/agents", cursor=cursor).status == 400


@pytest.mark.parametrize(
    "version", ["1.0", "sha256:", "sha256:" + "A" * 64, "sha256:" + "a" * 63, "sha256:" + "a" * 65]
)
def test_a_version_of_the_wrong_form_is_malformed(writer: Tenant, version: str) -> None:
    assert writer.get("/api/v1/agents:lookup", name="writer", version=version).status == 400


@pytest.mark.parametrize("route", ["lookup", "versions"])
def test_a_name_has_to_be_given(tenant: Tenant, route: str) -> None:
    answer = tenant.get(f"/api/v1/agents:{route}")
    assert (answer.status, answer.body["error"]["meta"]) == (400, {"parameter": "name"})
