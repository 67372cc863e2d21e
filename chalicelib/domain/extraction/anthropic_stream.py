"""The events of a streamed message, put together to the message."""

from dataclasses import dataclass, field

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.extraction.json_values import mapping, parse, position, string
from chalicelib.domain.extraction.shape import Assembled
from chalicelib.domain.free_form import Json

_EVENTS = ("message_start", "message_delta", "message_stop", "content_block_start", "content_block_delta")
_DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def is_event(event: Document) -> bool:
    """Whether an event is one of this shape."""
    return event.get("type") in _EVENTS


def assemble(events: Events) -> Assembled:
    """The message. It has ended when the stream says so, or has given the reason why it stopped."""
    message = _Streamed()
    for event in events.items:
        message.add(event)
    return Assembled(message.whole(), message.stopped or string(message.document, "stop_reason") is not None)


@dataclass(slots=True)
class _Block:
    fields: Document
    pieces: dict[str, list[str]] = field(default_factory=dict)

    def add(self, delta: Document) -> None:
        key = _DELTAS.get(string(delta, "type") or "")
        piece = string(delta, key) if key else None
        if key and piece:
            self.pieces.setdefault(key, []).append(piece)

    def whole(self) -> Document:
        said: Document = {key: "".join(pieces) for key, pieces in self.pieces.items()}
        partial = said.pop("partial_json", None)
        if partial is not None:
            said["input"] = _value_or_text(partial)
        for key in said.keys() & {"text", "thinking"}:
            said[key] = (string(self.fields, key) or "") + said[key]
        return {**self.fields, **said}


@dataclass(slots=True)
class _Streamed:
    document: Document = field(default_factory=dict)
    usage: Document = field(default_factory=dict)
    blocks: dict[int, _Block] = field(default_factory=dict)
    stopped: bool = False

    def add(self, event: Document) -> None:
        kind = event.get("type")
        if kind == "message_start":
            self._update(mapping(event.get("message")), event)
        elif kind == "message_delta":
            self._update(mapping(event.get("delta")), event)
        elif kind == "content_block_start":
            self.blocks[position(event, "index")] = _Block(mapping(event.get("content_block")))
        elif kind == "content_block_delta":
            self.blocks.setdefault(position(event, "index"), _Block({"type": "text"})).add(mapping(event.get("delta")))
        elif kind == "message_stop":
            self.stopped = True
        elif event.get("error"):
            self.document["error"] = event["error"]

    def _update(self, fields: Document, event: Document) -> None:
        """Counts are cumulative: a later one replaces the one before it."""
        self.document.update(_known(fields))
        self.usage.update(_known(mapping(fields.get("usage"))))
        self.usage.update(_known(mapping(event.get("usage"))))

    def whole(self) -> Document:
        blocks = [block.whole() for _, block in sorted(self.blocks.items())]
        content = blocks or self.document.get("content")
        return {**self.document, "type": "message", "content": content, "usage": self.usage}


def _known(fields: Document) -> Document:
    return {key: value for key, value in fields.items() if value is not None}


def _value_or_text(partial: str) -> Json:
    """The input of a tool; as far as it came where the stream was cut."""
    try:
        return parse(partial)
    except ValueError:
        return partial
