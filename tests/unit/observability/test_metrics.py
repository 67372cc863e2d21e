"""Metrics reach CloudWatch as embedded metric format, bounded, and only those of the catalog."""

import json
import threading
from typing import Any, cast

import pytest

from chalicelib.observability.catalog import METRICS, MetricName
from chalicelib.observability.metrics import Metrics


class Written:
    """Keeps the lines a `Metrics` writes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def metrics(written: Written) -> Metrics:
    return Metrics("api", written, clock=lambda: 1_700_000_000.5)


def test_a_flush_writes_one_emf_line_per_set_of_dimensions(metrics: Metrics, written: Written) -> None:
    metrics.count("accepted", 2)
    metrics.count("accepted")
    metrics.count("duplicate")
    metrics.count("rejected", reason="too-large")
    metrics.flush()
    plain, rejected = written.documents()
    assert plain == {
        "_aws": {
            "Timestamp": 1_700_000_000_500,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Catchment",
                    "Dimensions": [["stage"]],
                    "Metrics": [{"Name": "accepted", "Unit": "Count"}, {"Name": "duplicate", "Unit": "Count"}],
                }
            ],
        },
        "stage": "api",
        "accepted": 3,
        "duplicate": 1,
    }
    assert rejected["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "reason"]]
    assert (rejected["stage"], rejected["reason"], rejected["rejected"]) == ("api", "too-large", 1)


def test_observed_values_are_kept_apart(metrics: Metrics, written: Written) -> None:
    metrics.observe("lag", 12.5, "Milliseconds")
    metrics.observe("lag", 7, "Milliseconds")
    metrics.observe("lag", float("nan"), "Milliseconds")
    metrics.flush()
    (document,) = written.documents()
    assert document["lag"] == [12.5, 7]
    assert document["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "lag", "Unit": "Milliseconds"}]


def test_nothing_collected_is_nothing_written(metrics: Metrics, written: Written) -> None:
    metrics.count("processed")
    metrics.flush()
    metrics.flush()
    assert len(written.lines) == 1


def test_no_value_is_lost_over_a_hundred_and_no_line_holds_more(metrics: Metrics, written: Written) -> None:
    for value in range(250):
        metrics.observe("lag", value, "Milliseconds")
    metrics.flush()
    held = [document["lag"] for document in written.documents()]
    assert [len(values) for values in held] == [100, 100, 50]
    assert [value for values in held for value in values] == list(range(250))


def test_no_count_is_lost_over_thirty_sets_of_dimensions(metrics: Metrics, written: Written) -> None:
    for number in range(31):
        metrics.count("rejected", reason=f"reason-{number}")
    assert len(written.lines) == 30
    metrics.flush()
    assert sum(document["rejected"] for document in written.documents()) == 31


@pytest.mark.parametrize("reason", ["my prompt in full", "x" * 65, "", "line\nbreak"])
def test_free_text_is_no_dimension(metrics: Metrics, written: Written, reason: str) -> None:
    metrics.count("rejected", reason=reason)
    metrics.flush()
    assert written.documents()[0]["reason"] == "other"


def test_only_the_catalogs_metrics_exist(metrics: Metrics) -> None:
    with pytest.raises(ValueError, match="not in the catalog: surprises"):
        metrics.count(cast("MetricName", "surprises"))
    with pytest.raises(ValueError, match="not in the catalog: rejected"):
        metrics.count("rejected")
    with pytest.raises(ValueError, match="not in the catalog: accepted"):
        metrics.count("accepted", reason="why")
    with pytest.raises(ValueError, match="not in the catalog: lag"):
        metrics.count("lag")


def test_every_name_of_the_type_is_in_the_table_once() -> None:
    assert sorted(metric.name for metric in METRICS) == sorted(MetricName.__args__)  # type: ignore[attr-defined]


def test_emitting_flushes_at_the_end_also_of_a_failure(metrics: Metrics, written: Written) -> None:
    def batch() -> None:
        with metrics.emitting():
            metrics.count("failed")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        batch()
    assert written.documents()[0]["failed"] == 1


def test_a_closed_output_costs_the_metrics_and_not_the_request() -> None:
    def closed(_: str) -> None:
        raise BrokenPipeError

    metrics = Metrics("api", closed)
    with metrics.emitting():
        metrics.count("accepted")


def test_stdout_takes_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with (metrics := Metrics("api")).emitting():
        metrics.count("accepted")
    out = capsys.readouterr().out
    assert out.endswith("\n")
    assert json.loads(out)["accepted"] == 1


def test_threads_lose_no_count(metrics: Metrics, written: Written) -> None:
    def work() -> None:
        for number in range(500):
            metrics.count("accepted")
            if number % 50 == 0:
                metrics.flush()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    metrics.flush()
    assert sum(document["accepted"] for document in written.documents()) == 4000
