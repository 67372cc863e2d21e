"""Paths find their routes as in API Gateway."""

import pytest

from infra.local.routing import Match, Router

ROUTER = Router(
    [
        "/",
        "/v1/generations",
        "/v1/generations:export",
        "/v1/generations/{id}",
        "/v1/generations/latest",
        "/v1/generations/{id}/content",
        "/v1/{kind}/all/{page}",
    ]
)


@pytest.mark.parametrize(
    ("path", "pattern", "parameters"),
    [
        ("/", "/", {}),
        ("/v1/generations", "/v1/generations", {}),
        ("/v1/generations/", "/v1/generations", {}),
        ("/v1/generations:export", "/v1/generations:export", {}),
        ("/v1/generations%3Aexport", "/v1/generations:export", {}),
        ("/v1/generations/latest", "/v1/generations/latest", {}),
        ("/v1/generations/a%2Fb", "/v1/generations/{id}", {"id": "a%2Fb"}),
        ("/v1/generations/a%252Fb/content", "/v1/generations/{id}/content", {"id": "a%252Fb"}),
        ("/v1/gener%61tions/x", "/v1/generations/{id}", {"id": "x"}),
        ("/v1/x/all/2", "/v1/{kind}/all/{page}", {"kind": "x", "page": "2"}),
    ],
)
def test_finds(path: str, pattern: str, parameters: dict[str, str]) -> None:
    assert ROUTER.match(path) == Match(pattern, parameters)


@pytest.mark.parametrize("path", ["", "/v1", "/v1/nothing", "/v1/generations//content", "/v1/generations/a/b", "v1"])
def test_finds_nothing(path: str) -> None:
    assert ROUTER.match(path) is None
