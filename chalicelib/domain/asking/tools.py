"""The tools that a model is offered, and how it is to choose one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.domain.errors import Malformed
from chalicelib.domain.extraction.json_values import mapping, parse, string
from chalicelib.domain.free_form import as_sent
from chalicelib.domain.generation import Tool

Word = Literal["auto", "none", "required"]

_WORDS: dict[str, Word] = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
_FUNCTIONS = frozenset({"", "function"})


@dataclass(frozen=True, slots=True)
class Function:
    """A tool that the caller runs. `schema` is the JSON Schema of its arguments, None where none was given."""

    name: str
    description: str
    schema: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Named:
    """The choice of one tool."""

    name: str


Choice = Word | Named


def functions_of(tools: Sequence[Tool]) -> tuple[Function, ...]:
    """The tools, as functions. Raises Malformed for one that is none."""
    return tuple(_function(f"tools[{number}]", tool) for number, tool in enumerate(tools))


def choice_of(said: str | None) -> Choice | None:
    """The choice that a generation tells: a word, or JSON as any of the APIs writes it.

    Raises:
        Malformed: it is neither.
    """
    if not said:
        return None
    document = object_of(said) or {"type": said}
    name = string(mapping(document.get("function")), "name") or string(document, "name")
    if name:
        return Named(name)
    word = _WORDS.get(string(document, "type") or "")
    if word is None:
        raise Malformed("tool_choice must be auto, none, required, or name a tool")
    return word


def object_of(text: str) -> dict[str, Any] | None:
    """The object of a JSON text, None where it is none, or is nested more deeply than anything that we take in."""
    try:
        value = as_sent(parse(text))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _function(place: str, tool: Tool) -> Function:
    if tool.type not in _FUNCTIONS:
        raise Malformed(f"{place}: only functions can be offered, no tool of another type")
    if not tool.name:
        raise Malformed(f"{place} needs a name")
    schema = object_of(tool.input_schema_json)
    if tool.input_schema_base64 is not None or (schema is None and tool.input_schema_json):
        raise Malformed(f"{place}: the schema of the input is no JSON object")
    return Function(tool.name, tool.description, schema)
