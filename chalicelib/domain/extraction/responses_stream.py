"""The events of a streamed response, put together to the response.

The event that ends a stream carries the whole response. The pieces are needed where it never came, and where a gateway
left its output empty.
"""

from dataclasses import dataclass, field

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.extraction.json_values import elements, mapping, position, string
from chalicelib.domain.extraction.shape import Assembled

_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")

# Where the text of an event goes: key of the item, type and text key of the piece in it, index of the piece.
_PIECES = {
    "output_text": ("content", "output_text", "text", "content_index"),
    "refusal": ("content", "refusal", "refusal", "content_index"),
    "reasoning_text": ("content", "reasoning_text", "text", "content_index"),
    "reasoning_summary_text": ("summary", "summary_text", "text", "summary_index"),
}
# Events whose text is a string of the item itself: type and key of the item.
_STRINGS = {
    "function_call_arguments": ("function_call", "arguments"),
    "custom_tool_call_input": ("custom_tool_call", "input"),
}
_TYPES = {"content": "message", "summary": "reasoning"}


def is_event(event: Document) -> bool:
    """Whether an event is one of this shape."""
    return (string(event, "type") or "").startswith("response.")


def assemble(events: Events) -> Assembled:
    """The response. It has ended when one of the last events came."""
    response = _Streamed()
    for event in events.items:
        response.add(event)
    return Assembled(response.whole(), response.ended)


@dataclass(slots=True)
class _Item:
    fields: Document = field(default_factory=dict)
    pieces: dict[tuple[str, int], tuple[str, list[str]]] = field(default_factory=dict)
    strings: dict[str, list[str]] = field(default_factory=dict)
    done: bool = False

    def add(self, said: str, event: Document) -> None:
        """A piece of text, or all of it where the event has no delta."""
        delta = string(event, "delta")
        if said in _STRINGS:
            kind, key = _STRINGS[said]
            texts = self.strings.setdefault(key, [])
        else:
            place, piece_type, key, index = _PIECES[said]
            kind = "reasoning" if said == "reasoning_text" else _TYPES[place]
            texts = self.pieces.setdefault((place, position(event, index)), (piece_type, []))[1]
        self.fields.setdefault("type", kind)
        if delta is not None:
            texts.append(delta)
        elif whole := string(event, key):
            texts[:] = [whole]

    def whole(self) -> Document:
        if self.done:
            return self.fields
        item = {**self.fields, **{key: "".join(texts) for key, texts in self.strings.items()}}
        for place in _TYPES:
            said = [
                {"type": kind, ("refusal" if kind == "refusal" else "text"): "".join(texts)}
                for (where, _), (kind, texts) in sorted(self.pieces.items())
                if where == place
            ]
            if said:
                item[place] = said
        return item


@dataclass(slots=True)
class _Streamed:
    document: Document = field(default_factory=dict)
    items: dict[int, _Item] = field(default_factory=dict)
    ended: bool = False

    def add(self, event: Document) -> None:
        kind = string(event, "type") or ""
        if kind in ("response.output_item.added", "response.output_item.done"):
            item = self._item(event)
            item.fields = {**mapping(event.get("item"))}
            item.done = kind.endswith("done")
        elif isinstance(event.get("response"), dict):
            self.document.update(event["response"])
            self.ended = self.ended or kind in _LAST
        elif kind == "error" or event.get("error"):
            self.document["error"] = event.get("error") or {
                key: event[key] for key in ("code", "message") if event.get(key)
            }
        else:
            said = kind.removeprefix("response.").rpartition(".")[0]
            if said in _PIECES or said in _STRINGS:
                self._item(event).add(said, event)

    def _item(self, event: Document) -> _Item:
        return self.items.setdefault(position(event, "output_index"), _Item())

    def whole(self) -> Document:
        if elements(self.document.get("output")):
            return self.document
        output = [item.whole() for _, item in sorted(self.items.items())]
        return {**self.document, "object": "response", "output": output}
