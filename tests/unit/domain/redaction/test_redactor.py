"""Whole generations: nothing planted survives, nothing else moves, and what cannot be redacted is dropped."""

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.content import canonical_json, from_stored_json
from chalicelib.domain.generation import Artifact, Exchange, Generation, Message, Part
from chalicelib.domain.redaction.fields import SEARCHED
from chalicelib.domain.redaction.marks import Marks
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.search import Search
from chalicelib.domain.redaction.skeleton import KEPT, skeleton
from tests.unit.domain.redaction.records import DEFAULT, EVERYTHING, filled, redact, redactor

R = "[REDACTED]"
SECRET = "s3cretS3CRETs3cret00"
IN_URLS = [
    f"https://user:{SECRET}@host/a",
    f"https://{SECRET}@host",
    f"/v1?a=b&key={SECRET}",
    f"#access_token={SECRET}",
]
BY_LOOKS = [f"sk-{SECRET}", f"Bearer {SECRET}", f"{SECRET}@example.com", f"eyJh{SECRET}.eyJh{SECRET}.{SECRET}"]
WORDS = st.sampled_from(
    ["", "a", "\n", "é", '"', "\\", "{", "[", "data:", "=", "://", "@ ", "?", "😀", "headers ", " "]
)
TEXTS = st.lists(WORDS, max_size=4).map("".join)
NAMES = st.sampled_from(["a", "b", "messages", "content", "é", "headers", 'q"'])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1e6, 1e6) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | inner.map(json.dumps),
    max_leaves=12,
)


@st.composite
def planted(draw: st.DrawFn, secrets: list[Any]) -> Any:
    """A tree with a secret in it, in a text, in JSON in a text, in the name of a member, in a header."""
    node: Any = draw(TEXTS) + " " + draw(st.sampled_from(secrets)) + " " + draw(TEXTS)
    for _ in range(draw(st.integers(0, 5))):
        match draw(st.sampled_from(["list", "object", "json", "slashes", "name", "events"])):
            case "list":
                node = [draw(PLAIN), node]
            case "object":
                node = {draw(NAMES): draw(PLAIN), "x": node}
            case "json":
                node = json.dumps(node, ensure_ascii=draw(st.booleans()))
            case "slashes":
                node = json.dumps([node]).replace("/", "\\/").replace("&", "\\u0026")
            case "name":
                node = {node: 1} if isinstance(node, str) else {"headers": [["cookie", node]]}
            case "events":
                node = f"event: a\ndata: {json.dumps([node])}\n\ndata: [DONE]\n\n"
    return node


def everywhere(node: Any) -> Generation:
    """A generation with a tree at each place that takes one."""
    return filled(node if isinstance(node, str) else json.dumps(node), node)


def stored(generation: Generation) -> str:
    """What would be written, with what is in base64 in it readable."""
    payloads = [base64.b64decode(one.payload or "").decode() for one in generation.raw_artifacts]
    return canonical_json(generation).decode() + "".join(payloads)


@given(planted(IN_URLS))
def test_no_credential_in_a_url_survives(node: Any) -> None:
    redacted = redact(everywhere(node), DEFAULT)
    assert SECRET not in stored(redacted)
    assert redacted.content_dropped is None
    assert redact(redacted, DEFAULT) is redacted


@given(planted([*IN_URLS, *BY_LOOKS]))
def test_no_secret_survives_when_patterns_are_on(node: Any) -> None:
    redacted = redact(everywhere(node), EVERYTHING)
    assert SECRET not in stored(redacted)
    assert redacted.content_dropped is None
    assert redact(redacted, EVERYTHING) == redacted


@given(
    PLAIN, st.sampled_from(["authorization", "X-Api-Key", "set_cookie"]), st.sampled_from(["headers", "extra_headers"])
)
def test_no_credential_in_a_header_survives(node: Any, name: str, key: str) -> None:
    for headers in ({name: SECRET, "a": node}, [["a", node], [name, SECRET]], [{"value": SECRET, "name": name}]):
        assert SECRET not in stored(redact(everywhere({"a": node, key: headers}), DEFAULT))
        assert SECRET not in stored(redact(everywhere([node, json.dumps({key: headers})]), DEFAULT))


@given(PLAIN)
def test_what_holds_no_secret_comes_back_as_it_was(node: Any) -> None:
    told = everywhere(node)
    assert redact(told, DEFAULT) is told
    assert redact(told, EVERYTHING) is told
    assert redact(told, redactor(paths="**.nothing")) is told


@given(planted([*IN_URLS, *BY_LOOKS, "nothing"]))
def test_json_in_a_text_stays_json(node: Any) -> None:
    redacted = redact(filled(json.dumps([node])), EVERYTHING)
    assert isinstance(json.loads(redacted.prompt or ""), list)


@given(planted([*IN_URLS, *BY_LOOKS, "nothing", '{"headers":{"cookie":"x"}}']), st.sampled_from([DEFAULT, EVERYTHING]))
def test_the_look_ahead_never_hides_a_find(node: Any, by: Redactor) -> None:
    patient = Redactor.__new__(Redactor)
    patient.__dict__ = by.__dict__ | {"_search": Search.__new__(Search)}
    patient._search.__dict__ = by._search.__dict__ | {"may_match": Marks((), always=True)}
    told = everywhere(node)
    assert redact(told, by) == redact(told, patient)


def test_what_clients_look_things_up_by_is_never_touched() -> None:
    told = filled(f"sk-{SECRET}")
    redacted = redact(told, EVERYTHING)
    assert {name: getattr(redacted, name) for name in KEPT} == {name: getattr(told, name) for name in KEPT}
    call, before = redacted.input[0].parts[0].tool_call, told.input[0].parts[0].tool_call
    assert call
    assert before
    assert (call.id, call.name, call.input_json) == (before.id, before.name, R)
    assert redacted.exchange == Exchange(
        path=R, method="POST", status_code=500, request_body={"t": R}, response_body={"t": R}
    )
    assert (redacted.tags, redacted.metadata) == ({"tag": R, R: "x"}, {"m": {"t": R}, R: "x"})


def test_artifacts_are_read_where_they_are_text() -> None:
    def told(*payloads: str | None) -> Generation:
        return Generation(id="g", source="sigil", raw_artifacts=tuple(Artifact(payload=one) for one in payloads))

    def encoded(content: bytes) -> str:
        return base64.b64encode(content).decode()

    no_text, no_base64 = encoded(b"\xff key=1"), "https://u:p@h"
    redacted = redact(told(encoded(b"https://u:p@h"), no_text, no_base64, None), DEFAULT)
    assert redacted == told(encoded(f"https://{R}@h".encode()), no_text, f"https://{R}@h", None)
    harmless = told(no_text, encoded(b"x"))
    assert redact(harmless, EVERYTHING) is harmless


def chunks(*pieces: str, index: int = 0) -> list[Any]:
    return [{"id": "c", "choices": [{"index": index, "delta": {"content": piece}}]} for piece in pieces]


def streamed(body: Any) -> Generation:
    return Generation(id="g", source="ingate", exchange=Exchange(response_body=body))


def events(documents: list[Any]) -> str:
    return "".join(f"data: {json.dumps(one, separators=(',', ':'))}\n\n" for one in documents) + "data: [DONE]\n\n"


def test_a_secret_across_the_pieces_of_a_stream_is_found() -> None:
    body, left = chunks("my key: s", "k-abcdefgh", "ijklmnopqrst", ", ok"), chunks(f"my key: {R}, ok", "", "", "")
    by = redactor("api_keys")
    assert redact(streamed(body), by) == streamed(left)
    assert redact(streamed(events(body)), by) == streamed(events(left))
    assert redact(streamed(left), by) == streamed(left)
    assert redact(streamed(body), redactor("emails")) == streamed(body)
    assert DEFAULT.value(body) is body


def test_texts_that_come_side_by_side_are_told_apart() -> None:
    one, other = chunks("s", "k-abcdefgh", "ijklmnopqrst"), chunks("a", "b", "c", index=1)
    mixed = [chunk for pair in zip(one, other, strict=True) for chunk in pair]
    exchange = redact(streamed(mixed), redactor("api_keys")).exchange
    assert exchange
    assert exchange.response_body[::2] == chunks(R, "", "")
    assert exchange.response_body[1::2] == other


def test_arguments_in_pieces_are_read_as_the_json_they_become() -> None:
    pieces = ['{"headers":{"coo', 'kie":"s3', 'cret"},"to":"me@', 'example.com"}']
    exchange = redact(streamed(chunks(*pieces)), redactor("emails")).exchange
    assert exchange
    assert exchange.response_body == chunks(f'{{"headers":{{"cookie":"{R}"}},"to":"{R}"}}', "", "", "")


def test_a_generation_may_be_nested_as_deep_as_may_be_sent() -> None:
    node: Any = f"https://u:{SECRET}@h"
    for _ in range(60):
        node = [{"headers": node}]
    redacted = redact(streamed(node), EVERYTHING)
    assert redacted.content_dropped is None
    assert SECRET not in stored(redacted)


def failing() -> Redactor:
    """One with a rule that cannot be applied."""

    def fail(*_args: Any, **_more: Any) -> Any:
        raise RecursionError

    by = redactor("emails")
    by._search.value = fail  # type: ignore[method-assign]  # the rule that fails
    return by


def test_what_cannot_be_redacted_is_dropped_and_says_so() -> None:
    told = filled("me@example.com and more")
    dropped = redact(told, failing())
    assert dropped == skeleton(told)
    assert dropped.content_dropped == "REDACTION_FAILED"
    content = canonical_json(dropped)
    assert b"and more" not in content
    assert from_stored_json(content) == dropped


def test_other_records_that_cannot_be_redacted_are_dropped() -> None:
    by = failing()
    assert by.text('["me@example.com"]') == R
    assert by.value({"a": "x"}) == {}
    assert by.value(["x"]) == []
    assert by.value("x") == R


def test_a_text_that_is_nested_without_end_costs_no_content() -> None:
    told = Generation(id="g", source="sigil", prompt="[" * 100_000 + "https://u:p@h", completion="kept")
    left = "[" * 100_000 + f"https://{R}@h"
    assert redact(told, DEFAULT) == Generation(id="g", source="sigil", prompt=left, completion="kept")


def test_content_that_is_no_json_is_dropped() -> None:
    assert DEFAULT(filled("x"), b'{"header"').content_dropped == "REDACTION_FAILED"


def test_every_field_is_either_searched_or_kept() -> None:
    """A new field of Generation has to be put in one of the two; until then it is dropped from skeletons."""
    assert KEPT | SEARCHED.keys() == Generation.model_fields.keys()
    assert not KEPT & SEARCHED.keys()


def test_a_skeleton_keeps_what_is_never_searched() -> None:
    told = filled("x")
    assert all(getattr(told, name) for name in Generation.model_fields.keys() - {"content_dropped"})
    kept = skeleton(told)
    for name in KEPT - {"content_dropped"}:
        assert getattr(kept, name) == getattr(told, name)
    for name in SEARCHED.keys() - {"call_error", "exchange"}:
        assert not getattr(kept, name)
    assert kept.call_error == R
    assert kept.exchange == Exchange(method="POST", status_code=500)
    assert skeleton(Generation(id="g", source="sigil")).call_error is None


def test_all_texts_of_the_models_are_searched_or_told_apart() -> None:
    """What `filled` sets to its text is every text that is no id, name or kind."""
    redacted = redact(filled(f"sk-{SECRET}"), EVERYTHING)
    assert SECRET not in stored(redacted)
    message = Message(role="user", parts=(Part(text="x"),))
    assert redact(Generation(id="g", source="sigil", input=(message,)), EVERYTHING).input == (message,)
