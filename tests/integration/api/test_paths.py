"""Path parameters are decoded exactly once, whatever a front in between has done to them already."""

import json
from typing import Any
from urllib.parse import quote, unquote

import pytest

from app import app
from infra.local.context import LambdaContext
from tests.integration.api import items
from tests.integration.api.service import Service, Tenant

pytestmark = pytest.mark.moto

IDS = [
    "a@b",
    "a b",
    " a ",
    "a/b",
    "/",
    "a%2Fb",
    "a%252Fb",
    "100%",
    "%",
    "%%",
    "%zz",
    "a+b",
    "a?b#c&d=e",
    "a;b:c,d",
    "ü✓ 日本 😀",
    "e\u0301",
    "..",
    ".",
    "a\\b",
    "quote\"'",
    "{generation_id}",
    "generations:export",
    "~!$()*[]",
    "a#H",
]
ROUTES = ["/api/v1/generations/{generation_id}", "/generations/{generation_id}"]


@pytest.fixture(scope="module")
def named(service: Service) -> Tenant:
    """A tenant with a generation and an agent of each of these names."""
    tenant = service.tenant()
    tenant.accept(*(items.small(name, agent_name=name) for name in IDS))
    service.work()
    return tenant


def event(tenant: Tenant, route: str, value: str, path: str) -> dict[str, Any]:
    """What a front hands to the app: `value` as the path parameter, `path` as the path it tells of."""
    [name] = [part[1:-1] for part in route.split("/") if part.startswith("{")]
    return {
        "resource": route,
        "path": path,
        "httpMethod": "GET",
        "headers": {"x-scope-orgid": tenant.name},
        "multiValueQueryStringParameters": None,
        "pathParameters": {name: value},
        "stageVariables": None,
        "requestContext": {"resourcePath": route, "path": path, "httpMethod": "GET"},
        "body": None,
        "isBase64Encoded": False,
    }


def answered(given: dict[str, Any]) -> dict[str, Any]:
    """The JSON body of a 200."""
    response = app(given, LambdaContext("api_handler", 29))
    assert response["statusCode"] == 200, response
    return dict(json.loads(response["body"]))


@pytest.mark.parametrize("name", IDS)
def test_a_percent_encoded_name_reads_back_through_chalice_s_own_front(named: Tenant, name: str) -> None:
    for route in ROUTES:
        path = route.replace("{generation_id}", quote(name, safe=""))
        assert named.get(path).body["id"] == name
    assert named.get(f"/api/v1/agents/{quote(name, safe='')}").body["agent_name"] == name
    assert named.get("/api/v1/agents:lookup", name=name).body["agent_name"] == name


@pytest.mark.parametrize("prefix", ["", "/stage"])
@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize("name", IDS)
def test_fronts_that_decode_and_fronts_that_do_not_lead_to_the_same(
    named: Tenant, name: str, prefix: str, *, decoded: bool
) -> None:
    """API Gateway tells of the path with its stage in front, and of the parameter decoded or not."""
    for route in [*ROUTES, "/api/v1/agents/{agent_name}"]:
        encoded = quote(name, safe="")
        path = prefix + "/".join(encoded if part.startswith("{") else part for part in route.split("/"))
        found = answered(event(named, route, unquote(encoded) if decoded else encoded, path))
        assert name in (found.get("id"), found.get("agent_name"))


@pytest.mark.parametrize("name", ["a@b", "a b", "ü✓ 日本 😀", "a;b:c,d", "~!$()*[]"])
def test_what_need_not_be_encoded_may_stay_as_it_is(named: Tenant, name: str) -> None:
    safe = quote(name, safe="@;:,~!$()*[]")
    for route in ROUTES:
        assert answered(event(named, route, safe, route.replace("{generation_id}", safe)))["id"] == name


def test_one_trailing_slash_changes_nothing(named: Tenant) -> None:
    assert named.get("/api/v1/generations/a%40b/").body["id"] == "a@b"


def test_the_same_paths_answer_in_lower_case_hexadecimal(named: Tenant) -> None:
    assert named.get("/api/v1/generations/a%2fb").body["id"] == "a/b"
    assert named.get("/api/v1/generations/a%252fb").status == 404
