"""Agents and their versions as Voker's clients make and read them."""

from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.api.run_configs import UNCONFIGURED
from tests.integration.api import items
from tests.integration.api.service import Answer, Service, Tenant
from tests.integration.api.test_paths import IDS
from tests.integration.api.voker import fault

pytestmark = pytest.mark.moto

AGENTS = "/api/v1/agents"
AGENT_KEYS = {"agent_name", "description", "agent_number", "created_at", "deprecated_at"}
VERSION_KEYS = {"agent_version_name", "description", "agent_version_number", "created_at", "deprecated_at"}


def create(tenant: Tenant, name: object, method: str = "PUT", **fields: object) -> Answer:
    return tenant.send(method, AGENTS, {"agent_name": name, **fields})


def versions_of(name: str) -> str:
    return f"{AGENTS}/{quote(name, safe='')}/agent-versions"


def version(tenant: Tenant, agent: str, name: object, method: str = "PUT", **fields: object) -> Answer:
    return tenant.send(method, versions_of(agent), {"agent_version_name": name, **fields})


def taken(answer: Answer, keys: set[str]) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    assert set(answer.body) == keys
    return dict(answer.body)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_agent_is_made_once_with_a_number(tenant: Tenant, method: str) -> None:
    made = taken(create(tenant, "guide", method, description="Guides.", colour="red"), AGENT_KEYS)
    assert (made["agent_name"], made["description"], made["agent_number"]) == ("guide", "Guides.", 1)
    assert (made["deprecated_at"], made["created_at"][-1]) == (None, "Z")
    assert taken(create(tenant, "guide", method, description="Another."), AGENT_KEYS) == made
    second = taken(create(tenant, "writer", method), AGENT_KEYS)
    assert (second["description"], second["agent_number"]) == (None, 2)


def test_an_agent_is_read_with_what_the_catalog_knows(service: Service, tenant: Tenant) -> None:
    made = taken(create(tenant, "tester", description="Tests."), AGENT_KEYS)
    unseen = tenant.get(f"{AGENTS}/tester").body
    assert unseen == {
        **made,
        "generation_count": 0,
        "first_seen_at": None,
        "last_seen_at": None,
        "latest_version": None,
        **UNCONFIGURED,
    }
    tenant.accept(items.small("g-1"))
    service.work()
    seen = tenant.get(f"{AGENTS}/tester").body
    assert {key: seen[key] for key in AGENT_KEYS} == made
    assert (seen["generation_count"], seen["latest_version"]["agent_name"]) == (1, "tester")


def test_every_way_in_numbers_agents_and_the_anonymous_one_is_an_agent_too(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1", agent_name="one"), items.small("g-2", agent_name=""))
    service.work()
    taken(create(tenant, "two"), AGENT_KEYS)
    tenant.accept(*(items.small(f"g-{name}", agent_name=name) for name in ("one", "three", "four")))
    service.work()
    numbers = {each["agent_name"]: each["agent_number"] for each in tenant.listed(200, AGENTS)}
    assert numbers == {"one": 1, "": 2, "two": 3, "three": 4, "four": 5}


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_version_is_made_once_with_a_number_within_its_agent(tenant: Tenant, method: str) -> None:
    for agent in ("guide", "writer"):
        create(tenant, agent)
        made = taken(version(tenant, agent, "v", method, description="d"), VERSION_KEYS)
        assert (made["agent_version_name"], made["description"], made["agent_version_number"]) == ("v", "d", 1)
        assert taken(version(tenant, agent, "v", method, description="e"), VERSION_KEYS) == made
        assert taken(version(tenant, agent, "w", method), VERSION_KEYS)["agent_version_number"] == 2
        assert taken(tenant.get(f"{versions_of(agent)}/v"), VERSION_KEYS) == made


def test_what_is_missing_is_told_apart(tenant: Tenant) -> None:
    create(tenant, "guide")
    assert fault(tenant.get(f"{AGENTS}/nobody")) == (404, "agent-not-found")
    assert fault(version(tenant, "nobody", "v")) == (404, "agent-not-found")
    assert fault(tenant.get(f"{versions_of('nobody')}/v")) == (404, "agent-not-found")
    assert fault(tenant.get(f"{versions_of('guide')}/v")) == (404, "agent-version-not-found")
    assert fault(tenant.get(f"{AGENTS}/{'x' * 257}")) == (404, "agent-not-found")
    assert fault(version(tenant, "x" * 257, "v")) == (404, "agent-not-found")
    assert fault(tenant.get(f"{versions_of('guide')}/{'x' * 257}")) == (404, "agent-version-not-found")
    assert tenant.get(f"{AGENTS}/nobody").error_code == "NOT_FOUND"


def test_a_version_of_an_agent_that_another_way_in_has_brought_can_be_made(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1", agent_name="guide"))
    service.work()
    assert taken(version(tenant, "guide", "v"), VERSION_KEYS)["agent_version_number"] == 1


@pytest.mark.parametrize("name", IDS)
def test_odd_names_read_back(tenant: Tenant, name: str) -> None:
    made = taken(create(tenant, name), AGENT_KEYS)
    assert made["agent_name"] == name
    assert tenant.get(f"{AGENTS}/{quote(name, safe='')}").body["agent_number"] == made["agent_number"]
    named = taken(version(tenant, name, name), VERSION_KEYS)
    assert named["agent_version_name"] == name
    assert taken(tenant.get(f"{versions_of(name)}/{quote(name, safe='')}"), VERSION_KEYS) == named


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "must be an object"),
        ({}, "{key} is required"),
        ({"{key}": ""}, "{key} is required"),
        ({"{key}": 7}, "{key}: must be a string"),
        ({"{key}": "x" * 257}, "{key}: must be at most 256 characters"),
        ({"{key}": "v", "description": 7}, "description: must be a string"),
        ({"{key}": "v", "description": "x" * 10_001}, "description: must be at most 10,000 characters"),
    ],
)
@pytest.mark.parametrize("item", ["agent", "agent_version"])
def test_a_body_that_names_nothing_is_400(tenant: Tenant, item: str, body: Any, reason: str) -> None:
    create(tenant, "guide")
    key = f"{item}_name"
    named = {name.format(key=key): value for name, value in body.items()} if isinstance(body, dict) else body
    answer = tenant.send("PUT", AGENTS if item == "agent" else versions_of("guide"), named)
    assert fault(answer) == (400, "malformed")
    assert answer.body["error"]["message"].removeprefix(item)[1:].strip() == reason.format(key=key)
    assert len(tenant.listed(200, AGENTS)) == 1
