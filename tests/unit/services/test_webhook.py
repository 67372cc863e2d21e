"""Webhooks: which URLs will do, what is signed, and that a notice is delivered at last or told to be lost."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, Malformed, NotFound, Unavailable
from chalicelib.domain.lineage import Latest, State
from chalicelib.domain.webhook import Target, Webhook, read_host, target_of
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.lineage.dependents import Count
from chalicelib.services.lineage.notices import WEBHOOK_QUEUE, Delivery, Notice, Notices, Undelivered, decode
from chalicelib.services.lineage.webhooks import WebhookSettings
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import OutboxRow
from chalicelib.settings import InvalidSettings, Settings
from chalicelib.workers.webhook import delay

ALLOWED = frozenset({"hooks.example.com", "127.0.0.1", "localhost", "::1", "10.0.0.5"})
NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
URL = "https://hooks.example.com/in?team=1"


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        (URL, Target("https", "hooks.example.com", 443, "/in?team=1"), "hooks.example.com"),
        ("HTTPS://Hooks.Example.COM:8443", Target("https", "hooks.example.com", 8443, "/"), "hooks.example.com:8443"),
        ("http://127.0.0.1:9000/x", Target("http", "127.0.0.1", 9000, "/x"), "127.0.0.1:9000"),
        ("http://localhost/", Target("http", "localhost", 80, "/"), "localhost"),
        ("http://[0:0::1]:1/", Target("http", "::1", 1, "/"), "[::1]:1"),
        ("https://10.0.0.5/", Target("https", "10.0.0.5", 443, "/"), "10.0.0.5"),
    ],
)
def test_a_url_on_an_allowed_host_will_do(url: str, target: Target, authority: str) -> None:
    assert target_of(url, ALLOWED) == target
    assert target.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "https:///x",
        "ftp://hooks.example.com/",
        "http://hooks.example.com/",
        "http://10.0.0.5/",
        "https://evil.example.com/",
        "https://hooks.example.com.evil.example/",
        "https://xhooks.example.com/",
        "https://hooks.example.com./",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com@evil.example/",
        "https://evil.example\\@hooks.example.com/",
        "https://evil.example#@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/",
        "https://hooks.example.com/\r\nX: y",
        "https://hooks.example.com/ x",
        "https://hooks.example.com/ü",
        "https://[::1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.2/",
        "https://hooks.example.com/" + "x" * 2048,
    ],
)
def test_any_other_url_will_not(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        target_of(url, ALLOWED)


def test_hosts_are_read_from_the_environment() -> None:
    settings = Settings.from_env({"WEBHOOK_ALLOWED_HOSTS": " Hooks.example.com ,[::1],, 127.0.0.1 "})

    assert settings.webhook_allowed_hosts == {"hooks.example.com", "::1", "127.0.0.1"}
    assert Settings.from_env({}).webhook_allowed_hosts == frozenset()
    assert read_host("[0:0::1]") == "::1"


@pytest.mark.parametrize("text", ["https://hooks.example.com", "*.example.com", "a/b", "a:443", "-x", "a b"])
def test_what_is_no_host_keeps_the_product_from_starting(text: str) -> None:
    with pytest.raises(InvalidSettings, match="WEBHOOK_ALLOWED_HOSTS"):
        Settings.from_env({"WEBHOOK_ALLOWED_HOSTS": f"ok.example,{text}"})


@dataclass
class Surroundings:
    """Everything that webhooks need, in memory, with faults on demand."""

    webhooks: dict[str, Webhook] = field(default_factory=dict)
    outbox: list[OutboxRow] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    posted: list[tuple[Target, Mapping[str, str], bytes]] = field(default_factory=list)
    state: dict[str, State] = field(default_factory=dict)
    answers: list[int | Exception] = field(default_factory=list)
    storage_is_down: bool = False
    queue_is_down: bool = False

    def now(self) -> datetime:
        return NOW

    def put(self, tenant: str, webhook: Webhook) -> None:
        self.webhooks[tenant] = webhook

    def get(self, tenant: str) -> Webhook | None:
        return self.webhooks.get(tenant)

    def delete(self, tenant: str) -> None:
        self.webhooks.pop(tenant, None)

    def add(self, rows: list[OutboxRow]) -> None:
        if self.storage_is_down:
            raise Unavailable("storage is not available")
        self.outbox += rows

    def remove(self, rows: list[OutboxRow]) -> None:
        self.outbox = [row for row in self.outbox if row not in rows]

    def send(self, queue: str, bodies: list[str], _header: str | None = None, **_more: object) -> list[bool]:
        assert queue == WEBHOOK_QUEUE
        if not self.queue_is_down:
            self.queued += bodies
        return [not self.queue_is_down] * len(bodies)

    def states(self, _tenant: str, _ids: list[str]) -> dict[str, State]:
        return self.state

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        self.posted.append((target, headers, body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    def settings(self, allowed: frozenset[str] = ALLOWED) -> WebhookSettings:
        these: Any = self
        return WebhookSettings(these, these, lambda: "whsec_made", allowed)

    def notices(self, allowed: frozenset[str] = ALLOWED) -> Notices:
        these: Any = self
        outgoing = Outgoing(these, these, these, NullTracer())
        return Notices(these, these, outgoing, these, lambda: "K" * 26, allowed)

    def delivery(self, allowed: frozenset[str] = ALLOWED) -> Delivery:
        these: Any = self
        return Delivery(these, these, these, NullTracer(), allowed)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def test_a_secret_is_made_when_none_is_given(around: Surroundings) -> None:
    settled = around.settings().put("t", URL, None)

    assert (settled.made, settled.webhook) == (True, Webhook(URL, "whsec_made", "2026-01-02T03:04:05.000006Z"))
    assert around.settings().get("t").secret_prefix == "whse"


@pytest.mark.parametrize("secret", ["short", "x" * 257, "sixteen but \x00 odd", "sechzehn Zeichen ü"])
def test_a_secret_that_will_not_do_is_refused(around: Surroundings, secret: str) -> None:
    with pytest.raises(Malformed):
        around.settings().put("t", URL, secret)
    assert around.webhooks == {}


def test_without_allowed_hosts_webhooks_are_off_but_can_be_removed(around: Surroundings) -> None:
    around.settings().put("t", URL, None)
    off = around.settings(frozenset())

    with pytest.raises(Conflict, match="WEBHOOK_ALLOWED_HOSTS"):
        off.put("t", URL, None)
    with pytest.raises(Conflict):
        off.get("t")
    off.delete("t")
    off.delete("t")
    with pytest.raises(NotFound):
        around.settings().get("t")


def failing_root() -> State:
    return State({("judge", "k"): Latest("2026-01-01T00:00:00.000000Z", "s", passed=False)}, failed_at="2026")


def notice(around: Surroundings) -> Notice:
    around.settings().put("t", URL, None)
    around.state = {"r": failing_root()}
    around.notices()("t", "r", "started", Count(1000, exact=False))
    return decode(around.queued[0])


def test_a_notice_tells_everything_and_its_signature_can_be_verified(around: Surroundings) -> None:
    message = notice(around)
    around.delivery()(message)

    [(target, headers, body)] = around.posted
    assert target == target_of(URL, ALLOWED)
    assert json.loads(body) == {
        "id": "K" * 26,
        "type": "root.started_failing",
        "tenant_id": "t",
        "generation_id": "r",
        "reasons": ["failed_evaluation", "failed_generation"],
        "evaluators": ["judge"],
        "dependents": 1000,
        "dependents_exact": False,
        "occurred_at": "2026-01-02T03:04:05.000006Z",
    }
    timestamp = headers["X-Catchment-Timestamp"]
    signed = hmac.new(b"whsec_made", f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Catchment-Signature"] == f"v1={signed}"
    assert (headers["X-Catchment-Id"], int(timestamp)) == ("K" * 26, int(NOW.timestamp()))


def test_nothing_is_queued_where_nobody_wants_to_be_told(around: Surroundings) -> None:
    around.notices()("t", "r", "started", Count(0, exact=True))
    around.settings().put("t", URL, None)
    around.notices(frozenset())("t", "r", "started", Count(0, exact=True))

    assert (around.queued, around.outbox) == ([], [])


def test_a_queue_that_is_down_leaves_a_promise_and_never_fails_the_flagging(around: Surroundings) -> None:
    around.queue_is_down = True
    around.settings().put("t", URL, None)

    around.notices()("t", "r", "stopped", Count(0, exact=True))

    [row] = around.outbox
    assert decode(row.body).type == "root.stopped_failing"
    around.storage_is_down = True
    around.notices()("t", "r", "stopped", Count(0, exact=True))


@pytest.mark.parametrize("answer", [301, 307, 400, 404, 429, 500, 199, Unavailable("no answer")])
def test_what_was_not_taken_comes_again_with_the_same_id_and_body(
    around: Surroundings, answer: int | Exception
) -> None:
    message = notice(around)
    around.answers = [answer, 204]

    with pytest.raises((Undelivered, Unavailable)):
        around.delivery()(message)
    around.delivery()(message)

    [first, second] = around.posted
    assert (first[2], first[1]["X-Catchment-Id"]) == (second[2], second[1]["X-Catchment-Id"])


def test_nothing_is_sent_to_a_host_that_is_no_longer_allowed(around: Surroundings) -> None:
    message = notice(around)
    with pytest.raises(Undelivered):
        around.delivery(frozenset({"127.0.0.1"}))(message)
    assert around.posted == []


def test_nothing_is_sent_once_the_webhook_is_gone(around: Surroundings) -> None:
    message = notice(around)
    around.settings().delete("t")
    around.delivery()(message)
    assert around.posted == []


def test_tries_are_ever_further_apart() -> None:
    assert [delay(received) for received in range(1, 5)] == [30, 120, 480, 1920]
