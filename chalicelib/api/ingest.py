"""The Ingate routes, which take raw exchanges with providers in."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.ingate.exchange import ExchangeRejected, RequestIds, read_exchange_body, read_exchanges
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.taking import Taken, idempotency_key, telling_what_is_stored
from chalicelib.domain.errors import Conflict
from chalicelib.services.ingest import Outcome

ACCEPTED = 202
BARE = 0  # the body of a single exchange has nothing around it


def ingest(call: Call) -> Reply:
    """Store one exchange."""
    taken = read_exchange_body(call.json(BARE), RequestIds(idempotency_key(call)))
    call.admit(1)
    [outcome] = _store(call, {0: taken})
    if not outcome.accepted:
        raise Conflict(outcome.error, meta={"request_id": outcome.generation_id})
    return Reply({"request_id": outcome.generation_id, "status": "accepted"}, ACCEPTED)


def ingest_batch(call: Call) -> Reply:
    """Store each exchange or say why not; one result per item, in order."""
    items = read_exchanges(call.json(), RequestIds(idempotency_key(call), is_batch=True))
    call.admit(len(items))
    taken = {index: item for index, item in enumerate(items) if isinstance(item, Taken)}
    outcomes = iter(_store(call, taken))
    results = [_result(index, item, outcomes) for index, item in enumerate(items)]
    accepted = sum(result["accepted"] for result in results)
    if refused := len(items) - len(taken):
        call.use.ingest_telemetry.metrics.count("rejected", refused, reason="invalid")
    return Reply({"accepted": accepted, "rejected": len(items) - accepted, "items": results}, ACCEPTED)


def _store(call: Call, taken: Mapping[int, Taken]) -> list[Outcome]:
    with telling_what_is_stored(taken):
        return call.use.ingest(call.tenant, [item.generation for item in taken.values()], call.sender)


def _result(index: int, item: Taken | ExchangeRejected, outcomes: Iterator[Outcome]) -> dict[str, Any]:
    if isinstance(item, ExchangeRejected):
        return {"index": index, "request_id": item.request_id, "accepted": False, "error": item.error}
    outcome = next(outcomes)
    result: dict[str, Any] = {"index": index, "request_id": outcome.generation_id, "accepted": outcome.accepted}
    return result if outcome.accepted else {**result, "error": outcome.error}


OPERATIONS = [
    Operation("POST", "/v1/ingest", "generations:IngestExchange", ingest, role="member"),
    Operation("POST", "/v1/ingest/batch", "generations:IngestExchanges", ingest_batch, role="member"),
]
