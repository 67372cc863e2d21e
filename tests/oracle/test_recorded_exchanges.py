"""The recorded exchanges read as the providers' own packages read them."""

import collections
import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.content import canonical_json
from chalicelib.domain.extraction import Reading, read_exchange
from chalicelib.domain.generation import Exchange, Generation, ToolCall, Usage
from tests.oracle.expected import Expected, expected
from tests.oracle.recorded import FILE, NO_ANSWER, exchanges, kind_of, name_of

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the recorded exchanges are not here")


def recorded(*, ok: bool) -> list[dict[str, Any]]:
    """The exchanges that were answered with 2xx, or the others."""
    return [exchange for exchange in exchanges() if (200 <= exchange["status_code"] < 300) is ok]


def read(exchange: dict[str, Any]) -> Reading:
    """The exchange as the product reads it."""
    fields = {key: exchange[key] for key in ("path", "method", "status_code", "request_body", "response_body")}
    return read_exchange(Generation(id="g", source="ingate", exchange=Exchange(**fields)))


def as_expected(reading: Reading, *, parse_input: bool) -> Expected:
    """A reading in the oracle's form."""
    generation = reading.generation
    usage = generation.usage or Usage()
    parts = [part for message in generation.output[:1] for part in message.parts]
    # A call of a provider's own tool carries its type; the others are for the caller to answer.
    calls = [part.tool_call for part in parts if part.tool_call and not part.metadata]
    return Expected(
        model=generation.model.name if generation.model else None,
        response_model=generation.response_model,
        completion=generation.completion,
        reason=generation.stop_reason,
        tool_calls=tuple(name_and_arguments(call, parse_input=parse_input) for call in calls),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        cached_tokens=usage.cache_read_input_tokens,
        reasoning_tokens=usage.reasoning_tokens,
    )


def name_and_arguments(call: ToolCall, *, parse_input: bool) -> tuple[str | None, Any]:
    """Anthropic's inputs are values, OpenAI's arguments text."""
    said = call.input_json
    return call.name, json.loads(said or "null") if parse_input else said or ""


def test_every_answer_reads_as_the_official_package_reads_it() -> None:
    """Model, completion, reason, tool calls and usage agree; every answer counts, none is left out silently."""
    agreed: collections.Counter[str] = collections.Counter()
    seen: collections.Counter[str] = collections.Counter()
    differing = []
    for exchange in recorded(ok=True):
        if name_of(exchange) in NO_ANSWER:
            continue
        kind = kind_of(exchange)
        seen[kind] += 1
        theirs = expected(exchange)
        reading = read(exchange)
        ours = as_expected(reading, parse_input=exchange["shape"] == "/messages")
        failed = reading.generation.call_error is not None
        if ours == replace(theirs, raised=None) and reading.outcome == "succeeded" and failed == bool(theirs.raised):
            agreed[kind] += 1
        else:
            differing.append((name_of(exchange), ours, theirs))
    for kind in sorted(seen):
        sys.stdout.write(f"{kind}: {agreed[kind]} of {seen[kind]}\n")
    assert differing == []
    assert sum(seen.values()) > 1_000


def test_what_a_provider_refused_is_read_from_the_request() -> None:
    """Every refusal names its status and its reason, and keeps what was asked."""
    refused = recorded(ok=False)
    assert len(refused) > 20
    for exchange in refused:
        reading = read(exchange)
        generation = reading.generation
        assert reading.outcome == "succeeded", name_of(exchange)
        assert generation.model
        assert generation.model.name == exchange["request_body"]["model"]
        assert generation.call_error
        assert generation.call_error.startswith(f"Provider returned {exchange['status_code']}: ")
        assert generation.error_meta["provider_status_code"] == exchange["status_code"]


def test_the_shape_is_told_by_the_bodies_alone() -> None:
    """Without a path, and without a request, an answer reads the same."""
    for exchange in recorded(ok=True):
        if name_of(exchange) in NO_ANSWER:
            continue
        whole = read(exchange).generation
        alone = read({**exchange, "path": None, "request_body": None}).generation
        assert (alone.completion, alone.output, alone.usage) == (whole.completion, whole.output, whole.usage)


def test_every_reading_can_be_stored() -> None:
    """Whatever was read is JSON."""
    for exchange in exchanges():
        assert canonical_json(read(exchange).generation)
