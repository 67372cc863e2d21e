"""No body of Voker's routes, however broken, does anything but be read or be refused."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.voker.event import read_event
from chalicelib.api.voker.fingerprint import read_fingerprint
from chalicelib.api.voker.wire import Wire, WireAgent, WirePerson, WireVersion, read
from chalicelib.domain.content import canonical_json, from_stored_json, stored_json
from chalicelib.domain.errors import EmptySession, Malformed
from chalicelib.domain.fingerprint import REQUIRED, fingerprint_id
from tests.properties.test_hostile_bodies import ANY_TEXT, ANYTHING

R = TypeVar("R")
EVENT = {"event_name": "llm", "fingerprint_id": "f", "properties": {}}
EVENT_FIELDS = st.sampled_from([*EVENT, "agent", "agent_version", "person", "session", "unrecognized"])
PROPERTIES = st.dictionaries(st.sampled_from(["api", "inputs", "output", "unrecognized"]) | ANY_TEXT, ANYTHING)
NAMES = st.sampled_from(["person_id", "properties", "agent_name", "agent_version_name", "description"])


def encodable(value: Any) -> None:
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def outcome(work: Callable[[], R], begins: str) -> R | None:
    """What was read; None when it was refused, in words that begin like this."""
    try:
        return work()
    except (Malformed, EmptySession) as error:
        refusal = error.message
    assert refusal.startswith(begins)
    assert len(refusal) < 200
    encodable(refusal)
    return None


@given(ANYTHING | st.dictionaries(EVENT_FIELDS | ANY_TEXT, ANYTHING | PROPERTIES).map(lambda odd: {**EVENT, **odd}))
def test_an_event_becomes_a_generation_or_is_refused_in_plain_words(body: Any) -> None:
    event = outcome(lambda: read_event(body, "e"), "event")
    if event is not None:
        canonical_json(event)
        assert from_stored_json(stored_json(event)) == event


@given(PROPERTIES)
def test_an_event_with_any_properties_is_taken_or_says_why(properties: dict[str, Any]) -> None:
    event = outcome(lambda: read_event({**EVENT, "properties": properties}, "e"), "event.properties: ")
    if event is not None and event.exchange is not None and event.model is not None:
        assert event.model.provider in {"openai", "anthropic", "google", "unknown"}
        assert event.exchange.shape in (None, properties.get("api"))


@given(ANYTHING | st.dictionaries(ANY_TEXT | st.just("git_repository_url"), ANYTHING), ANYTHING)
def test_a_fingerprint_has_an_id_or_is_refused(body: Any, value: Any) -> None:
    given_fields = {**dict.fromkeys(REQUIRED, value), **body} if isinstance(body, dict) else body
    fields = outcome(lambda: read_fingerprint(given_fields), "fingerprint: ")
    if fields is not None:
        encodable(fields)
        assert fingerprint_id(fields) == fingerprint_id(json.loads(json.dumps(fields)))


@pytest.mark.parametrize("model", [WireAgent, WirePerson, WireVersion])
@given(body=ANYTHING | st.dictionaries(NAMES | ANY_TEXT, ANYTHING))
def test_a_record_is_read_or_refused(model: type[Wire], body: Any) -> None:
    wire = outcome(lambda: read(body, model, "thing"), "thing")
    if wire is not None:
        encodable(wire.model_dump(include=set(model.model_fields)))
