"""A conversation as models know it: who speaks, what is said, which tools are called and what they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Media, Message, Part, Role, ToolCall, ToolResult

Speaker = Literal["system", "user", "assistant"]

# The types of parts in which a provider tells what its own tools did: nobody else's call, nobody else's result.
_PROVIDERS_OWN = ("_tool_use", "_tool_result")
_SPEAKERS: dict[Role, Speaker] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "user"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool; `arguments` is the JSON text that the model made, which may be none."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the call `id` gave."""

    id: str
    content: str
    is_error: bool | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. Results are the user's, who runs the tools; `said` has texts and, of a user, media."""

    role: Speaker
    name: str | None = None
    said: tuple[Part, ...] = ()
    calls: tuple[Call, ...] = ()
    results: tuple[Result, ...] = ()

    @property
    def text(self) -> str:
        """The texts that were said, joined."""
        return "".join(part.text or "" for part in self.said)

    @property
    def only_text(self) -> str | None:
        """What was said, if it is one text and nothing else: the form that every server reads."""
        return self.said[0].text if len(self.said) == 1 else None


def turns_of(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """The turns of a conversation; a message that holds nothing to send is none.

    Raises:
        Malformed: a message cannot be sent; the text says which.
    """
    turns = (_turn(f"messages[{number}]", message) for number, message in enumerate(messages))
    return tuple(turn for turn in turns if turn.said or turn.calls or turn.results)


def is_image(media: Media) -> bool:
    """Whether what a user shows is an image."""
    return media.kind == "image" or (media.mime_type or "").startswith("image/")


def _turn(place: str, message: Message) -> Turn:
    if message.role is None:
        raise Malformed(f"{place} needs a role")
    parts = [part for part in message.parts if not _type_of(part).endswith(_PROVIDERS_OWN)]
    turn = Turn(
        role=_SPEAKERS[message.role],
        name=message.name,
        said=tuple(part for part in parts if part.text or (part.media and message.role == "user")),
        calls=tuple(_call(place, part.tool_call) for part in parts if part.tool_call),
        results=tuple(_result(place, part.tool_result) for part in parts if part.tool_result),
    )
    if turn.calls and message.role != "assistant":
        raise Malformed(f"{place}: only an assistant calls tools")
    if turn.results and turn.role != "user":
        raise Malformed(f"{place}: results of tools come from a tool or a user")
    if turn.said and message.role == "tool":
        raise Malformed(f"{place}: a tool says nothing but its results")
    return turn


def _type_of(part: Part) -> str:
    return (part.metadata.provider_type if part.metadata else None) or ""


def _call(place: str, call: ToolCall) -> Call:
    if not call.id or not call.name:
        raise Malformed(f"{place}: a call of a tool needs an id and a name")
    return Call(call.id, call.name, call.input_json or "{}")


def _result(place: str, result: ToolResult) -> Result:
    if not result.tool_call_id:
        raise Malformed(f"{place}: a result needs the id of the call")
    content = result.content if result.content is not None else result.content_json
    return Result(result.tool_call_id, content or "", result.is_error)
