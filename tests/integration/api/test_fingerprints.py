"""Fingerprints over HTTP: the first thing that a client sends, and all it needs to be able to send more."""

import json
import random
from typing import Any
from uuid import UUID

import pytest

from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant
from tests.integration.api.voker import SURROUNDINGS, fault

pytestmark = pytest.mark.moto

FINGERPRINTS = "/api/v1/fingerprints"


def keep(tenant: Tenant, body: object, method: str = "PUT") -> str:
    answer = tenant.send(method, FINGERPRINTS, body)
    assert answer.status == 200, answer.body
    assert set(answer.body) == {"fingerprint_id"}
    return str(answer.body["fingerprint_id"])


def read(tenant: Tenant, own_id: str) -> Answer:
    return tenant.get(f"{FINGERPRINTS}/{own_id}")


def test_the_same_surroundings_have_the_same_id(service: Service, tenant: Tenant) -> None:
    own_id = keep(tenant, SURROUNDINGS)
    assert UUID(own_id).version == 8
    respelled = {**dict(reversed(SURROUNDINGS.items())), "git_branch": None}
    assert {keep(tenant, body, method) for body in (SURROUNDINGS, respelled) for method in ("PUT", "POST")} == {own_id}
    first = read(tenant, own_id).body["created_at"]
    assert keep(tenant, SURROUNDINGS) == own_id
    assert read(tenant, own_id).body["created_at"] == first
    assert keep(tenant, {**SURROUNDINGS, "system": "Linux-6.2"}) != own_id
    assert keep(tenant, {**SURROUNDINGS, "colour": "red"}) != own_id
    assert keep(service.tenant(), SURROUNDINGS) == own_id


def test_a_fingerprint_is_shown_with_every_field(tenant: Tenant) -> None:
    git = {"git_branch": "main", "git_commit_hash": "abc", "git_commit_date": "2026-11-21 17:42:34 +0000"}
    body = read(tenant, keep(tenant, {**SURROUNDINGS, **git, "colour": ["red"]})).body
    assert body == {
        "fingerprint_id": body["fingerprint_id"],
        "created_at": body["created_at"],
        **SURROUNDINGS,
        "openai_sdk_version": None,
        "anthropic_sdk_version": None,
        "gemini_sdk_version": None,
        "voker_sdk_version": None,
        "git_repository_url": None,
        **git,
        "unrecognized": {"colour": ["red"]},
    }
    assert body["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://ada:s3cret@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://s3cret@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://ada:p@ss@github.com/a/b", "https://github.com/a/b"),
        ("https://github.com/@scope/b", "https://github.com/@scope/b"),
        ("ssh://git@host:22/a/b", "ssh://host:22/a/b"),
        ("git@github.com:a/b.git", "github.com:a/b.git"),
        ("/srv/git/b@c", "/srv/git/b@c"),
        ("", ""),
    ],
)
def test_no_password_of_a_repository_is_kept(tenant: Tenant, sent: str, kept: str) -> None:
    own_id = keep(tenant, {**SURROUNDINGS, "git_repository_url": sent})
    assert read(tenant, own_id).body["git_repository_url"] == kept
    assert own_id == keep(tenant, {**SURROUNDINGS, "git_repository_url": kept})


@pytest.mark.parametrize(
    "odd",
    [
        {"language": 3, "language_version": {"major": 3}, "system": ""},
        {**SURROUNDINGS, "all_packages": ["a==1"], "git_repository_url": ["https://x"], "openai_sdk_version": 2.0},
        {**SURROUNDINGS, "system": "cut \ud83d", "": [[]]},
    ],
)
def test_odd_types_are_no_reason_to_refuse(tenant: Tenant, odd: dict[str, Any]) -> None:
    body = read(tenant, keep(tenant, odd)).body
    assert body["language"] == odd["language"]


@pytest.mark.parametrize("name", ["language", "language_version", "system"])
def test_what_is_required_is_required(tenant: Tenant, name: str) -> None:
    for body in ({**SURROUNDINGS, name: None}, {key: value for key, value in SURROUNDINGS.items() if key != name}):
        answer = tenant.send("PUT", FINGERPRINTS, body)
        assert fault(answer) == (400, "malformed")
        assert answer.body["error"]["message"] == f"fingerprint: {name} is required"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"language": ' + b"[" * 200 + b"]" * 200 + b"}"])
def test_what_is_no_fingerprint_is_400(tenant: Tenant, body: bytes) -> None:
    assert fault(tenant.request("PUT", FINGERPRINTS, body)) == (400, "malformed")


def test_thousands_of_packages_are_taken_and_what_no_item_holds_is_413(tenant: Tenant) -> None:
    packages = {f"package-number-{number}": f"{number}.{number * 7919 % 100}" for number in range(20_000)}
    own_id = keep(tenant, {**SURROUNDINGS, "all_packages": packages})
    assert read(tenant, own_id).body["all_packages"] == packages
    noise = random.Random(1).randbytes(400_000).hex()
    answer = tenant.send("PUT", FINGERPRINTS, {**SURROUNDINGS, "noise": noise})
    assert fault(answer) == (413, "too-large")
    assert answer.body["error"]["meta"] == {"limit": 307_200}


def test_a_fingerprint_is_one_write(tenant: Tenant) -> None:
    with failing("dynamodb", after=1) as failed, failing("sqs"), failing("s3"):
        keep(tenant, SURROUNDINGS)
    assert failed == []
    with failing("dynamodb"):
        answer = tenant.request("PUT", FINGERPRINTS, json.dumps(SURROUNDINGS).encode())
    assert fault(answer) == (503, "unavailable")


def test_a_fingerprint_that_is_not_there_is_404(tenant: Tenant) -> None:
    for own_id in ("unknown", "x" * 257, "a%00b"):
        assert fault(read(tenant, own_id)) == (404, "fingerprint-not-found")
