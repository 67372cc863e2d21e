"""Tell a tenant's webhook of roots that start or stop failing: queued when it happens, delivered by its own worker."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.lineage import HEALTHY, failing_evaluators, reasons
from chalicelib.domain.times import format_time
from chalicelib.domain.webhook import Webhook, signature, target_of
from chalicelib.observability.logs import current_correlation_id, log, log_exception
from chalicelib.observability.tracing import Tracer
from chalicelib.services.lineage.dependents import Count
from chalicelib.services.messages import UnreadableMessage
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Change, Clock, Courier, Keys, Lineage, Webhooks

WEBHOOK_QUEUE = "webhook"


class Notice(BaseModel):
    """What travels through the webhook queue: everything that the receiver is told, and whose it is."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    v: Literal[1] = 1
    correlation_id: str
    id: str
    type: Literal["root.started_failing", "root.stopped_failing"]
    tenant_id: str
    generation_id: str
    reasons: tuple[str, ...]
    evaluators: tuple[str, ...]
    dependents: int
    dependents_exact: bool
    occurred_at: str

    def body(self) -> bytes:
        """What is posted; the same at every try."""
        return self.model_dump_json(exclude={"v", "correlation_id"}).encode()


def decode(body: str) -> Notice:
    """Read a message body. Raises UnreadableMessage."""
    try:
        return Notice.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableMessage(type(error).__name__) from error


class Undelivered(Unavailable):
    """The receiver has not taken a notice; trying again later is right."""

    code = "UNDELIVERED"


@dataclass(frozen=True, slots=True)
class Notices:
    """Queues notices. Nothing here ever fails the flagging that caused it."""

    webhooks: Webhooks
    lineage: Lineage
    outgoing: Outgoing
    clock: Clock
    new_key: Keys
    allowed: Collection[str]

    def __call__(self, tenant: str, root: str, change: Change, count: Count) -> None:
        """Promise a notice and hand it over, when the tenant has a webhook."""
        if not self.allowed:
            return
        try:
            if self.webhooks.get(tenant) is not None:
                self._queue(self._notice(tenant, root, change, count))
        except Unavailable as error:
            log_exception("webhook_not_queued", error, tenant=tenant, generation_id=root)

    def _queue(self, notice: Notice) -> None:
        rows = self.outgoing.promise(WEBHOOK_QUEUE, {notice.id: notice.model_dump_json()})
        self.outgoing.hand_over(list(rows.values()))

    def _notice(self, tenant: str, root: str, change: Change, count: Count) -> Notice:
        state = self.lineage.states(tenant, [root]).get(root, HEALTHY)
        key = self.new_key()
        return Notice(
            correlation_id=current_correlation_id() or key,
            id=key,
            type="root.started_failing" if change == "started" else "root.stopped_failing",
            tenant_id=tenant,
            generation_id=root,
            reasons=tuple(reasons(state)),
            evaluators=tuple(failing_evaluators(state)),
            dependents=count.number,
            dependents_exact=count.exact,
            occurred_at=format_time(self.clock.now()),
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """The use case behind the webhook queue."""

    webhooks: Webhooks
    courier: Courier
    clock: Clock
    tracer: Tracer
    allowed: Collection[str]

    def __call__(self, notice: Notice) -> None:
        """Post a notice to where its tenant wants it now. Raises Undelivered to be called again."""
        webhook = self.webhooks.get(notice.tenant_id)
        if webhook is None:
            log("webhook_gone", tenant=notice.tenant_id, notice_id=notice.id)
            return
        with self.tracer.subsegment("deliver"):
            status = self._post(webhook, notice)
        if status // 100 != 2:  # noqa: PLR2004 - the class of statuses that mean success
            raise Undelivered(f"the receiver answered {status}")

    def _post(self, webhook: Webhook, notice: Notice) -> int:
        try:
            target = target_of(webhook.url, self.allowed)
        except ValueError as error:
            raise Undelivered(f"the webhook's url {error}") from error
        body = notice.body()
        timestamp = str(int(self.clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "catchment-webhook/1",
            "X-Catchment-Id": notice.id,
            "X-Catchment-Timestamp": timestamp,
            "X-Catchment-Signature": signature(webhook.secret, timestamp, body),
        }
        return self.courier.post(target, headers, body)
