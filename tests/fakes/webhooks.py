"""Webhooks and what is posted to them, in memory."""

from collections.abc import Mapping

from chalicelib.domain.webhook import Target, Webhook


class FakeWebhooks:
    """The `Webhooks` port."""

    def __init__(self) -> None:
        self._kept: dict[str, Webhook] = {}

    def put(self, tenant: str, webhook: Webhook) -> None:
        self._kept[tenant] = webhook

    def get(self, tenant: str) -> Webhook | None:
        return self._kept.get(tenant)

    def delete(self, tenant: str) -> None:
        self._kept.pop(tenant, None)


class FakeCourier:
    """The `Courier` port: every receiver says 200, and every hook that the generation passes."""

    def __init__(self) -> None:
        self.posted: list[tuple[Target, Mapping[str, str], bytes]] = []
        self.patience: list[float] = []
        self.reply = 200, b'{"value": true, "passed": true}'

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        self.posted.append((target, headers, body))
        return 200

    def ask(self, target: Target, headers: Mapping[str, str], body: bytes, seconds: float) -> tuple[int, bytes]:
        self.post(target, headers, body)
        self.patience.append(seconds)
        return self.reply


def never_later(queue: str, receipt: str, seconds: int) -> None:
    """The `Postpone` port: messages come again when they come."""
