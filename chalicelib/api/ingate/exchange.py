"""From the JSON bodies of `POST ingest` and `POST ingest/batch` to generations of the domain."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from chalicelib.api.faults import TooDeep, first_fault, validated
from chalicelib.api.free_fields import with_unrecognized
from chalicelib.api.ingate.wire import WireExchange
from chalicelib.api.labels import MAX_DEPENDENCIES, TOO_MANY_DEPENDENCIES, split_dependencies
from chalicelib.api.limits import items_of, limit_dependencies
from chalicelib.api.taking import Taken
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, Unreadable, mended, normal
from chalicelib.domain.generation import Exchange, Generation, ModelRef
from chalicelib.domain.identifiers import MAX_CHARACTERS, check_identifier

ITEM = "exchange"
SAYING_SOMETHING = ("request_body", "response_body", "model", "prompt", "completion")


class ExchangeRejected(Malformed):
    """One exchange cannot be taken in; `request_id` is its id as far as it has one."""

    def __init__(self, request_id: str | None, error: str) -> None:
        super().__init__(error)
        self.request_id = request_id
        self.error = error


@dataclass(frozen=True, slots=True)
class RequestIds:
    """Ids for exchanges that name none: the request's idempotency key (in a batch with the place behind it), else new.

    Raises:
        ValueError: (from `at`) key and place make no id.
    """

    key: str | None
    is_batch: bool = False

    def at(self, index: int) -> str:
        """The id of the exchange at a place of the request."""
        if self.key is None:
            return str(uuid4())
        return check_identifier(f"{self.key}-{index}" if self.is_batch else self.key)


def read_exchanges(body: object, ids: RequestIds) -> list[Taken | ExchangeRejected]:
    """The exchanges of a batch in its order, with the refusal in the place of each one that is refused.

    Raises:
        Malformed: the body is no object with a list `exchanges`.
        TooLarge: over 1,000 exchanges, or over 10,000 dependencies in all.
    """
    items = items_of(body, "exchanges")
    outcomes = [_outcome(item, index, ids) for index, item in enumerate(items)]
    limit_dependencies(outcome.generation for outcome in outcomes if isinstance(outcome, Taken))
    return outcomes


def read_exchange_body(raw: Json, ids: RequestIds, index: int = 0) -> Taken:
    """One exchange. Raises ExchangeRejected with a text for the client."""
    if not isinstance(raw, dict):
        reason = raw.reason if isinstance(raw, Unreadable) else "must be an object"
        raise ExchangeRejected(None, f"{ITEM}: {reason}")
    try:
        wire = validated(WireExchange, raw)
        _require(wire)
        own_id = wire.request_id or ids.at(index)
        return Taken(_generation(own_id, wire), named=wire.request_id is not None or ids.key is not None)
    except ValidationError as error:
        raise ExchangeRejected(_id_of(raw), first_fault(error, ITEM)) from None
    except (TooDeep, ValueError) as error:
        raise ExchangeRejected(_id_of(raw), f"{ITEM}: {error}") from None


def _outcome(item: Json, index: int, ids: RequestIds) -> Taken | ExchangeRejected:
    try:
        return read_exchange_body(item, ids, index)
    except ExchangeRejected as rejected:
        return rejected


def _id_of(raw: dict[str, Any]) -> str | None:
    value = raw.get("request_id")
    return mended(value[:MAX_CHARACTERS]) if isinstance(value, str) else None


def _require(wire: WireExchange) -> None:
    if wire.provider is None:
        raise ValueError("provider is required")
    if all(getattr(wire, name) in (None, "") for name in SAYING_SOMETHING):
        raise ValueError(f"one of {', '.join(SAYING_SOMETHING)} is required")


def _generation(own_id: str, wire: WireExchange) -> Generation:
    tags = wire.tags or {}
    depends_on, dropped = split_dependencies(own_id, wire.depends_on or ())
    if len(depends_on) > MAX_DEPENDENCIES:
        raise ExchangeRejected(wire.request_id, f"{ITEM}.depends_on: {TOO_MANY_DEPENDENCIES}")
    return Generation(
        id=own_id,
        source="ingate",
        request_id=own_id,
        conversation_id=wire.conversation_id,
        session_id=tags.get("session_id") or None,
        person_id=tags.get("user_id") or None,
        trace_id=wire.trace_id,
        agent_name=wire.agent_name,
        agent_version=wire.agent_version,
        model=ModelRef(provider=wire.provider, name=wire.model),
        prompt=wire.prompt or None,
        completion=wire.completion or None,
        token_count=wire.token_count,
        started_at=wire.started_at,
        latency_ms=wire.latency_ms,
        tags={key: value for key, value in tags.items() if key},
        metadata=_metadata(wire, dropped),
        depends_on=tuple(depends_on),
        exchange=_exchange(wire),
    )


def _exchange(wire: WireExchange) -> Exchange:
    return Exchange(
        path=wire.path or None,
        method=wire.method or "POST",
        status_code=200 if wire.status_code is None else wire.status_code,
        request_body=wire.request_body,
        response_body=wire.response_body,
    )


def _metadata(wire: WireExchange, dropped: list[str]) -> dict[str, Any]:
    """The client's metadata, with what nobody knows."""
    unknown = {mended(name): normal(value) for name, value in (wire.model_extra or {}).items() if value is not None}
    if dropped:
        unknown["depends_on"] = dropped
    return with_unrecognized(wire.metadata or {}, unknown)
