"""What the X-Ray daemon is sent, told by a UDP socket in its place."""

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.observability import logs, trace_header
from chalicelib.observability.tracing import NullTracer, Tracer
from chalicelib.observability.xray import XRayTracer

PROMPT = "Dear doctor, my secret is"
ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1"


class Daemon:
    """Stands in for the X-Ray daemon: keeps every datagram's document."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver
        host, port = receiver.getsockname()
        self.address = f"{host}:{port}"
        self.text = ""

    def documents(self) -> list[dict[str, Any]]:
        """The documents that came since the last call; loopback delivers before the sender goes on."""
        documents = []
        for _ in range(1000):
            try:
                datagram = self._receiver.recv(65536).decode()
            except BlockingIOError:
                break
            self.text += datagram
            protocol, document = datagram.split("\n", 1)
            assert json.loads(protocol) == {"format": "json", "version": 1}
            documents.append(json.loads(document))
        return documents


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS", raising=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield Daemon(receiver)


@pytest.fixture
def tracer(daemon: Daemon) -> XRayTracer:
    return XRayTracer(daemon=daemon.address, sampling_rate=1.0)


@pytest.fixture
def said() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log lines written so far."""
    stream = io.StringIO()
    logger = logs._LOGGER
    before = (logger.handlers[:], logger.level, logger.propagate)
    logs.configure("DEBUG", "catchment", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.handlers[:], logger.level, logger.propagate = before


def lambda_tracer(daemon: Daemon, monkeypatch: pytest.MonkeyPatch, header: str) -> XRayTracer:
    """A tracer as in a Lambda whose invocation has this trace header."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    return XRayTracer(lambda: header, daemon=daemon.address)


def fail_in(tracer: Tracer, error: Exception) -> None:
    with tracer.segment("catchment-api"), tracer.subsegment("ingest"):
        raise error


def test_one_trace_leads_from_the_request_over_the_message_to_the_worker(daemon: Daemon, tracer: XRayTracer) -> None:
    arrived = f"Root={ROOT};Sampled=1"
    with tracer.segment("catchment-api", arrived), tracer.subsegment("ingest", items=3, agent="planner", text=PROMPT):
        message_header = tracer.header()
    with tracer.segment("catchment-process", message_header):
        with tracer.subsegment("extract"):
            pass
        with tracer.subsegment("version"), tracer.subsegment("flag"):
            pass
        assert trace_header.carried_trace_id() == ROOT

    request, worker = daemon.documents()
    (ingest,) = request["subsegments"]
    extract, version = worker["subsegments"]
    (flag,) = version["subsegments"]
    assert (request["name"], ingest["name"]) == ("catchment-api", "ingest")
    assert (worker["name"], extract["name"], version["name"], flag["name"]) == (
        "catchment-process",
        "extract",
        "version",
        "flag",
    )
    assert "parent_id" not in request
    assert message_header == f"Root={ROOT};Parent={ingest['id']};Sampled=1"
    assert worker["parent_id"] == ingest["id"]
    assert {document["trace_id"] for document in (request, ingest, worker, extract, version, flag)} == {ROOT}
    assert ingest["annotations"] == {"items": 3, "agent": "planner"}
    assert not any(document["in_progress"] for document in (request, ingest, worker, extract, version, flag))
    assert PROMPT not in daemon.text


def test_a_request_without_a_header_begins_a_trace_of_its_own(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.segment("catchment-api"):
        logged = trace_header.carried_trace_id()
    (document,) = daemon.documents()
    assert document["trace_id"] == logged
    assert trace_header.parse(f"Root={logged}")


def test_an_error_is_told_by_its_type_and_never_by_its_message(daemon: Daemon, tracer: XRayTracer) -> None:
    with pytest.raises(ValueError, match=PROMPT):
        fail_in(tracer, ValueError(PROMPT))
    with pytest.raises(NotFound):
        fail_in(tracer, NotFound(PROMPT))
    ours_to_mend, the_clients = daemon.documents()
    for document, flag in ((ours_to_mend, "fault"), (the_clients, "error")):
        for entity in (document, *document["subsegments"]):
            assert {"fault", "error"} & set(entity) == {flag}
    assert ours_to_mend["annotations"] == {"error_type": "ValueError"}
    assert the_clients["annotations"] == {"error_type": "NotFound"}
    assert PROMPT not in daemon.text


def test_an_error_passes_through_work_that_is_not_recorded(daemon: Daemon) -> None:
    tracer = XRayTracer(daemon=daemon.address)
    with pytest.raises(ValueError, match=PROMPT), tracer.segment("catchment-api", f"Root={ROOT};Sampled=0"):
        raise ValueError(PROMPT)
    assert daemon.documents() == []


@pytest.mark.parametrize("value", [PROMPT, "x" * 65, "", [PROMPT], {"a": PROMPT}, float("nan"), None])
def test_an_annotation_is_a_number_or_an_identifier(daemon: Daemon, tracer: XRayTracer, value: Any) -> None:
    with tracer.segment("catchment-api"), tracer.subsegment("ingest", told=True, kept_back=value):
        pass
    assert daemon.documents()[0]["subsegments"][0]["annotations"] == {"told": True}


def test_a_sender_that_does_not_sample_is_obeyed_and_its_header_handed_on_unchanged(
    daemon: Daemon, tracer: XRayTracer
) -> None:
    unsampled = f"Self=1-0-0;Root={ROOT};Parent={PARENT};Sampled=0"
    with tracer.segment("catchment-process", unsampled), tracer.subsegment("extract"):
        assert tracer.header() == unsampled
    assert daemon.documents() == []


def test_what_the_local_rules_leave_out_stays_out_of_the_trace_downstream_as_well(daemon: Daemon) -> None:
    tracer = XRayTracer(daemon=daemon.address, sampling_rate=0.0)
    headers = []
    for _ in range(50):
        with tracer.segment("catchment-api"):
            headers.append(trace_header.parse(tracer.header()))
    recorded = {document["trace_id"] for document in daemon.documents()}
    assert 1 <= len(recorded) < 50
    assert {header.root for header in headers if header and header.sampled == "1"} == recorded
    assert {header.sampled for header in headers if header and header.root not in recorded} == {"0"}


def test_a_header_that_leaves_the_decision_open_keeps_its_trace(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.segment("catchment-api", f"Root={ROOT};Parent={PARENT}"):
        pass
    (document,) = daemon.documents()
    assert (document["trace_id"], document["parent_id"]) == (ROOT, PARENT)


def test_a_malformed_header_begins_a_new_trace(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.segment("catchment-api", "Root=1;oh no"):
        pass
    assert len(daemon.documents()) == 1


def test_a_segment_within_a_segment_is_a_part_of_it(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.segment("catchment-api", SAMPLED), tracer.segment("catchment-resend"):
        pass
    (document,) = daemon.documents()
    assert [part["name"] for part in document["subsegments"]] == ["catchment-resend"]


def test_a_subsegment_outside_any_segment_is_not_recorded(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.subsegment("ingest"):
        assert tracer.header() is None
    assert daemon.documents() == []


def test_threads_keep_their_traces_apart(daemon: Daemon, tracer: XRayTracer) -> None:
    together = threading.Barrier(4)

    def work(number: int) -> None:
        with tracer.segment("catchment-process", f"Root={trace_header.new_root()};Sampled=1"):
            together.wait(10)
            with tracer.subsegment("extract", number=number):
                together.wait(10)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    documents = daemon.documents()
    assert len({document["trace_id"] for document in documents}) == 4
    assert sorted(document["subsegments"][0]["annotations"]["number"] for document in documents) == [0, 1, 2, 3]


def test_a_segment_of_many_parts_is_sent_in_pieces_that_fit_a_datagram(daemon: Daemon, tracer: XRayTracer) -> None:
    with tracer.segment("catchment-process", SAMPLED):
        for number in range(100):
            with tracer.subsegment("extract", number=number):
                pass
    documents = daemon.documents()
    parts = [part for document in documents for part in [document, *document.get("subsegments", [])]]
    assert sorted(part["annotations"]["number"] for part in parts if part["name"] == "extract") == list(range(100))
    assert [part["name"] for part in parts].count("catchment-process") == 1


def test_no_sampling_rules_are_asked_of_a_daemon(tracer: XRayTracer) -> None:
    before = threading.active_count()
    with tracer.segment("catchment-api"):
        assert threading.active_count() == before


@pytest.mark.usefixtures("daemon")
def test_nobody_listening_is_harmless(said: Callable[[], list[dict[str, Any]]]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
        once.bind(("127.0.0.1", 0))
        port = once.getsockname()[1]
    tracer = XRayTracer(daemon=f"127.0.0.1:{port}", sampling_rate=1.0)
    for _ in range(3):
        with tracer.segment("catchment-api"), tracer.subsegment("ingest"):
            pass
    assert said() == []


@pytest.mark.usefixtures("daemon")
@pytest.mark.parametrize("broken", ["not an address", "127.0.0.1:0"])
def test_what_the_sdk_does_wrong_is_said_once_and_breaks_nothing(
    said: Callable[[], list[dict[str, Any]]], broken: str
) -> None:
    tracer = XRayTracer(daemon=broken, sampling_rate=1.0)
    done = 0
    for _ in range(3):
        with tracer.segment("catchment-api", SAMPLED), tracer.subsegment("ingest"):
            assert str(tracer.header()).startswith(f"Root={ROOT};")
            done += 1
    assert done == 3
    (line,) = said()
    assert (line["event"], line["level"]) == ("tracing_failed", "WARNING")


def test_in_lambda_the_segment_is_lambdas_and_each_part_is_sent_as_it_ends(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = trace_header.new_root()
    tracer = lambda_tracer(daemon, monkeypatch, SAMPLED + ";Lineage=1:a87bd80c:0")
    with tracer.segment("catchment-process", f"Root={origin};Sampled=1"):
        with tracer.subsegment("extract"):
            handed_on = tracer.header()
        (extract,) = daemon.documents()
    (process,) = daemon.documents()
    assert (process["name"], process["type"], process["parent_id"]) == ("catchment-process", "subsegment", PARENT)
    assert (extract["name"], extract["type"], extract["parent_id"]) == ("extract", "subsegment", process["id"])
    assert {process["trace_id"], extract["trace_id"]} == {ROOT}
    assert process["annotations"] == {"origin_trace": origin}
    assert handed_on == f"Root={ROOT};Parent={extract['id']};Sampled=1"


@pytest.mark.parametrize("invocation", [f"Root={ROOT};Parent={PARENT};Sampled=0", f"Root={ROOT}"])
def test_in_lambda_an_invocation_that_is_not_sampled_is_not_recorded(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, invocation: str
) -> None:
    tracer = lambda_tracer(daemon, monkeypatch, invocation)
    with tracer.segment("catchment-api"), tracer.subsegment("ingest"):
        assert tracer.header() == invocation
    assert daemon.documents() == []


def test_in_lambda_the_next_invocation_is_a_trace_of_its_own(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = [SAMPLED, f"Root={trace_header.new_root()};Parent={PARENT};Sampled=1"]
    tracer = XRayTracer(lambda: headers[0], daemon=daemon.address)
    traces = []
    for _ in range(2):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", headers[0])
        with tracer.segment("catchment-api"):
            pass
        traces += [document["trace_id"] for document in daemon.documents()]
        headers.reverse()
    assert traces == [ROOT, str(headers[1]).split(";")[0].removeprefix("Root=")]


def test_both_tracers_keep_the_protocol() -> None:
    tracers: list[Tracer] = [NullTracer(), XRayTracer()]
    assert all(tracer.header() is None for tracer in tracers)
