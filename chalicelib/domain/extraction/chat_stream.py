"""The chunks of a streamed chat completion, put together to the completion."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.extraction.json_values import elements, mapping, mappings, position, string
from chalicelib.domain.extraction.shape import Assembled
from chalicelib.domain.free_form import Json


def is_chunk(event: Document) -> bool:
    """Whether an event is a chunk of this shape."""
    return event.get("object") == "chat.completion.chunk" or any(
        "delta" in choice for choice in mappings(event.get("choices"))
    )


def assemble(events: Events) -> Assembled:
    """The completion. It has ended when the stream says so, or when every choice has its reason; some say only one."""
    document: Document = {}
    choices: dict[int, _Choice] = {}
    for event in events.items:
        for key in ("id", "model"):
            if key not in document and string(event, key):
                document[key] = event[key]
        for key in ("usage", "error"):
            if event.get(key):
                document[key] = event[key]
        for piece in mappings(event.get("choices")):
            choices.setdefault(position(piece, "index"), _Choice()).add(piece)
    document["choices"] = [{"index": index, **choice.whole()} for index, choice in choices.items()]
    finished = bool(choices) and all("finish_reason" in choice.fields for choice in choices.values())
    return Assembled(document, events.done or finished)


@dataclass(slots=True)
class _ToolCall:
    fields: Document = field(default_factory=dict)
    name: str | None = None
    pieces: list[str] = field(default_factory=list)
    whole_arguments: Json = None

    def add(self, piece: Document) -> None:
        for key in ("id", "type"):
            if key not in self.fields and string(piece, key):
                self.fields[key] = piece[key]
        called = _called(piece)
        self.name = self.name or string(called, "name")
        said = called.get("arguments", called.get("input"))
        if isinstance(said, str):
            self.pieces.append(said)
        elif said is not None:
            self.whole_arguments = said

    def begins_another(self, piece: Document) -> bool:
        """Whether the piece is of another call: some providers give all calls one index, or give none."""
        if self.name is None or string(_called(piece), "name") is None:
            return False
        own, other = self.fields.get("id"), string(piece, "id")
        if "index" in piece:
            return own is not None and other is not None and own != other
        return other is None or own != other

    def whole(self) -> Document:
        said = self.whole_arguments if self.whole_arguments is not None else "".join(self.pieces)
        if self.fields.get("type") == "custom":
            return {**self.fields, "custom": {"name": self.name, "input": said}}
        return {**self.fields, "function": {"name": self.name, "arguments": said}}


def _called(piece: Document) -> Document:
    return mapping(piece.get("function")) or mapping(piece.get("custom"))


@dataclass(slots=True)
class _ToolCalls:
    calls: list[_ToolCall] = field(default_factory=list)
    by_index: dict[int, _ToolCall] = field(default_factory=dict)

    def add(self, piece: Document) -> None:
        index = position(piece, "index")
        call = self.by_index.get(index)
        if call is None or call.begins_another(piece):
            call = self.by_index[index] = _ToolCall()
            self.calls.append(call)
        call.add(piece)


@dataclass(slots=True)
class _Choice:
    fields: Document = field(default_factory=dict)
    content: list[Json] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    tools: _ToolCalls = field(default_factory=_ToolCalls)
    function: _ToolCall = field(default_factory=_ToolCall)

    def add(self, piece: Document) -> None:
        for key in ("finish_reason", "error"):
            if piece.get(key):
                self.fields[key] = piece[key]
        # A list of chunks may hold the whole completion, too.
        delta = mapping(piece.get("delta")) or mapping(piece.get("message"))
        content = delta.get("content")
        self.content.extend(content if isinstance(content, list) else [content] if content else [])
        thoughts = "reasoning_content" if string(delta, "reasoning_content") else "reasoning"
        for key in ("refusal", thoughts):
            self._text(key, delta.get(key))
        self._text("transcript", mapping(delta.get("audio")).get("transcript"))
        for call in mappings(delta.get("tool_calls")):
            self.tools.add(call)
        if legacy := mapping(delta.get("function_call")):
            self.function.add({"function": legacy})

    def _text(self, key: str, piece: Json) -> None:
        if isinstance(piece, str) and piece:
            self.texts.setdefault(key, []).append(piece)

    def whole(self) -> Document:
        texts = {key: "".join(pieces) for key, pieces in self.texts.items()}
        message: Document = {
            "content": list(_merged(self.content)),
            "tool_calls": [call.whole() for call in self.tools.calls],
            "audio": {"transcript": texts.pop("transcript", None)},
            **texts,
        }
        if self.function.name or self.function.pieces:
            message["function_call"] = self.function.whole()["function"]
        return {**self.fields, "message": message}


def _merged(content: list[Json]) -> Iterator[Json]:
    """The pieces of a content, those of one kind that follow each other as one."""
    kind = ""
    texts: list[str] = []
    for piece in content:
        text_kind, text = _text_of(piece)
        if text_kind != kind and texts:
            yield {"type": kind, kind: "".join(texts)}
            texts = []
        kind = text_kind
        if text_kind:
            texts.append(text)
        else:
            yield piece
    if texts:
        yield {"type": kind, kind: "".join(texts)}


def _text_of(piece: Json) -> tuple[str, str]:
    """`text` or `thinking` and what it says; nothing for a piece that has to stay as it is."""
    if isinstance(piece, str):
        return "text", piece
    fields = mapping(piece)
    if fields.get("type") == "text":
        return "text", string(fields, "text") or ""
    if fields.get("type") == "thinking":
        thought = fields.get("thinking")
        pieces = [thought] if isinstance(thought, str) else [string(mapping(p), "text") for p in elements(thought)]
        return "thinking", "".join(text for text in pieces if text)
    return "", ""
