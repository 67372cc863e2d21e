"""What every route needs that takes in things whose ids the client may leave to the service."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.api.call import Call
from chalicelib.domain.errors import Malformed, Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.identifiers import optional_identifier
from chalicelib.services.ingest import PartlyStored

KEY_HEADER = "idempotency-key"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in, as a generation; `named` says that the client knows its id, so that a retry has it again."""

    generation: Generation
    named: bool


def idempotency_key(call: Call) -> str | None:
    """The request's own key, which becomes an id. Raises Malformed."""
    try:
        return optional_identifier(call.headers.get(KEY_HEADER))
    except ValueError as error:
        raise Malformed(f"Idempotency-Key {error}", meta={"header": "Idempotency-Key"}) from error


@contextmanager
def telling_what_is_stored(taken: Mapping[int, Taken]) -> Iterator[None]:
    """When storing fails, say which of it is stored under an id that the client cannot know."""
    try:
        yield
    except PartlyStored as error:
        unknown = {index: item.generation.id for index, item in taken.items() if not item.named}
        stored = [{"index": index, "request_id": own} for index, own in unknown.items() if own in error.stored]
        raise Unavailable(error.message, meta={"stored": stored} if stored else {}) from error
