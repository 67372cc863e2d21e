"""The route of Voker's events."""

from uuid import uuid4

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.taking import Taken, idempotency_key, telling_what_is_stored
from chalicelib.api.voker.event import read_event
from chalicelib.api.voker.failure import typed_failure
from chalicelib.api.voker.wire import BARE
from chalicelib.domain.errors import Conflict


def create_event(call: Call) -> Reply:
    """Store one event, and all that it names."""
    key = idempotency_key(call)
    event = read_event(call.json(BARE), key or str(uuid4()))
    call.admit(1)
    with telling_what_is_stored({0: Taken(event, named=key is not None)}):
        outcome = call.use.events(call.tenant, event, call.sender)
    if not outcome.accepted:
        raise Conflict(outcome.error, meta={"request_id": outcome.generation_id})
    return Reply({"id": outcome.generation_id, "status": "accepted"})


OPERATIONS = [
    Operation("POST", "/v1/events", "events:CreateEvent", create_event, role="member", failure=typed_failure),
]
