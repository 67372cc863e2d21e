"""One exchange, read: recognised, its request and its response taken apart, and what went wrong named."""

from dataclasses import dataclass

from chalicelib.domain.extraction.bodies import Body, Document, Events, read_body, read_document
from chalicelib.domain.extraction.endpoints import locate
from chalicelib.domain.extraction.failure import CUT, error_in, error_in_body, is_error_status
from chalicelib.domain.extraction.json_values import mapping
from chalicelib.domain.extraction.shape import Answered, Asked, Failure, Shape
from chalicelib.domain.extraction.shapes import is_of, recognise
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Exchange

MOST_VALUES = 100_000
"""Values inside one another of a request, or of an answer put together: far more than any real one has."""


class NotApplicableError(Exception):
    """The exchange is no generation, or has no body."""


class UnreadableError(Exception):
    """The exchange cannot be read; the text says why, without anything of its content."""


@dataclass(frozen=True, slots=True)
class Read:
    """What an exchange says. `path_model`: the model as the path names it."""

    shape: Shape
    asked: Asked
    answered: Answered
    path_model: str | None
    streamed: bool
    failure: Failure | None


def read(exchange: Exchange, provider: str | None) -> Read:
    """What the exchange says.

    Raises:
        NotApplicableError: see there.
        UnreadableError: see there.
    """
    response = read_body(exchange.response_body)
    if response is None and read_body(exchange.request_body) is None:
        raise NotApplicableError
    endpoint = locate(exchange.path, exchange.method)
    if not endpoint.generates:
        raise NotApplicableError
    request = _request(exchange.request_body)
    _limit(request)
    shape = recognise(endpoint, request, response, provider, exchange.shape)
    if shape is None:
        unread = f"the shape {endpoint.unread} is not read" if endpoint.unread else None
        raise UnreadableError(unread or "neither the path nor the bodies are of a known shape")
    refused = is_error_status(exchange.status_code)
    if request is None and (refused or response is None) and not is_of(shape, response):
        raise UnreadableError("the request is no JSON object")
    asked = shape.read_request(request or {})
    answered, ended = _answered(shape, response, refused=refused)
    failure = answered.failure or (error_in_body(response) if refused else None)
    streamed = asked.streams or answered.streamed or isinstance(response, Events)
    return Read(shape, asked, answered, endpoint.model, streamed, failure or (None if ended else CUT))


def _request(captured: Json) -> Document | None:
    """The request. What a Python client was given as `extra_body` is part of the request that it sent."""
    request = read_document(captured)
    if request is None:
        return None
    extra = mapping(request.get("extra_body"))
    return {**request, **{key: value for key, value in extra.items() if request.get(key) is None}}


def _answered(shape: Shape, response: Body, *, refused: bool) -> tuple[Answered, bool]:
    """What the response says, and whether it is whole.

    Raises:
        UnreadableError: it is neither of this shape nor an error.
    """
    if response is None or (refused and isinstance(response, str)):
        return Answered(), True
    if isinstance(response, str):
        raise UnreadableError("the response is neither JSON nor an event stream")
    document, ended = _document(shape, response)
    if not (refused or is_of(shape, response) or _tells_error(response)):
        reason = f"the response is not of the shape {shape.name}"
        raise UnreadableError(reason)
    _limit(document)
    return shape.read_response(document), ended


def _limit(document: Document | None) -> None:
    """Raise UnreadableError for a document of so many values that what is made of them would take a worker's memory."""
    left, open_values = MOST_VALUES, [document]
    while open_values:
        value = open_values.pop()
        if isinstance(value, dict | list):
            left -= len(value)
            if left < 0:
                raise UnreadableError(f"a body has over {MOST_VALUES:,} values")
            open_values.extend(value.values() if isinstance(value, dict) else value)


def _document(shape: Shape, response: Document | Events) -> tuple[Document, bool]:
    """The whole response, put together if it came in pieces. A list of one may hold all of it at once."""
    if isinstance(response, Events) and len(response.items) == 1 and not shape.is_event(response.items[0]):
        response = response.items[0]
    if isinstance(response, dict):
        if shape.events_are_documents or not shape.is_event(response):
            return response, True
        response = Events([response])
    assembled = shape.assemble(response)
    return assembled.document, assembled.ended


def _tells_error(response: Document | Events) -> bool:
    documents = response.items if isinstance(response, Events) else [response]
    return any(error_in(document) for document in documents)
