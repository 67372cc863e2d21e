"""Items to vary in tests."""

from typing import Any

from chalicelib.api.sigil.export import ItemRejected, read_item
from chalicelib.domain.generation import Generation

Item = dict[str, Any]
REQUIRED: Item = {"id": "g", "conversation_id": "c", "model": {"provider": "openai", "name": "gpt-5"}}


def read(**fields: Any) -> Generation:
    """The generation of an item with these fields besides what every item must have; None takes a field away."""
    return read_item({**REQUIRED, **fields}, conversation_required=True)


def refusal(**fields: Any) -> str:
    """Why that item is refused, or an empty string."""
    try:
        read(**fields)
    except ItemRejected as rejected:
        return rejected.error
    return ""


def noted(generation: Generation) -> Any:
    """What the generation keeps under `unrecognized`."""
    return generation.metadata.get("unrecognized", {})
