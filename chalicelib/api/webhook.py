"""Routes of a tenant's webhook."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.domain.errors import Malformed
from chalicelib.domain.webhook import Webhook

FIELDS = {"url", "secret"}


def put_webhook(call: Call) -> Reply:
    """Set or replace it; a secret that was made here is shown this once."""
    call.only(set())
    body = call.json()
    if not isinstance(body, dict) or body.keys() - FIELDS:
        raise Malformed("the body must be an object of url and, if you like, secret")
    url, secret = _text(body, "url"), _text(body, "secret")
    if url is None:
        raise Malformed("url is required", meta={"field": "url"})
    settled = call.use.webhook.put(call.tenant, url, secret)
    shown = {"secret": settled.webhook.secret} if settled.made else {}
    return Reply({**_shown(settled.webhook), **shown})


def get_webhook(call: Call) -> Reply:
    """The webhook, without its secret."""
    call.only(set())
    return Reply(_shown(call.use.webhook.get(call.tenant)))


def delete_webhook(call: Call) -> Reply:
    """Forget it; it is no error when there is none."""
    call.only(set())
    call.use.webhook.delete(call.tenant)
    return Reply({"deleted": True})


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(f"{name} must be a text", meta={"field": name})
    return value or None


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "created_at": webhook.created_at, "secret_prefix": webhook.secret_prefix}


OPERATIONS = [
    Operation("PUT", "/v1/webhook", "webhook:PutWebhook", put_webhook, role="admin"),
    Operation("GET", "/v1/webhook", "webhook:GetWebhook", get_webhook, role="admin"),
    Operation("DELETE", "/v1/webhook", "webhook:DeleteWebhook", delete_webhook, role="admin"),
]
