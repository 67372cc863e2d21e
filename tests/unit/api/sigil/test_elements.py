"""An item of too many elements is refused alone and before anything is made of them, whichever list they are in."""

import time
from typing import Any

import pytest

from chalicelib.api.json_body import parse_json
from chalicelib.api.lifecycle.asking import read_asked, read_message, read_outputs
from chalicelib.api.lifecycle.move import read_move
from chalicelib.api.lifecycle.opening import read_opening
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.generation import Generation
from chalicelib.services.running.agents import Manner
from tests.unit.api.sigil.items import REQUIRED, read, refusal

MOST = 10_000
REASON = "has more than 10,000 messages, parts, tools and artifacts"
LISTS: list[tuple[str, Any]] = [
    ("input", [{}]),
    ("output", [""]),
    ("tools", [{}]),
    ("raw_artifacts", [{}]),
    ("rawArtifacts", [{}]),
]


@pytest.mark.parametrize(("name", "one"), LISTS)
def test_a_list_may_have_ten_thousand(name: str, one: list[Any]) -> None:
    assert refusal(**{name: one * MOST}) == ""
    assert refusal(**{name: one * (MOST + 1)}) == f"generation: {REASON}"


@pytest.mark.parametrize("name", ["parts", "content"])
def test_parts_count_with_their_messages(name: str) -> None:
    part = {"type": "text", "text": "x"} if name == "content" else {"text": "x"}
    message = {"role": "user", name: [part] * (MOST // 2 - 1)}
    assert len(read(input=[message, message]).input) == 2
    assert refusal(input=[message, message], tools=[{}]) == f"generation: {REASON}"
    assert refusal(input=[message], output=[message], tags={"a": "b"}) == f"generation: {REASON}"


def test_others_are_not_concerned_and_it_takes_no_time() -> None:
    many = b'{"id":"g","input":[{"parts":[' + b"{}," * 700_000 + b"{}]}]}"
    body = parse_json(
        b'{"generations":[' + many + b',{"id":"h","conversation_id":"c","model":{"provider":"p","name":"n"}}]}'
    )
    started = time.process_time()
    refused, taken = read_export(body)
    assert time.process_time() - started < 1
    assert isinstance(refused, ItemRejected)
    assert (refused.generation_id, refused.error) == ("g", f"generation: {REASON}")
    assert isinstance(taken, Generation)


def test_all_items_together_may_have_a_hundred_thousand() -> None:
    full = {**REQUIRED, "tools": [{}] * MOST}
    over = {**REQUIRED, "tools": [{}] * (MOST + 1)}
    assert len(read_export({"generations": [*[full] * 10, over]})) == 11
    with pytest.raises(TooLarge, match="at most 100,000 messages, parts, tools and artifacts"):
        read_export({"generations": [*[full] * 10, {**REQUIRED, "tools": [{}]}]})


@pytest.mark.parametrize(
    ("reader", "body"),
    [
        (lambda body: read_opening(body, None, "r"), {**REQUIRED, "input": [{}]}),
        (lambda body: read_move("g", body), {"output": [{}]}),
        (lambda body: read_move("g", body), {"tool_calls": [{}]}),
        (lambda body: read_move("g", body), {"toolOutputs": [{}]}),
        (lambda body: read_asked(body, None, "r", Manner()), {"messages": [{"role": "user", "content": "x"}]}),
        (read_outputs, {"tool_outputs": [{"tool_call_id": "c"}]}),
    ],
)
def test_runs_are_limited_alike(reader: Any, body: dict[str, Any]) -> None:
    [name] = [name for name, value in body.items() if isinstance(value, list)]
    with pytest.raises(Malformed, match=REASON):
        reader({**body, name: body[name] * (MOST + 1)})


def test_a_message_to_a_session_is_limited_alike() -> None:
    with pytest.raises(Malformed, match=REASON):
        read_message({"message": {"role": "user", "content": ["x"] * (MOST + 1)}})
