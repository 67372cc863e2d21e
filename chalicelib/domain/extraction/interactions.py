"""Gemini's Interactions: https://ai.google.dev/api/interactions-api

An interaction answers with `outputs`, in a later revision with `steps`; the blocks in both are the same.
"""

from collections.abc import Iterator
from itertools import groupby

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.failure import error_in
from chalicelib.domain.extraction.interaction_blocks import read_block, read_blocks, role_of
from chalicelib.domain.extraction.interactions_stream import assemble, is_event
from chalicelib.domain.extraction.json_values import count, elements, mapping, number, string
from chalicelib.domain.extraction.shape import Answered, Asked, Failure, Shape
from chalicelib.domain.extraction.tools import read_choice, read_tools
from chalicelib.domain.extraction.usage import interaction_usage
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Message, Part, Role

_FAILED = {"failed": "the interaction failed", "cancelled": "the interaction was cancelled"}
_OWN_FIELDS = ("system_instruction", "generation_config", "agent", "previous_interaction_id", "response_modalities")
_ROLES: dict[str, Role] = {"user": "user", "model": "assistant"}
# Steps that are a turn of somebody's.
_TURNS: dict[str, Role] = {"user_input": "user", "model_output": "assistant"}


def _is_request(document: Document) -> bool:
    return "input" in document and any(document.get(key) is not None for key in _OWN_FIELDS)


def _is_response(document: Document) -> bool:
    lists = (document.get("outputs"), document.get("steps"))
    return document.get("object") == "interaction" or ("status" in document and any(isinstance(a, list) for a in lists))


def _read_request(document: Document) -> Asked:
    settings = mapping(document.get("generation_config"))
    thinking_level = string(settings, "thinking_level")
    return Asked(
        model=string(document, "model", "agent"),
        messages=_messages(document.get("input")),
        system_prompt=string(document, "system_instruction"),
        tools=read_tools(document.get("tools"), "function"),
        max_tokens=count(settings, "max_output_tokens"),
        temperature=number(settings, "temperature"),
        top_p=number(settings, "top_p"),
        tool_choice=read_choice(settings.get("tool_choice")),
        thinking_enabled=True if thinking_level else None,
        streams=document.get("stream") is True,
    )


def _read_response(document: Document) -> Answered:
    status = string(document, "status")
    failure = error_in(document)
    if failure is None and status in _FAILED:
        failure = Failure(_FAILED[status])
    items = elements(document.get("outputs")) or elements(document.get("steps"))
    parts = tuple(part for item in items if not _is_echo(item) for part in _parts(item))
    return Answered(
        id=string(document, "id"),
        model=string(document, "model", "agent"),
        messages=(Message(role="assistant", parts=parts),) if parts else (),
        reason=status,
        usage=interaction_usage(mapping(document.get("usage"))),
        failure=failure,
    )


def _messages(asked: Json) -> tuple[Message, ...]:
    """A turn is a message; blocks outside turns that follow each other are one, as long as they come from the same."""
    items = asked if isinstance(asked, list) else [asked]
    return tuple(message for key, group in groupby(items, _speaker) for message in _spoken(key, list(group)))


def _speaker(item: Json) -> tuple[bool, Role | None]:
    """Whether it is a turn, and whose."""
    fields = mapping(item)
    kind = string(fields, "type") or ""
    if kind in _TURNS:
        return True, _TURNS[kind]
    if "role" in fields:
        return True, _ROLES.get(string(fields, "role") or "")
    return False, role_of(item)


def _spoken(speaker: tuple[bool, Role | None], items: list[Json]) -> Iterator[Message]:
    is_turn, role = speaker
    if is_turn:
        yield from (Message(role=role, parts=_parts(item)) for item in items)
    elif parts := read_blocks(items):
        yield Message(role=role, parts=parts)


def _parts(item: Json) -> tuple[Part, ...]:
    """Of a turn or of a block."""
    is_turn, _ = _speaker(item)
    return read_blocks(mapping(item).get("content")) if is_turn else read_block(item)


def _is_echo(item: Json) -> bool:
    """Whether a step repeats what was asked."""
    return mapping(item).get("type") == "user_input"


INTERACTIONS = Shape(
    name="Gemini Interactions",
    reason_key="finish_reason",
    is_request=_is_request,
    is_response=_is_response,
    is_event=is_event,
    read_request=_read_request,
    read_response=_read_response,
    assemble=assemble,
)
