"""Gemini's generateContent: https://ai.google.dev/api/generate-content

Read are the bodies of the wire, in camelCase, and what Google's Python package takes and dumps, in snake_case.
"""

from collections.abc import Iterator

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.failure import error_in
from chalicelib.domain.extraction.gemini_parts import read_content, read_contents, read_parts
from chalicelib.domain.extraction.gemini_stream import assemble, is_chunk
from chalicelib.domain.extraction.json_values import (
    compact,
    count,
    elements,
    mapping,
    mappings,
    number,
    position,
    snake_case,
    string,
)
from chalicelib.domain.extraction.parts import paragraphs
from chalicelib.domain.extraction.shape import Answered, Asked, Shape
from chalicelib.domain.extraction.usage import gemini_usage
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Tool

_FUNCTIONS = "function_declarations"
_SCHEMAS = ("parameters", "parameters_json_schema")
_EVENT_STREAM = "text/event-stream"


def _is_request(document: Document) -> bool:
    return "contents" in document


def _read_request(document: Document) -> Asked:
    asked = snake_case(document)
    # The package takes as `config` what the wire has beside the contents and in `generationConfig`.
    settings = {**snake_case(asked.get("config")), **snake_case(asked.get("generation_config")), **asked}
    return Asked(
        model=string(asked, "model"),
        messages=read_contents(asked.get("contents")),
        system_prompt=_system_prompt(settings.get("system_instruction")),
        tools=tuple(tool for offered in elements(settings.get("tools")) for tool in _tools(snake_case(offered))),
        max_tokens=count(settings, "max_output_tokens"),
        temperature=number(settings, "temperature"),
        top_p=number(settings, "top_p"),
        tool_choice=_tool_choice(snake_case(settings.get("tool_config"))),
        thinking_enabled=_thinks(snake_case(settings.get("thinking_config"))),
    )


def _read_response(document: Document) -> Answered:
    answered = snake_case(document)
    candidates = sorted(
        map(snake_case, mappings(answered.get("candidates"))), key=lambda candidate: position(candidate, "index")
    )
    first = candidates[0] if candidates else {}
    messages = tuple(read_content(candidate.get("content"), "assistant") for candidate in candidates)
    put_together = _is_put_together(document)
    return Answered(
        id=string(answered, "response_id"),
        model=string(answered, "model_version"),
        messages=messages if any(message.parts for message in messages) else (),
        reason=string(first, "finish_reason") or string(snake_case(answered.get("prompt_feedback")), "block_reason"),
        # Every chunk counts all that was before it, and clients that put chunks together have added the counts up.
        usage=None if put_together else gemini_usage(snake_case(answered.get("usage_metadata"))),
        failure=error_in(document),
        streamed=put_together,
    )


def _is_put_together(document: Document) -> bool:
    """Whether a dump of the package's is of a stream: it keeps the headers that the provider answered with."""
    headers = mapping(snake_case(document.get("sdk_http_response")).get("headers"))
    types = (value for name, value in headers.items() if name.lower() == "content-type")
    return any(isinstance(value, str) and value.startswith(_EVENT_STREAM) for value in types)


def _system_prompt(instruction: Json) -> str | None:
    parts = read_parts(mapping(instruction).get("parts", instruction))
    return paragraphs(part.text for part in parts if part.metadata is None)


def _tools(offered: Document) -> Iterator[Tool]:
    for kind, settings in offered.items():
        if kind == _FUNCTIONS:
            yield from map(_function, mappings(settings))
        elif isinstance(settings, dict):
            yield Tool(name=kind, type=kind)


def _function(declared: Document) -> Tool:
    fields = snake_case(declared)
    return Tool(
        name=string(fields, "name") or "",
        description=string(fields, "description") or "",
        type="function",
        input_schema_json=next((compact(fields[key]) or "" for key in _SCHEMAS if key in fields), ""),
    )


def _tool_choice(config: Document) -> str | None:
    """The mode as it is, with the functions it allows as compact JSON."""
    calling = mapping(config.get("function_calling_config"))
    return string(calling, "mode") if calling.keys() <= {"mode"} else compact(calling)


def _thinks(config: Document) -> bool | None:
    """A budget of 0 turns it off, one of -1 leaves it to the model."""
    budget = config.get("thinking_budget")
    if type(budget) is int:
        return budget != 0
    return True if string(config, "thinking_level") else None


GEMINI = Shape(
    name="Gemini",
    reason_key="finish_reason",
    is_request=_is_request,
    is_response=is_chunk,
    is_event=is_chunk,
    read_request=_read_request,
    read_response=_read_response,
    assemble=assemble,
    events_are_documents=True,
)
