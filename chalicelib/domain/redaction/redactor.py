"""Redact generations and other records before anything of them is written."""

import base64
import binascii
import json

from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Generation
from chalicelib.domain.redaction.credentials import REDACTED
from chalicelib.domain.redaction.fields import BASE64, FREE, OBJECT, SEARCHED, STREAM, Shape
from chalicelib.domain.redaction.paths import Places, below
from chalicelib.domain.redaction.rules import Rules
from chalicelib.domain.redaction.search import Search
from chalicelib.domain.redaction.skeleton import skeleton

_REDACTED_BASE64 = base64.b64encode(REDACTED.encode()).decode()


class Redactor:
    """Applies rules. Never raises: what cannot be redacted is dropped."""

    def __init__(self, rules: Rules) -> None:
        self._paths: Places = rules.paths
        self._search = Search(rules)

    def __call__(self, generation: Generation, content: bytes) -> Generation:
        """The generation as it may be stored; the same object when nothing was found.

        `content` is its canonical JSON, by which most generations are seen to hold nothing. One that could not be
        redacted comes back as its skeleton, with `content_dropped`.
        """
        try:
            if not self._search.may_match(content) and not self._hides_text(generation):
                return generation
            fields = json.loads(content)
            redacted = self._redact(fields, self._paths, SEARCHED)
            return generation if redacted is fields else Generation.model_validate(redacted)
        except Exception:  # noqa: BLE001  # whatever went wrong, the content must not be stored as it is
            return skeleton(generation)

    def text(self, text: str) -> str:
        """A text as it may be stored; nothing but `[REDACTED]` when it could not be redacted."""
        try:
            return self._search.text(text)
        except Exception:  # noqa: BLE001  # as above
            return REDACTED

    def value(self, value: Json) -> Json:
        """A JSON value as it may be stored; an object or a list that could not be redacted comes back empty."""
        try:
            return self._search.value(value)
        except Exception:  # noqa: BLE001  # as above
            return type(value)() if isinstance(value, dict | list) else REDACTED

    def _redact(self, node: Json, places: Places, shape: Shape) -> Json:
        """A part of a stored generation. A path that ends at a structure means every text in it."""
        if isinstance(shape, str):
            return self._redact_leaf(node, places, shape)
        if isinstance(shape, list):
            inside = places if () in places else below(places, None)
            items = [self._redact(item, inside, shape[0]) for item in node]
            return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
        members = {
            key: self._redact(node[key], places if () in places else below(places, key), inner)
            for key, inner in shape.items()
            if key in node
        }
        return node | members if any(new is not node[key] for key, new in members.items()) else node

    def _redact_leaf(self, node: Json, places: Places, kind: str) -> Json:
        if kind == OBJECT and () in places:
            node = self._redact(node, places, dict.fromkeys(node, FREE))
            return self._search.value(node)  # for the names of its members
        if kind == BASE64:
            return self._redact_base64(node, places)
        if kind == STREAM and isinstance(node, list):
            return self._search.stream(node, places)
        return self._search.value(node, places)

    def _redact_base64(self, payload: str, places: Places) -> str:
        """Bytes that are no text hold nothing that could be found; what is no base64 is text."""
        if () in places:
            return payload if payload == _REDACTED_BASE64 else _REDACTED_BASE64
        try:
            text = base64.b64decode(payload, validate=True).decode()
        except binascii.Error:
            return self._search.text(payload, places)
        except UnicodeDecodeError:
            return payload
        redacted = self._search.text(text, places)
        return payload if redacted is text else base64.b64encode(redacted.encode()).decode()

    def _hides_text(self, generation: Generation) -> bool:
        """Whether there may be something that the canonical JSON does not show: in base64, in pieces."""
        body = generation.exchange.response_body if generation.exchange else None
        return self._search.must_join(body) or any(artifact.payload for artifact in generation.raw_artifacts)
