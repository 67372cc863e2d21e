"""The schema is that of the SDKs: each of their fields is there, with its number, name and type."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.rpc.schema import message
from infra import protoc
from tests.clients.environments import told_by

pytestmark = pytest.mark.e2e  # the clients' environments are made for those tests
SCRIPT = Path(__file__).parent / "grpc_schema.py"
SDKS = {"sigil": ("sigil_sdk", "sigil.v1"), "agento11y": ("agento11y", "agento11y.v1")}


@pytest.mark.parametrize("sdk", SDKS)
def test_every_field_of_an_sdk_is_there(sdk: str) -> None:
    package, schema = SDKS[sdk]
    theirs: dict[str, dict[str, Any]] = told_by(sdk, SCRIPT, package, schema)
    assert {"Generation", "WorkflowStep", "TokenUsage"} <= set(theirs)
    for name, known in theirs.items():
        ours = fields(name, schema)
        assert {number: ours.get(number) for number in known} == known


def fields(name: str, schema: str) -> dict[str, Any]:
    """Number → name, type, whether it is repeated and whether it can be there and at its default."""
    found = message(name, schema).DESCRIPTOR.fields
    return {str(each.number): [each.name, each.type, each.is_repeated, each.has_presence] for each in found}


def test_the_descriptors_follow_from_the_proto_files() -> None:
    assert protoc.compiled() == protoc.DESCRIPTORS.read_bytes()
