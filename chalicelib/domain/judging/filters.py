"""Reading which generations an evaluator or a backfill is about."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.evaluator import Filter
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Source
from chalicelib.domain.judging.wire import Identifier, Wire, read

MOST_TAGS = 10


class WireFilter(Wire):
    """A filter as a client writes it. Only what has ended is judged, so that there are two states to ask for."""

    agent_name: Identifier | None = None
    model: Identifier | None = None
    source: Source | None = None
    status: Literal["completed", "failed"] | None = None
    conversation_id: Identifier | None = None
    tags: Annotated[dict[Identifier, Identifier], Field(max_length=MOST_TAGS)] | None = None

    def filter(self) -> Filter:
        """The filter that it means."""
        return Filter(**{**self.model_dump(), "tags": self.tags or {}})


def read_filter(body: Json) -> Filter:
    """A filter out of a client's JSON; null is an empty one. Raises Malformed, whose `meta.field` names the field."""
    return Filter() if body is None else read(WireFilter, body, ("filter",)).filter()
