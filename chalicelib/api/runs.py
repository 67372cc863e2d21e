"""Routes of runs: a record is opened before the model is called, and moved until it has ended."""

from chalicelib.api.call import Call
from chalicelib.api.generations import identifier
from chalicelib.api.lifecycle.move import read_move
from chalicelib.api.lifecycle.opening import read_opening
from chalicelib.api.limits import limit_dependencies
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.taking import idempotency_key

CREATED = 201


def create_generation(call: Call) -> Reply:
    """Open a run; the same request again gives the record that stands."""
    call.only(set())
    generation = read_opening(call.json(), idempotency_key(call), call.use.ports.new_token())
    limit_dependencies([generation])
    call.admit(1)
    call.use.runs.open(call.tenant, generation, call.sender)
    return Reply(call.use.reading.one(call.tenant, generation.id), CREATED)


def update_generation(call: Call) -> Reply:
    """Move a run, or say that it goes on."""
    call.only(set())
    generation_id = identifier(call.path("generation_id"))
    call.use.runs.move(call.tenant, read_move(generation_id, call.json()))
    return Reply(call.use.reading.one(call.tenant, generation_id))


OPERATIONS = [
    Operation("POST", "/v1/generations", "generations:CreateGeneration", create_generation, role="member"),
    Operation(
        "PATCH", "/v1/generations/{generation_id}", "generations:UpdateGeneration", update_generation, role="member"
    ),
]
