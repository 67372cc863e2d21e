"""From the body of `POST /generations` to the generation that a run is opened with."""

import hashlib
from base64 import b32encode

from chalicelib.api.lifecycle.wire import WireOpening, read_wire, refusing
from chalicelib.api.sigil.convert import to_generation
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Generation

RANDOM_CHARACTERS = 16
DEFAULT_AGENT = "default"
ENDS = ("call_error", "completed_at")


def read_opening(body: Json, key: str | None, random: str) -> Generation:
    """The generation; its id is the body's, else the request's `key`, else made out of `random`.

    What is made here follows from the id, so that the same request sent again is the same content. Raises Malformed.
    """
    wire = read_wire(WireOpening, body, "generation")
    own_id = wire.id or key or f"gen_{alphanumerics(random)}"
    generation: Generation = refusing(lambda: to_generation(own_id, wire))
    for name in ENDS:
        if getattr(generation, name):
            raise Malformed(f"{name} is said by a move: a run opens in progress", meta={"field": name})
    return generation.model_copy(
        update={
            "source": "lifecycle",
            "status": "in_progress",
            "agent_name": generation.agent_name or DEFAULT_AGENT,
            "trace_id": generation.trace_id or f"trace_{alphanumerics(own_id)}",
            "initiator_generation_id": wire.initiator_generation_id,
        }
    )


def alphanumerics(seed: str) -> str:
    """Sixteen lower-case letters and digits that follow from a text."""
    return b32encode(hashlib.sha256(seed.encode()).digest())[:RANDOM_CHARACTERS].decode().lower()
