"""A tenant's webhook: set it, show it, forget it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from chalicelib.domain.errors import Conflict, Malformed, NotFound
from chalicelib.domain.times import format_time
from chalicelib.domain.webhook import Webhook, target_of
from chalicelib.observability.logs import log
from chalicelib.services.ports import Clock, Webhooks

LEAST_SECRET, MOST_SECRET = 16, 256


@dataclass(frozen=True, slots=True)
class Settled:
    """A webhook that was set; `made` when its secret is ours, to be shown this once."""

    webhook: Webhook
    made: bool


class WebhookSettings:
    """The use cases behind `/webhook`. `allowed` are the hosts that the operator allows; none switches it all off."""

    def __init__(
        self, webhooks: Webhooks, clock: Clock, new_secret: Callable[[], str], allowed: Collection[str]
    ) -> None:
        self._webhooks = webhooks
        self._clock = clock
        self._new_secret = new_secret
        self._allowed = allowed

    def put(self, tenant: str, url: str, secret: str | None) -> Settled:
        """Set or replace it. Raises Conflict when webhooks are off, Malformed when URL or secret will not do."""
        self._must_be_on()
        try:
            target = target_of(url, self._allowed)
        except ValueError as error:
            raise Malformed(f"url {error}", meta={"field": "url"}) from error
        if secret is not None and not _will_do(secret):
            reason = f"secret must be {LEAST_SECRET} to {MOST_SECRET} printable ASCII characters"
            raise Malformed(reason, meta={"field": "secret"})
        webhook = Webhook(url, secret or self._new_secret(), format_time(self._clock.now()))
        self._webhooks.put(tenant, webhook)
        log("webhook_set", tenant=tenant, host=target.host)
        return Settled(webhook, secret is None)

    def get(self, tenant: str) -> Webhook:
        """Show it. Raises Conflict when webhooks are off, NotFound when there is none."""
        self._must_be_on()
        webhook = self._webhooks.get(tenant)
        if webhook is None:
            raise NotFound("no webhook is set")
        return webhook

    def delete(self, tenant: str) -> None:
        """Forget it and its secret, also when webhooks are off."""
        self._webhooks.delete(tenant)
        log("webhook_removed", tenant=tenant)

    def _must_be_on(self) -> None:
        if not self._allowed:
            raise Conflict("webhooks are off: the operator allows no host (WEBHOOK_ALLOWED_HOSTS)", code="WEBHOOKS_OFF")


def _will_do(secret: str) -> bool:
    return LEAST_SECRET <= len(secret) <= MOST_SECRET and secret.isascii() and secret.isprintable()
