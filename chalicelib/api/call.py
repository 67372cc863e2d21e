"""One request as a handler sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from chalicelib.api.caller import Caller
from chalicelib.api.json_body import ENVELOPE, parse_json, read_body
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json

DEFAULT_LIMIT, MOST = 50, 200

HttpRequest = Any  # Chalice's Request, whose attributes are untyped


@dataclass(frozen=True)
class Call(Caller):
    """A caller with the headers (names in lower case), the framework's request, and when it has arrived."""

    headers: Mapping[str, str]
    request: HttpRequest
    arrived: datetime

    def json(self, envelope: int = ENVELOPE) -> Json:
        """The body, inflated and parsed; `envelope` is the number of levels around its items.

        Raises Malformed, TooLarge or UnsupportedEncoding.
        """
        raw = self.request.raw_body
        raw = raw.encode() if isinstance(raw, str) else raw
        body = read_body(raw, self.headers.get("content-encoding"), self.use.settings.max_body_bytes)
        return parse_json(body, envelope=envelope)

    def path(self, name: str) -> str:
        """A path parameter, decoded once, whether or not the front in between has decoded it already.

        Fronts differ in what they do to `pathParameters`; the raw path is the one thing they all hand on.
        """
        given: str = self.request.uri_params[name]
        template = self.request.path.split("/")
        raw = str(self.request.context.get("path", "")).rstrip("/").split("/")
        place = template.index(f"{{{name}}}") - len(template)
        decoded = unquote(raw[place]) if len(raw) >= len(template) else unquote(given)
        return decoded if decoded in (given, unquote(given)) else unquote(given)

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last counts, an empty one is absent."""
        params = self.request.query_params
        if params is None:
            return {}
        return {name: values[-1] for name in params if (values := params.getlist(name)) and values[-1]}

    def only(self, known: set[str]) -> None:
        """Raise Malformed for a parameter nothing here understands: to ignore it would answer a different question."""
        for name in self.query:
            if name not in known and not (name.startswith("tag.") and "tag." in known):
                raise Malformed(f"unknown query parameter {name[:80]}", meta={"parameter": name[:80]})

    def limit(self) -> int:
        """The `limit` parameter of a list: 1 to 200, 50 when absent. Raises Malformed."""
        return self.number("limit", DEFAULT_LIMIT, MOST)

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`. Raises Malformed."""
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
            raise Malformed(f"{name} must be a whole number from 1 to {most}", meta={"parameter": name})
        return int(text)
