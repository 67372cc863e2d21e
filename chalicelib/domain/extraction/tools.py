"""The tools that a request offers, and how it wants one to be chosen."""

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import compact, mapping, mappings, string
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Tool

_SCHEMAS = ("parameters", "input_schema", "format")


def read_tools(tools: Json, default_type: str = "") -> tuple[Tool, ...]:
    """The tools of a list; one that the provider runs itself and that has no name is called as its type."""
    return tuple(_tool(fields, default_type) for fields in mappings(tools))


def read_choice(choice: Json) -> str | None:
    """`auto`, `none` … as they are; the choice of a tool as compact JSON."""
    if isinstance(choice, str):
        return choice or None
    if isinstance(choice, dict):
        return string(choice, "type") if choice.keys() == {"type"} else compact(choice)
    return None


def _tool(fields: Document, default_type: str) -> Tool:
    said = mapping(fields.get("function")) or mapping(fields.get("custom")) or fields
    kind = string(fields, "type") or default_type
    schema = next((said[key] for key in _SCHEMAS if said.get(key) is not None), None)
    return Tool(
        name=string(said, "name") or kind,
        description=string(said, "description") or "",
        type=kind,
        input_schema_json=compact(schema) or "",
        deferred=fields.get("defer_loading") is True,
    )
