"""From the bodies of `generate` and `tool-outputs` to what an agent is asked and what its tools have answered."""

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, FailFast

from chalicelib.api.free_fields import Body, NormalObject, with_unrecognized
from chalicelib.api.labels import MAX_DEPENDENCIES, TOO_MANY_DEPENDENCIES, split_dependencies
from chalicelib.api.lifecycle.opening import alphanumerics
from chalicelib.api.lifecycle.wire import read_wire
from chalicelib.api.scalars import Identifier, Int64, Text, refused
from chalicelib.api.sigil.wire import Ids, Limited, Tags, Wire
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.generation import Generation, Message, Part, Role, ToolResult
from chalicelib.services.running.agents import Asked, Manner

MOST_OUTPUTS = 1_000
_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def _texts(content: Json) -> Json:
    """The texts of a content: a string, or strings and `{type: text, text}` parts."""
    parts = content if isinstance(content, list) else [content]
    return [_text(part) for part in parts]


def _text(part: Json) -> Json:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise refused("must be a string, or a list of texts")
    kind = part.get("type", "text")
    if kind != "text" or not isinstance(part.get("text"), str):
        raise refused("must be text: agents that run here are sent nothing else")
    return part["text"]


def _as_said(message: Json) -> Json:
    return {"role": "user", "content": message} if isinstance(message, str) else message


class WireSaid(Wire):
    """A message to an agent."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[list[Text], BeforeValidator(_texts)]


class WireAsked(Limited):
    """What an agent is asked."""

    messages: Annotated[list[WireSaid] | None, FailFast()] = None
    stream: bool | None = None
    trace_id: Identifier = None
    conversation_id: Identifier = None
    session_id: Identifier = None
    initiator_generation_id: Identifier = None
    depends_on: Ids = None
    max_call_depth: Int64 = None
    tags: Tags = None
    metadata: NormalObject = None


class WireMessage(Limited):
    """A message to a session: a text of the user's, or a message."""

    message: Annotated[WireSaid | None, BeforeValidator(_as_said)] = None


class WireSession(Wire):
    """A session to be opened."""

    conversation_id: Identifier = None


class WireOutput(Wire):
    """What one tool has answered: any JSON."""

    tool_call_id: Identifier = None
    output: Body = None


class WireOutputs(Limited):
    """What tools have answered, of which generation where the path does not say."""

    generation_id: Identifier = None
    tool_outputs: Annotated[list[WireOutput] | None, FailFast()] = None


def read_asked(body: Json, key: str | None, random: str, manner: Manner, *, alone: bool = True) -> Asked:
    """What an agent is asked; the id is the request's `key`, else made out of `random`.

    Raises Malformed, also without messages unless the request is not `alone` in saying something.
    """
    wire = read_wire(WireAsked, body, "request")
    refuse_stream(stream=wire.stream)
    if alone and not wire.messages:
        raise Malformed("messages is required and must not be empty", meta={"field": "messages"})
    own_id = key or f"gen_{alphanumerics(random)}"
    depends_on, dropped = split_dependencies(own_id, wire.depends_on or ())
    if len(depends_on) > MAX_DEPENDENCIES:
        raise Malformed(f"depends_on {TOO_MANY_DEPENDENCIES}", meta={"field": "depends_on"})
    if not alone:
        for said in wire.messages or ():
            _refuse_silence("messages", said)
    unknown = unrecognized(wire) | ({"depends_on": dropped} if dropped else {})
    generation = Generation(
        id=own_id,
        source="lifecycle",
        trace_id=wire.trace_id or f"trace_{alphanumerics(own_id)}",
        conversation_id=wire.conversation_id,
        session_id=wire.session_id,
        initiator_generation_id=wire.initiator_generation_id,
        depends_on=tuple(depends_on),
        input=tuple(message_of(said) for said in wire.messages or ()),
        tags=wire.tags or {},
        metadata=with_unrecognized(wire.metadata or {}, unknown),
    )
    return Asked(generation, wire.max_call_depth, manner)


def read_message(body: Json) -> Message:
    """The message to a session. Raises Malformed."""
    wire = read_wire(WireMessage, body, "request")
    if wire.message is None:
        raise Malformed("message is required", meta={"field": "message"})
    _refuse_silence("message", wire.message)
    return message_of(wire.message)


def _refuse_silence(name: str, said: WireSaid) -> None:
    """Raise Malformed for a message to a session that says nothing: there would be nothing to answer."""
    if not any(said.content):
        raise Malformed(f"{name}: the content must have a text", meta={"field": name})


def refuse_stream(*, stream: bool | None) -> None:
    """Raise Malformed for a client that wants a stream."""
    if stream:
        raise Malformed("stream is not supported: the answer comes whole", meta={"field": "stream"})


def unrecognized(wire: Wire) -> dict[str, Json]:
    """The fields that nobody here knows; null is the same as absent. Raises Malformed."""
    try:
        return {
            str(normal(name)): normal(value) for name, value in (wire.model_extra or {}).items() if value is not None
        }
    except ValueError as error:
        raise Malformed(f"request: a field nobody knows {error}") from None


def message_of(said: WireSaid) -> Message:
    """A message in the one form."""
    return Message(role=_ROLES[said.role], parts=tuple(Part(text=text) for text in said.content))


def read_outputs(body: Json) -> tuple[str | None, list[ToolResult]]:
    """The generation that is named, if any, and what tools have answered. Raises Malformed."""
    wire = read_wire(WireOutputs, body, "request")
    if not wire.tool_outputs:
        raise Malformed("tool_outputs is required and must not be empty", meta={"field": "tool_outputs"})
    if len(wire.tool_outputs) > MOST_OUTPUTS:
        raise Malformed(f"tool_outputs may be at most {MOST_OUTPUTS:,}", meta={"field": "tool_outputs"})
    return wire.generation_id, [_result(output) for output in wire.tool_outputs]


def _result(output: WireOutput) -> ToolResult:
    if output.tool_call_id is None:
        raise Malformed("tool_outputs: tool_call_id is required", meta={"field": "tool_outputs"})
    said: Any = output.output
    if isinstance(said, str):
        return ToolResult(tool_call_id=output.tool_call_id, content=said)
    return ToolResult(
        tool_call_id=output.tool_call_id,
        content_json=json.dumps(said, ensure_ascii=False, separators=(",", ":")),
    )
