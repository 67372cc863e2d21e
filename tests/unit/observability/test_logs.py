"""What a log line holds, and what can never get into one."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.observability.logs import Field, configure, correlation, current_correlation_id, log, log_exception
from chalicelib.observability.trace_header import carrying

PROMPT = "Dear doctor, my secret is"
ROOT = "1-5759e988-bd862e3fe1be46a994272793"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    stream = io.StringIO()
    configure("INFO", "catchment", "api", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    with pytest.raises(type(error)) as caught:
        fail(error, cause)
    return caught.value


def fail(error: Exception, cause: Exception | None) -> None:
    raise error from cause


def test_a_line_is_one_json_object_with_time_level_event_service_and_stage(lines: Lines) -> None:
    log("items_received", items=3, first=True, ratio=0.5, agent=None)
    (line,) = lines()
    assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() == timedelta(0)
    assert line == {
        "level": "INFO",
        "event": "items_received",
        "service": "catchment",
        "stage": "api",
        "items": 3,
        "first": True,
        "ratio": 0.5,
        "agent": None,
    }


def test_lines_bear_the_correlation_id_function_and_trace_id_of_the_work_at_hand(lines: Lines) -> None:
    with correlation("outer", function="process"), carrying(f"Root={ROOT};Sampled=0"):
        with correlation("inner"):
            log("one")
            assert current_correlation_id() == "inner"
        assert current_correlation_id() == "outer"
    log("two")
    one, two = lines()
    assert (one["correlation_id"], one["function"], one["xray_trace_id"]) == ("inner", "process", ROOT)
    assert not {"correlation_id", "function", "xray_trace_id"} & set(two)
    assert current_correlation_id() is None


def test_a_string_is_cut_and_stays_on_one_line(lines: Lines) -> None:
    log("long", text="a\n" * 1000)
    assert lines()[0]["text"] == "a\n" * 128


@pytest.mark.parametrize("value", [[PROMPT], {"prompt": PROMPT}, PROMPT.encode(), (PROMPT,)])
def test_anything_but_a_scalar_is_told_by_its_type_only(lines: Lines, value: object) -> None:
    log("odd", field=cast("Field", value))
    assert lines()[0]["field"] == f"<{type(value).__name__}>"


def test_a_field_cannot_pass_for_what_every_line_has(lines: Lines) -> None:
    with correlation("real"):
        log("event_name", timestamp="never", correlation_id="forged", xray_trace_id="forged", service="other")
    (line,) = lines()
    assert line["correlation_id"] == "real"
    assert line["service"] == "catchment"
    assert line["timestamp"] != "never"
    assert "xray_trace_id" not in line


def test_a_number_that_json_lacks_is_written_as_text(lines: Lines) -> None:
    log("odd_number", value=float("nan"), size=float("inf"))
    assert (lines()[0]["value"], lines()[0]["size"]) == ("nan", "inf")


def test_the_message_of_a_foreign_error_is_never_told(lines: Lines) -> None:
    log_exception("item_failed", raised(ValueError(PROMPT), KeyError(PROMPT)), item=1)
    (line,) = lines()
    assert PROMPT not in json.dumps(line)
    assert (line["level"], line["error_type"], line["error_causes"], line["item"]) == (
        "ERROR",
        "ValueError",
        ["KeyError"],
        1,
    )
    assert "error_message" not in line


def test_an_error_of_ours_is_told_with_code_message_and_place(lines: Lines) -> None:
    log_exception("item_failed", raised(NotFound("no such generation")), level="WARNING")
    (line,) = lines()
    assert line["error_type"] == "chalicelib.domain.errors.NotFound"
    assert (line["error_code"], line["error_message"]) == ("NOT_FOUND", "no such generation")
    innermost = line["stack"][-1]
    assert innermost.startswith("unit/observability/test_logs.py:")
    assert innermost.endswith(" fail")


def test_a_long_chain_of_causes_is_cut(lines: Lines) -> None:
    error: Exception = ValueError()
    for _ in range(10):
        error = raised(KeyError(), error)
    log_exception("chained", error)
    assert lines()[0]["error_causes"] == ["KeyError"] * 5


def test_a_deep_stack_keeps_its_innermost_frames(lines: Lines) -> None:
    def descend(levels: int) -> None:
        if levels == 0:
            raise ValueError
        descend(levels - 1)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the type is all there is
        descend(100)
    log_exception("deep", caught.value)
    stack = lines()[0]["stack"]
    assert len(stack) == 20
    assert all(frame.endswith(" descend") for frame in stack)


def test_lines_below_the_level_are_left_out(lines: Lines) -> None:
    log("quiet", level="DEBUG")
    assert lines() == []


def test_an_unknown_level_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure("LOUD", "catchment")


def test_configuring_again_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "catchment")
    configure("INFO", "catchment")
    log("once")
    assert capsys.readouterr().out.count("once") == 1
