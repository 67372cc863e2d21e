"""What every shape gives: what was asked, what was answered, and how both are told from other shapes'."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.generation import Message, Tool, Usage


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says. `streams`: it asks for a stream."""

    model: str | None = None
    messages: tuple[Message, ...] = ()
    system_prompt: str | None = None
    tools: tuple[Tool, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tool_choice: str | None = None
    thinking_enabled: bool | None = None
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """What a provider says went wrong. `type` and `code` are its own names for it, `status` is a number it gave."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a response says. The first message is the one whose text is the completion; `reason`: why it stopped.

    `streamed`: it says that it was put together from a stream before it was captured.
    """

    id: str | None = None
    model: str | None = None
    messages: tuple[Message, ...] = ()
    reason: str | None = None
    usage: Usage | None = None
    failure: Failure | None = None
    streamed: bool = False


@dataclass(frozen=True, slots=True)
class Assembled:
    """A stream put together to the document that it would have been; `ended`: it was not cut before its end."""

    document: Document
    ended: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A provider's way of asking and answering. `reason_key`: its name in the metadata for why an answer stopped.

    `events_are_documents`: every event of a stream is a document like the one that comes without a stream.
    """

    name: str
    reason_key: Literal["finish_reason", "stop_reason"]
    is_request: Callable[[Document], bool]
    is_response: Callable[[Document], bool]
    is_event: Callable[[Document], bool]
    read_request: Callable[[Document], Asked]
    read_response: Callable[[Document], Answered]
    assemble: Callable[[Events], Assembled]
    events_are_documents: bool = False
