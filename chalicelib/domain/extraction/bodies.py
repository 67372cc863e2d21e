"""Bodies as they were captured: a document, the events of a stream, or text that is neither.

A body may be JSON already, the text of JSON, the text of an event stream, or a list of a stream's chunks; a chunk is an
object of its own, an `{event, data}` pair, or a piece of the stream's text. The text of a list may have lost its end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from chalicelib.domain.extraction import sse
from chalicelib.domain.extraction.json_values import compact, elements, mapping, parse, parse_objects
from chalicelib.domain.free_form import Json

Document: TypeAlias = dict[str, Json]

_ARRAY = re.compile(r"\s*\[\s*\{")
_BLANK = "\ufeff \t\r\n"


@dataclass(frozen=True, slots=True)
class Events:
    """The objects that a stream carried, in order; `done`: it said `[DONE]`."""

    items: list[Document]
    done: bool = False


Body: TypeAlias = Document | Events | str | None
"""A document, events, text that is neither of them, or nothing."""


def read_document(captured: Json) -> Document | None:
    """The body as an object, None where it is none."""
    body = read_body(captured)
    return body if isinstance(body, dict) else None


def read_body(captured: Json) -> Body:
    """What was captured, in the one form of its kind."""
    if captured is None or isinstance(captured, dict):
        return captured
    if isinstance(captured, list):
        return _events(_from_chunks(captured))
    return _from_text(captured) if isinstance(captured, str) else compact(captured)


def _from_text(text: str) -> Body:
    stripped = text.strip(_BLANK)
    if not stripped:
        return None
    if stripped[0] in "{[":
        try:
            value = parse_objects(stripped) if stripped[0] == "[" else parse(stripped)
        except ValueError:
            return stripped
        return value if isinstance(value, dict) else _events(_from_chunks(value))
    if sse.is_event_stream(stripped):
        return _events(sse.read_events(stripped))
    return stripped


def _events(pairs: Iterable[tuple[str, Json]]) -> Events:
    items: list[Document] = []
    done = False
    for name, data in pairs:
        for value in _values(data):
            if value == sse.DONE:
                done = True
            elif isinstance(value, dict):
                items.append(_named(name, value))
    return Events(items, done)


def _from_chunks(chunks: list[Json]) -> Iterator[tuple[str, Json]]:
    if chunks and all(isinstance(chunk, str) for chunk in chunks):
        yield from _from_pieces(chunks)
        return
    for chunk in chunks:
        fields = mapping(chunk)
        if "data" in fields and ("event" in fields or len(fields) == 1):
            name = fields.get("event")
            yield name if isinstance(name, str) else "", fields["data"]
        else:
            yield "", chunk


def _from_pieces(pieces: list[str]) -> Iterator[tuple[str, Json]]:
    """Of texts: they are pieces of a stream's text, its lines, or its chunks one by one."""
    if _ARRAY.match(pieces[0]):
        try:
            return (("", chunk) for chunk in elements(parse_objects("".join(pieces))))
        except ValueError:
            pass  # they are no pieces of one
    if not any(sse.is_event_stream(piece) for piece in pieces):
        return iter([("", piece) for piece in pieces])
    whole = any("\n" in piece or "\r" in piece for piece in pieces)
    return sse.read_events(("" if whole else "\n").join(pieces))


def _values(data: Json) -> Iterator[Json]:
    """What the data of an event hold. Where blank lines were lost its lines are events of their own."""
    if not isinstance(data, str):
        yield data
    elif data.strip() == sse.DONE:
        yield sse.DONE
    else:
        try:
            yield parse(data)
        except ValueError:  # its end was cut off, or
            for line in data.split("\n") if "\n" in data else ():
                yield from _values(line)


def _named(name: str, item: Document) -> Document:
    """The event's name is its type where it has none of its own."""
    return {**item, "type": name} if name and "type" not in item else item
