"""The chunks of a streamed answer of Gemini's, each of them an answer of its own, put together to the whole."""

from dataclasses import dataclass, field

from chalicelib.domain.extraction.bodies import Document, Events
from chalicelib.domain.extraction.json_values import elements, mappings, position, snake_case, string
from chalicelib.domain.extraction.shape import Assembled
from chalicelib.domain.free_form import Json

_OBJECTS = ("usageMetadata", "usage_metadata", "promptFeedback", "prompt_feedback")
_TEXT_FIELDS = frozenset({"text", "thought", "thought_signature"})


def is_chunk(document: Document) -> bool:
    """Whether a document is an answer of this shape, or a chunk of one."""
    return "candidates" in document or any(isinstance(document.get(key), dict) for key in _OBJECTS)


def assemble(events: Events) -> Assembled:
    """The answer. It has ended when every candidate has its reason, or when the prompt was blocked."""
    document: Document = {}
    usage: Document = {}
    candidates: dict[int, _Candidate] = {}
    for event in events.items:
        chunk = snake_case(event)
        for key in ("response_id", "model_version"):
            if key not in document and string(chunk, key):
                document[key] = chunk[key]
        for key in ("prompt_feedback", "error"):
            if chunk.get(key):
                document[key] = chunk[key]
        # Counts are cumulative: a later one replaces the one before it.
        usage.update(snake_case(chunk.get("usage_metadata")))
        for piece in mappings(chunk.get("candidates")):
            candidates.setdefault(position(piece, "index"), _Candidate()).add(snake_case(piece))
    document["candidates"] = [{"index": index, **candidate.whole()} for index, candidate in candidates.items()]
    document["usage_metadata"] = usage
    blocked = "block_reason" in snake_case(document.get("prompt_feedback"))
    finished = bool(candidates) and all(candidate.reason for candidate in candidates.values())
    return Assembled(document, finished or blocked)


@dataclass(slots=True)
class _Candidate:
    role: str | None = None
    reason: str | None = None
    parts: list[Json] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    thinks: bool = False

    def add(self, piece: Document) -> None:
        self.reason = string(piece, "finish_reason") or self.reason
        content = snake_case(piece.get("content"))
        self.role = self.role or string(content, "role")
        for part in elements(content.get("parts")):
            self._add_part(part)

    def _add_part(self, part: Json) -> None:
        """Texts that follow each other are one part, what is thought apart from what is said."""
        fields = snake_case(part)
        text = fields.get("text")
        if not isinstance(text, str) or not fields.keys() <= _TEXT_FIELDS:
            self._end_text()
            self.parts.append(part)
        elif text:
            thinks = fields.get("thought") is True
            if thinks is not self.thinks:
                self._end_text()
                self.thinks = thinks
            self.texts.append(text)

    def _end_text(self) -> None:
        if self.texts:
            self.parts.append({"text": "".join(self.texts), "thought": self.thinks})
            self.texts = []

    def whole(self) -> Document:
        self._end_text()
        return {"content": {"role": self.role, "parts": self.parts}, "finish_reason": self.reason}
