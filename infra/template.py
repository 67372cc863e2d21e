"""Reads infra/resources.yaml, the one description of what the functions stand on.

The local run makes these resources on its engine and gives its processes the environment written here, so that what
runs locally is what is deployed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

RESOURCES = Path(__file__).parent / "resources.yaml"


@dataclass(frozen=True)
class Resource:
    """One resource of the template that the local run makes as well."""

    logical_id: str
    kind: str
    local_name: str
    properties: Mapping[str, Any]


def load(path: Path = RESOURCES) -> dict[str, Any]:
    """The template as plain data; intrinsic functions stay mappings of one key."""
    template: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return template


def local_resources(template: Mapping[str, Any], kind: str) -> list[Resource]:
    """The resources of one CloudFormation type that have a `Metadata.LocalName`, in the order they are written."""
    return [
        Resource(logical_id, kind, body["Metadata"]["LocalName"], body.get("Properties", {}))
        for logical_id, body in template["Resources"].items()
        if body.get("Type") == kind and "LocalName" in body.get("Metadata", {})
    ]


def function_environment(template: Mapping[str, Any], references: Mapping[str, str]) -> dict[str, str]:
    """The variables that any function is given, with each `Ref` replaced by what it refers to locally.

    Those that a parameter of the template decides are left to the person's own environment.
    """
    variables: dict[str, str] = {}
    parameters = template.get("Parameters", {})
    for body in template["Resources"].values():
        wired = body.get("Properties", {}).get("Environment", {}).get("Variables", {})
        variables.update(
            {
                name: _resolved(value, references)
                for name, value in wired.items()
                if not (isinstance(value, Mapping) and value.get("Ref") in parameters)
            }
        )
    return variables


def _resolved(value: object, references: Mapping[str, str]) -> str:
    return references[value["Ref"]] if isinstance(value, Mapping) else str(value)
