"""Configuring an evaluator: what could not judge is refused, with the name of the field."""

import re
from typing import Any

import pytest

from chalicelib.domain.errors import Malformed
from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.domain.free_form import TOO_DEEP
from chalicelib.domain.judging.configs import read_evaluator, shown_config
from chalicelib.domain.judging.filters import read_filter
from tests.unit.domain.judging.cpu import bounded_cpu
from tests.unit.domain.judging.samples import AT, HOSTS, IDENTITY, evaluator

GOOD: dict[str, dict[str, Any]] = {
    "regex": {"pattern": "a+", "field": "prompt", "expect": "no_match", "ignore_case": True},
    "json_schema": {"schema": {"type": "object"}, "field": "metadata.answer"},
    "threshold": {"field": "usage.output_tokens", "op": "lte", "value": 100},
}


@pytest.mark.parametrize(("kind", "config"), GOOD.items())
def test_a_config_is_kept_as_it_was_sent(kind: str, config: dict[str, Any]) -> None:
    made = evaluator(kind, config)
    assert made == Evaluator("judge", 3, kind, config, "judge", AT)  # type: ignore[arg-type]  # one of the kinds
    assert shown_config(made) == config


def test_everything_beside_the_config() -> None:
    made = evaluator(
        "regex",
        {"pattern": "a"},
        score_key="quality",
        filter={"agent_name": "planner", "source": "otlp", "status": "failed", "tags": {"env": "prod"}},
        sampling_rate=0.25,
        enabled=False,
    )
    assert made.filter == Filter(agent_name="planner", source="otlp", status="failed", tags={"env": "prod"})
    assert (made.score_key, made.sampling_rate, made.enabled) == ("quality", 0.25, False)
    assert made.config == {"pattern": "a"}


def test_a_hook_has_a_secret_that_is_not_shown() -> None:
    made = evaluator("http", {"url": "https://hooks.example/judge", "timeout_seconds": 3})
    assert made.config["secret"] == "s" * 40
    assert shown_config(made) == {
        "url": "https://hooks.example/judge",
        "timeout_seconds": 3,
        "secret_prefix": "ssss",
    }


def changed(kind: str, **fields: Any) -> dict[str, Any]:
    """A body with a good config but for these of its fields."""
    base = {**GOOD, "http": {"url": "https://hooks.example/"}}[kind]
    return {"kind": kind, "config": {**base, **fields}}


SPOILT: list[tuple[Any, str]] = [
    ([], ""),
    (TOO_DEEP, ""),
    ({}, "kind"),
    ({"kind": "llm", "config": {}}, "kind"),
    ({"kind": "regex"}, "config"),
    ({"kind": "regex", "config": []}, "config"),
    ({"kind": "regex", "config": {}}, "config.pattern"),
    (changed("regex", pattern="(?=a)"), "config.pattern"),
    (changed("regex", pattern="("), "config.pattern"),
    (changed("regex", pattern=r"(a)\1"), "config.pattern"),
    (changed("regex", pattern="((a{100}){100}){100}"), "config.pattern"),
    (changed("regex", pattern="(\\pL{1,20} ){10}"), "config.pattern"),
    (changed("regex", pattern="a" * 4097), "config.pattern"),
    (changed("regex", pattern="\udc00"), "config.pattern"),
    (changed("regex", pattern=5), "config.pattern"),
    (changed("regex", pattern=TOO_DEEP), "config.pattern"),
    (changed("regex", field="nothing"), "config.field"),
    (changed("regex", expect="maybe"), "config.expect"),
    (changed("regex", ignore_case="yes"), "config.ignore_case"),
    (changed("regex", flags="i"), "config.flags"),
    (changed("json_schema", schema=[]), "config.schema"),
    (changed("json_schema", schema=None), "config.schema"),
    (changed("json_schema", schema=TOO_DEEP), "config.schema"),
    (changed("json_schema", schema={"minimum": float("inf")}), "config.schema"),
    (changed("threshold", field="completion"), "config.field"),
    (changed("threshold", op="<"), "config.op"),
    (changed("threshold", value="5"), "config.value"),
    (changed("threshold", value=True), "config.value"),
    (changed("threshold", value=float("nan")), "config.value"),
    (changed("threshold", value=10**400), "config.value"),
    (changed("http", url="https://elsewhere.example/"), "config.url"),
    (changed("http", url="http://hooks.example/"), "config.url"),
    (changed("http", url="https://user@hooks.example/"), "config.url"),
    (changed("http", secret="mine"), "config.secret"),
    (changed("http", timeout_seconds=11), "config.timeout_seconds"),
    (changed("http", timeout_seconds=0), "config.timeout_seconds"),
    ({**changed("regex"), "score_key": ""}, "score_key"),
    ({**changed("regex"), "score_key": "x" * 257}, "score_key"),
    ({**changed("regex"), "filter": {"agent": "x"}}, "filter.agent"),
    ({**changed("regex"), "filter": {"source": "x"}}, "filter.source"),
    ({**changed("regex"), "filter": {"status": "in_progress"}}, "filter.status"),
    ({**changed("regex"), "filter": {"tags": {"a": "x" * 257}}}, "filter.tags.a"),
    ({**changed("regex"), "filter": {"tags": {"": "x"}}}, "filter.tags..[key]"),
    ({**changed("regex"), "filter": []}, "filter"),
    (changed("http", url="https://hooks.example:0/"), "config.url"),
    ({**changed("regex"), "filter": {"tags": {"a": 1}}}, "filter.tags.a"),
    ({**changed("regex"), "filter": {"tags": {str(n): "x" for n in range(11)}}}, "filter.tags"),
    ({**changed("regex"), "sampling_rate": 1.1}, "sampling_rate"),
    ({**changed("regex"), "sampling_rate": -0.1}, "sampling_rate"),
    ({**changed("regex"), "sampling_rate": float("nan")}, "sampling_rate"),
    ({**changed("regex"), "sampling_rate": True}, "sampling_rate"),
    ({**changed("regex"), "enabled": 1}, "enabled"),
    ({**changed("regex"), "id": "x"}, "id"),
]


@pytest.mark.parametrize(("body", "field"), SPOILT)
def test_what_could_not_judge_is_refused_by_field(body: Any, field: str) -> None:
    with bounded_cpu(), pytest.raises(Malformed) as raised:
        read_evaluator(body, IDENTITY, HOSTS)
    assert raised.value.meta == {"field": field}
    assert field in raised.value.message
    assert len(raised.value.message) < 500
    assert not re.search(r"instance of|_?(Wire|Filter|Evaluator|Http|Regex)\b", raised.value.message)


@pytest.mark.parametrize("wanted", [None, {}, {"tags": None}, {"model": None, "tags": {}}])
def test_a_filter_of_nothing_is_none(wanted: Any) -> None:
    assert evaluator("regex", {"pattern": "a"}, filter=wanted).filter == read_filter(wanted) == Filter()


def test_backfills_are_narrowed_by_the_same_filters() -> None:
    wanted = {"agent_name": "a", "status": "failed", "source": "sigil", "tags": {"k": "v"}}
    assert read_filter(wanted) == evaluator("regex", {"pattern": "a"}, filter=wanted).filter
    spoilt: Any
    for spoilt in ({"status": "requires_action"}, {"source": "x"}, {"tags": {"k": "x" * 500}}, [], {"odd": 1}):
        with pytest.raises(Malformed) as raised:
            read_filter(spoilt)
        assert str((raised.value.meta or {})["field"]).startswith("filter")


def test_a_version_is_made_of_what_the_client_does_not_send() -> None:
    made = read_evaluator(changed("regex"), IDENTITY, HOSTS)
    assert (made.id, made.version, made.created_at) == ("judge", 3, AT)
