"""Webhooks: one row per tenant. Its secret is a key for signatures, so it is stored as it is, in an encrypted table."""

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.webhook import Webhook


class DynamoWebhooks:
    """The `Webhooks` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, webhook: Webhook) -> None:
        """One write."""
        row = {"u": webhook.url, "s": webhook.secret, "c": webhook.created_at}
        self._table.put_all([(record_keys.webhook(tenant), row)])

    def get(self, tenant: str) -> Webhook | None:
        """One strong read."""
        record = self._table.get(record_keys.webhook(tenant))
        return Webhook(record["u"], record["s"], record["c"]) if record else None

    def delete(self, tenant: str) -> None:
        """One delete."""
        self._table.delete_all([record_keys.webhook(tenant)])
