"""Entries fit into the index whatever was sent, and say everything once the payload is read beside them."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.codec import compress
from chalicelib.domain.content import canonical_json
from chalicelib.domain.generation import Generation, ModelRef, Tool, Usage
from chalicelib.domain.resource import Findings, Receipt, compact, expand, payload_of, summarise
from chalicelib.services.entries import completed, entry_of, is_cut, shortened, summary_of
from chalicelib.services.ports import Head
from tests.contract.samples import HEAVIEST_ID, NOON
from tests.unit.services.drawn import FINDINGS, GENERATIONS

ITEM_BYTES = 400 * 1024
NOISE = random.Random(7)
FOUND = Findings(effective_version=f"sha256:{'a' * 64}", cost_usd=0.25, processed_at=NOON, state="processed")


def noise(characters: int) -> str:
    return NOISE.randbytes(characters // 2).hex()


def head_of(generation: Generation) -> Head:
    return Head(generation.id, "0" * 64, "K1", 0, NOON, NOON, len(canonical_json(generation)))


def stored(generation: Generation, findings: Findings = FOUND) -> dict[str, Any]:
    return dict(entry_of("t", head_of(generation), generation, findings, ()).summary)


@given(GENERATIONS, FINDINGS)
def test_a_summary_outlives_storage(generation: Generation, findings: Findings) -> None:
    summary = summarise(generation, Receipt("t", NOON), findings)
    assert expand(json.loads(json.dumps(compact(summary)))) == summary


@given(GENERATIONS, FINDINGS)
def test_entry_and_payload_together_give_the_whole_summary(generation: Generation, findings: Findings) -> None:
    kept = json.loads(json.dumps(stored(generation, findings)))
    assert completed(kept, generation) == summarise(generation, Receipt("t", NOON), findings)
    assert is_cut(kept) or summary_of(kept) == completed(kept, generation)


@given(GENERATIONS)
def test_a_resource_always_has_the_same_keys(generation: Generation) -> None:
    bare = Generation(id="g", source="sigil")
    assert list(summarise(generation, Receipt("t", NOON), FOUND)) == list(
        summarise(bare, Receipt("t", NOON), Findings())
    )
    assert list(payload_of(generation)) == list(payload_of(bare))
    assert list(expand({})) == list(summarise(generation, Receipt("t", NOON), FOUND))


HUGE: dict[str, dict[str, Any]] = {
    "metadata": {"metadata": {noise(100): noise(100) for _ in range(10_000)}},
    "dependencies": {"depends_on": tuple(noise(480) for _ in range(10_000))},
    "error": {"call_error": noise(3_000_000)},
    "texts": {
        name: noise(1_000_000)
        for name in ("response_id", "response_model", "operation_name", "stop_reason", "tool_choice")
    },
    "tags": {
        "tags": {noise(480): noise(480) for _ in range(64)},
        "model": ModelRef(provider="p" * 480, name="m" * 480),
    },
}


@pytest.mark.parametrize("fields", HUGE.values(), ids=HUGE)
def test_an_entry_fits_into_an_item_however_large_its_fields_are(fields: dict[str, Any]) -> None:
    """An entry that DynamoDB refuses would send its message to the dead-letter queue."""
    generation = Generation(id=HEAVIEST_ID, source="sigil", **fields)
    kept = stored(generation)
    assert len(compress(json.dumps(kept).encode())) < ITEM_BYTES
    assert completed(kept, generation) == summarise(generation, Receipt("t", NOON), FOUND)
    assert summary_of(kept)["tags"] == generation.tags


def test_what_is_cut_still_says_what_it_can() -> None:
    generation = Generation(id="g", source="sigil", call_error="e" * 2000, metadata={"k": "v" * 2000})
    summary = summary_of(stored(generation))
    assert summary["error"] == {"message": "e" * 256}
    assert (summary["status"], summary["metadata"]) == ("failed", {})
    assert shortened({"id": "g"}) == ({"id": "g"}, [])


def test_a_generation_stands_in_the_lists_of_what_it_says() -> None:
    generation = Generation(
        id="g",
        source="sigil",
        agent_name="a",
        conversation_id="c",
        trace_id="t",
        session_id="s",
        person_id="p",
        call_error="boom",
        tags={"env": "prod", "team": "x"},
    )
    assert set(entry_of("t", head_of(generation), generation, FOUND, ("env", "absent")).keys) == {
        ("agent", "a"),
        ("version", f"sha256:{'a' * 64}"),
        ("conversation", "c"),
        ("trace", "t"),
        ("session", "s"),
        ("person", "p"),
        ("status", "failed"),
        ("tag:env", "prod"),
    }


def test_one_that_says_nothing_stands_in_the_list_of_all_only() -> None:
    assert (
        entry_of(
            "t", head_of(Generation(id="g", source="sigil")), Generation(id="g", source="sigil"), Findings(), ()
        ).keys
        == ()
    )


@given(st.integers(0, 3), st.integers(0, 3))
def test_counts_of_zero_are_not_absent(tokens: int, deferred: int) -> None:
    generation = Generation(
        id="g",
        source="sigil",
        usage=Usage(input_tokens=tokens),
        tools=(Tool(deferred=bool(deferred)),),
        temperature=0.0,
    )
    summary = summary_of(stored(generation))
    assert (summary["usage"]["input_tokens"], summary["temperature"], summary["token_count"]) == (tokens, 0.0, tokens)
