"""The events of a streamed interaction, put together to the interaction.

The event that ends a stream carries the interaction without its outputs; these are in the events before it.
"""

from dataclasses import dataclass, field

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.extraction.json_values import elements, mapping, position, string
from chalicelib.domain.extraction.shape import Assembled
from chalicelib.domain.free_form import Json

# One revision of the interface names the pieces of an answer contents, a later one steps.
_FAMILIES = ("interaction.", "content.", "step.")
_LAST = ("interaction.complete", "interaction.completed")
_NOTES = ("thought_signature", "text_annotation")


def is_event(event: Document) -> bool:
    """Whether an event is one of this shape."""
    return (string(event, "event_type") or "").startswith(_FAMILIES)


def assemble(events: Events) -> Assembled:
    """The interaction. It has ended when the event that completes it came."""
    interaction = _Streamed()
    for event in events.items:
        interaction.add(event)
    return Assembled(interaction.whole(), interaction.ended)


@dataclass(slots=True)
class _Item:
    fields: Document = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    summary: list[Json] = field(default_factory=list)

    def add(self, delta: Document) -> None:
        kind = string(delta, "type") or ""
        if kind == "text":
            self.texts.append(string(delta, "text") or "")
        elif kind == "thought_summary":
            self.fields.setdefault("type", "thought")
            self.summary.append(delta.get("content"))
        elif isinstance(said := delta.get("arguments"), str):
            self.arguments.append(said)
        elif kind not in _NOTES:
            self.fields.update(delta)

    def whole(self) -> Document:
        """The block or step. Those in which a text is but a part of the content have it there."""
        item = {"type": "text", **self.fields}
        if self.arguments:
            item["arguments"] = "".join(self.arguments)
        if self.summary:
            item["summary"] = [*elements(item.get("summary")), *self.summary]
        text = "".join(self.texts)
        if text and item["type"] == "text":
            item["text"] = (string(item, "text") or "") + text
        elif text:
            item["content"] = [*elements(item.get("content")), {"type": "text", "text": text}]
        return item


@dataclass(slots=True)
class _Streamed:
    document: Document = field(default_factory=dict)
    items: dict[int, _Item] = field(default_factory=dict)
    ended: bool = False

    def add(self, event: Document) -> None:
        kind = string(event, "event_type") or ""
        if isinstance(event.get("interaction"), dict):
            self.document.update(event["interaction"])
            self.ended = self.ended or kind in _LAST
        elif event.get("error"):
            self.document["error"] = event["error"]
        elif kind == "interaction.status_update":
            self.document["status"] = event.get("status")
        elif kind in ("content.start", "step.start"):
            self._item(event).fields = {**(mapping(event.get("content")) or mapping(event.get("step")))}
        elif kind in ("content.delta", "step.delta"):
            self._item(event).add(mapping(event.get("delta")))

    def _item(self, event: Document) -> _Item:
        return self.items.setdefault(position(event, "index"), _Item())

    def whole(self) -> Document:
        document = {**self.document, "object": "interaction"}
        if not (elements(document.get("outputs")) or elements(document.get("steps"))):
            document["outputs"] = [item.whole() for _, item in sorted(self.items.items())]
        return document
