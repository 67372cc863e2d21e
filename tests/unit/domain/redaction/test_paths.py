"""Places that an operator names."""

import json
from typing import Any

import pytest

from chalicelib.domain.generation import Exchange, Generation
from chalicelib.domain.redaction.rules import read_headers, read_paths, read_patterns
from tests.unit.domain.redaction.records import filled, redact, redactor

R = "[REDACTED]"


def generation(**fields: Any) -> Generation:
    return Generation(id="g", source="ingate", **fields)


@pytest.mark.parametrize(
    ("path", "told", "left"),
    [
        ("metadata.user.email", {"user": {"email": "x", "id": 1}}, {"user": {"email": R, "id": 1}}),
        ("metadata.user", {"user": {"email": "x"}, "a": 1}, {"user": R, "a": 1}),
        ("metadata.a[*].b", {"a": [{"b": 1}, {"c": 2}, {"b": None}]}, {"a": [{"b": R}, {"c": 2}, {"b": None}]}),
        ("metadata.a[*][*]", {"a": [[1, 2], 3]}, {"a": [[R, R], 3]}),
        ("metadata.*.b", {"a": {"b": False}, "c": {"d": {"b": 1}}}, {"a": {"b": R}, "c": {"d": {"b": 1}}}),
        ("**.password", {"password": 1, "a": [[{"password": [2]}]]}, {"password": R, "a": [[{"password": R}]]}),
        ("metadata.**.a.**.b", {"a": {"x": [{"b": 1}]}, "b": 2}, {"a": {"x": [{"b": R}]}, "b": 2}),
        ("**.**.b", {"a": {"b": 1}}, {"a": {"b": R}}),
        ("metadata", {"a": {"b": 1}, "c": "d"}, {"a": R, "c": R}),
        ("*.a", {"a": 1, "b": 2}, {"a": R, "b": 2}),
        ("metadata.args.key", {"args": '{"key": 1, "b": 2.0}'}, {"args": '{"key":"[REDACTED]","b":2.0}'}),
        ("prompt,metadata.b", {"a": 1, "b": 2}, {"a": 1, "b": R}),
    ],
)
def test_what_a_path_names(path: str, told: Any, left: Any) -> None:
    by = redactor(paths=path)
    redacted = redact(generation(metadata=told), by)
    assert redacted == generation(metadata=left)
    assert redact(redacted, by) is redacted


def test_what_no_path_names_stays_the_same_object() -> None:
    told = generation(metadata={"a": [1, {"b": "x"}], "c": '{"d": 1}'})
    assert redact(told, redactor(paths="**.nothing,metadata.a.b,input[*].parts[*].text")) is told


@pytest.mark.parametrize("prefix", ["", "exchange."])
def test_bodies_are_named_with_and_without_their_exchange(prefix: str) -> None:
    body = {"messages": [{"content": "x", "role": "user"}]}
    told = generation(exchange=Exchange(request_body=body, response_body=json.dumps(body)))
    by = redactor(paths=f"{prefix}request_body.messages[*].content,{prefix}response_body.messages")
    exchange = redact(told, by).exchange
    assert exchange == Exchange(
        request_body={"messages": [{"content": R, "role": "user"}]}, response_body=f'{{"messages":"{R}"}}'
    )


def test_the_events_of_a_stream_are_a_list() -> None:
    told = generation(exchange=Exchange(response_body='data: {"a": {"b": "x"}}\n\ndata: {"a": 1}\n\ndata: [DONE]\n\n'))
    exchange = redact(told, redactor(paths="response_body[*].a.b")).exchange
    assert exchange == Exchange(response_body=f'data: {{"a":{{"b":"{R}"}}}}\n\ndata: {{"a": 1}}\n\ndata: [DONE]\n\n')


def test_names_of_members_are_searched_even_where_all_values_go() -> None:
    redacted = redact(generation(tags={"https://u:p@h": "x"}), redactor(paths="tags"))
    assert redacted.tags == {f"https://{R}@h": R}


def test_a_structure_stands_for_every_text_in_it() -> None:
    told = filled("x")
    redacted = redact(told, redactor(paths="input,tools,raw_artifacts,exchange,tags,error_meta,call_error"))
    part = redacted.input[1].parts[1]
    assert part.tool_call is not None
    assert (part.text, part.tool_call.input_json, part.tool_call.id) == (R, R, "call_1")
    assert (redacted.input[0].role, redacted.input[0].name) == ("user", R)
    assert (redacted.tools[0].name, redacted.tools[0].description) == ("tool", R)
    assert (redacted.raw_artifacts[0].payload, redacted.raw_artifacts[0].record_id) == ("W1JFREFDVEVEXQ==", "1")
    assert redacted.exchange == Exchange(path=R, method="POST", status_code=500, request_body=R, response_body=R)
    assert (redacted.tags, redacted.error_meta, redacted.call_error) == ({"tag": R, "x": R}, {"m": R}, R)
    assert redacted.output == told.output


@pytest.mark.parametrize(
    "text",
    [
        "a..b",
        ".a",
        "a.",
        "a b",
        "a[1]",
        "a[*",
        "[*]",
        "a[*]b",
        "***",
        "a.***",
        "**",
        "metadata.**",
        "a*.b",
        "metadata.a]",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must (be paths|not end in \*\*): "):
        read_paths(text)


@pytest.mark.parametrize(
    "text",
    ["id", "usage", "usage.input_tokens", "model.name", "input.parts", "input[*].role", "tools[*].deferred", "nothing"],
)
def test_a_path_to_what_is_never_redacted_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must lead to a text or to free JSON"):
        read_paths(f"prompt,{text}")


def test_names_are_checked() -> None:
    with pytest.raises(ValueError, match="phones"):
        read_patterns("cards,phones")
    with pytest.raises(ValueError, match="a b"):
        read_headers("c,a b")
    assert (read_paths(" , "), read_patterns(""), read_headers(",")) == (frozenset(), frozenset(), frozenset())
