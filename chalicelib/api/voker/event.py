"""From the JSON body of `POST events` to a generation of the domain."""

from typing import Any

from chalicelib.api.free_fields import with_unrecognized
from chalicelib.api.voker.shapes import provider_of, shape_of
from chalicelib.api.voker.wire import WireEvent, object_of, read
from chalicelib.domain.errors import EmptySession, Malformed
from chalicelib.domain.free_form import Json, mended, normal
from chalicelib.domain.generation import Exchange, Generation, ModelRef
from chalicelib.domain.identifiers import optional_identifier

ITEM = "event"
EVENT_NAME = "llm"
DEFAULT = "default"
EXCHANGE = ("inputs", "output")


def read_event(raw: Json, own_id: str) -> Generation:
    """One event, under this id.

    Raises:
        Malformed: with a text for the client.
        EmptySession: nothing but its session is wrong.
    """
    wire = read(raw, WireEvent, ITEM, "event_name", "properties", "fingerprint_id")
    if wire.event_name != EVENT_NAME:
        raise Malformed(f'{ITEM}.event_name: must be "{EVENT_NAME}"')
    generation = _generation(own_id, wire, wire.properties or {})
    if object_of(raw, ITEM).get("session") == "":
        raise EmptySession("event.session: must not be empty")
    return generation


def _generation(own_id: str, wire: WireEvent, properties: dict[str, Any]) -> Generation:
    inputs, output = (properties.get(name) for name in EXCHANGE)
    shape = shape_of(properties.get("api"))
    return Generation(
        id=own_id,
        source="voker",
        request_id=own_id,
        fingerprint_id=wire.fingerprint_id,
        session_id=wire.session,
        person_id=wire.person,
        agent_name=wire.agent or DEFAULT,
        agent_version=wire.agent_version or DEFAULT,
        model=ModelRef(provider=provider_of(shape, inputs, output), name=_model(inputs)),
        metadata=_metadata(wire, properties, "api" if shape else ""),
        exchange=Exchange(method="POST", status_code=200, request_body=inputs, response_body=output, shape=shape),
    )


def _model(inputs: Json) -> str | None:
    """The model that was asked for, where that can be said without knowing the shape."""
    name = inputs.get("model") if isinstance(inputs, dict) else None
    try:
        return optional_identifier(name) if isinstance(name, str) else None
    except ValueError:
        return None


def _metadata(wire: WireEvent, properties: dict[str, Any], tag: str) -> dict[str, Any]:
    """All properties but the exchange and its tag, if that is known; and what else the event carries."""
    kept = {name: normal(value) for name, value in properties.items() if name not in (*EXCHANGE, tag)}
    try:
        unknown = {mended(name): normal(value) for name, value in (wire.model_extra or {}).items() if value is not None}
    except ValueError as error:
        raise Malformed(f"{ITEM}: {error}") from None
    return with_unrecognized(kept, unknown)
