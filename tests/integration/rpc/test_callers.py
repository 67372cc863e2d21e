"""In each mode of authentication: whose data a call touches, and what it may do."""

import grpc
import pytest

from tests.integration.api.keyed import REQUIRED, make_key
from tests.integration.api.service import running
from tests.integration.rpc.client import exported, served

pytestmark = pytest.mark.moto


def test_keys_decide_tenant_and_role() -> None:
    with running(None, **REQUIRED, RATE_LIMIT_ITEMS_PER_SECOND="1") as service, served() as client:
        member, viewer = make_key("acme", "member").secret, make_key("acme", "viewer").secret
        answers = [
            client.send(exported(3), {"authorization": f"Bearer {viewer}"}),
            client.send(exported(3), {"authorization": f"Bearer {member}", "x-scope-orgid": "other"}),
            client.send(exported(3), {"x-scope-orgid": "acme"}),
            client.send(exported(3), {"authorization": f"Bearer {member}", "x-scope-orgid": "acme"}),
            client.send(exported(3), {"x-ingate-key": member}),
        ]
        assert [answer.code for answer in answers] == [
            grpc.StatusCode.PERMISSION_DENIED,
            grpc.StatusCode.UNAUTHENTICATED,
            grpc.StatusCode.UNAUTHENTICATED,
            grpc.StatusCode.OK,
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        ]
        assert answers[0].details == "the role viewer lacks the action generations:ExportGenerations"
        assert int(answers[4].trailers["grpc-retry-pushback-ms"]) >= 1000
        found = service.request("GET", "/api/v1/generations/g-0", headers={"Authorization": f"Bearer {viewer}"})
        assert (found.status, found.body["started_by_principal_type"]) == (200, "api_key")


def test_without_authentication_everybody_is_one_tenant() -> None:
    with running(SIGIL_AUTH_ENABLED="false") as service, served() as client:
        assert client.send(exported(1), {"x-scope-orgid": "ignored"}).errors == [""]
        assert service.request("GET", "/api/v1/generations/g-0").body["tenant_id"] == "fake"
