"""Reading of the operator's `PROVIDERS`: which providers there are, by the names that agents call them."""

import json
import re
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.provider import Api, Provider
from chalicelib.domain.webhook import PORTS, Target, is_loopback_name, read_host

APIS: tuple[Api, ...] = get_args(Api)
LABELS: Mapping[Api, str] = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "anthropic-messages": "anthropic",
}
MOST_URL = 2048

_FIELDS = frozenset({"api", "base_url", "label", "api_key"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEY = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|ssm:/[\w./-]+|secretsmanager:[\w/+=.@:-]+", re.ASCII)
_URL = re.compile(r"[!-~]+")


def read_providers(text: str) -> dict[str, Provider]:
    """The providers of a JSON object, name → `{api, base_url, label?, api_key?}`; none of an empty text.

    Raises:
        ValueError: it cannot be used; the text says which provider and why, and follows on the setting's name.
    """
    if not text.strip():
        return {}
    try:
        said = json.loads(text, object_pairs_hook=_unambiguous)
    except RecursionError:
        raise ValueError("must be a JSON object") from None
    except json.JSONDecodeError as error:
        reason = f"must be a JSON object: {error}"
        raise ValueError(reason) from error
    if not isinstance(said, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - the value of a text is wrong, not a type
    return {name: _provider(name, fields) for name, fields in said.items()}


def target_at(base_url: str, path: str = "") -> Target:
    """Where requests go to: a path below a base URL.

    Raises:
        ValueError: the base URL may not be one; the text names the rule.
    """
    if len(base_url) > MOST_URL or not _URL.fullmatch(base_url) or "\\" in base_url:
        reason = f"must be at most {MOST_URL} printable ASCII characters"
        raise ValueError(reason)
    parts = urlsplit(base_url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("must be an https URL")
    if set("@?#") & set(base_url):
        raise ValueError("must have neither credentials nor a query nor a fragment")
    host = read_host(parts.hostname)
    if parts.scheme != "https" and not is_loopback_name(host):
        raise ValueError("must be an https URL, except on a loopback host")
    return Target(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.path.rstrip("/") + path)


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("must not name anything twice")
    return found


def _provider(name: str, fields: object) -> Provider:
    if not _NAME.fullmatch(name):
        raise ValueError("must have names of 1 to 64 letters, digits, dots, hyphens and underscores")
    if not isinstance(fields, dict) or not _FIELDS.issuperset(fields):
        reason = f"{name} must be an object of {', '.join(sorted(_FIELDS))} and nothing else"
        raise ValueError(reason)
    api = next((known for known in APIS if known == fields.get("api")), None)
    if api is None:
        reason = f"{name}.api must be one of {', '.join(APIS)}"
        raise ValueError(reason)
    return Provider(name, api, _base_url(name, api, fields), _label(name, api, fields), _key(name, fields))


def _base_url(name: str, api: Api, fields: Mapping[str, Any]) -> str:
    try:
        return _checked_url(api, fields.get("base_url"))
    except ValueError as error:
        reason = f"{name}.base_url {error}"
        raise ValueError(reason) from error


def _checked_url(api: Api, url: object) -> str:
    if not isinstance(url, str):
        raise ValueError("must be an https URL")  # noqa: TRY004 - the value of a setting is wrong, not a type
    target_at(url)
    if api == "anthropic-messages" and url.rstrip("/").endswith("/v1"):
        raise ValueError("must not end with /v1, with which the path of that API begins")
    return url.rstrip("/")


def _label(name: str, api: Api, fields: Mapping[str, Any]) -> str:
    label = fields.get("label", LABELS[api])
    try:
        return check_identifier(label if isinstance(label, str) else "")
    except ValueError as error:
        reason = f"{name}.label {error}"
        raise ValueError(reason) from error


def _key(name: str, fields: Mapping[str, Any]) -> str | None:
    key = fields.get("api_key")
    if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
        # What stands there is not repeated: it may be a key that somebody wrote there by mistake.
        reason = f"{name}.api_key must be env:NAME, ssm:/path or secretsmanager:name"
        raise ValueError(reason)
    return key
