"""Search JSON and text for what the rules name, and replace it.

JSON that is quoted in a text (arguments of a tool, a body as text, the events of a stream) is read, searched and
written anew when something was found: so it stays JSON, and its escapes hide nothing. Whatever holds nothing comes back
as the same object.
"""

from itertools import groupby

from chalicelib.domain.free_form import Json
from chalicelib.domain.redaction.credentials import (
    REDACTED,
    Headers,
    holds_headers,
    without_url_credentials,
)
from chalicelib.domain.redaction.marks import Marks
from chalicelib.domain.redaction.paths import NOWHERE, Places, below
from chalicelib.domain.redaction.patterns import PATTERNS, is_card
from chalicelib.domain.redaction.quoted import data_of, is_stream, read_json, write_json
from chalicelib.domain.redaction.rules import Rules
from chalicelib.domain.redaction.streams import redact_across


class Search:
    """The rules, ready to be applied."""

    def __init__(self, rules: Rules) -> None:
        patterns = [PATTERNS[name] for name in sorted(rules.patterns)]
        self._headers = Headers(rules.headers)
        self._cards = "cards" in rules.patterns
        self._patterns = patterns
        self.may_match = Marks(patterns, always=bool(rules.paths))

    def must_join(self, body: Json) -> bool:
        """Whether a body is a stream that is to be searched across its pieces, where marks may be cut in two."""
        return bool(self._patterns) and (isinstance(body, list) or (isinstance(body, str) and is_stream(body)))

    def value(self, value: Json, places: Places = NOWHERE, *, headers: bool = False) -> Json:
        """A JSON value, redacted. `places` is what is left of the paths here; `headers`: it is within headers."""
        if () in places:
            return _covered(value)
        if isinstance(value, str):
            return self._header_text(value, places) if headers else self.text(value, places)
        if isinstance(value, dict):
            return self._object(value, places, headers=headers)
        if isinstance(value, list):
            return self._list(value, places, headers=headers)
        return REDACTED if self._cards and type(value) is int and is_card(value) else value

    def text(self, text: str, places: Places = NOWHERE) -> str:
        """A text, redacted. What is JSON in it is searched as such."""
        if not places and not self.may_match(text.encode(errors="surrogatepass")) and not self.must_join(text):
            return text
        document = read_json(text)
        if document is not None:
            redacted = self.value(document, places)
            return text if redacted is document else write_json(redacted)
        return self._events(text, places) if is_stream(text) else self._plain(text)

    def stream(self, chunks: list[Json], places: Places = NOWHERE) -> list[Json]:
        """The chunks of a stream, redacted, also across their pieces. May change what is in them in place."""
        redacted: list[Json] = self.value(chunks, places)
        if self._patterns and redact_across(redacted, self.text):
            return list(redacted)
        return redacted

    def _object(self, members: dict[str, Json], places: Places, *, headers: bool) -> dict[str, Json]:
        # A schema tells of headers and holds none.
        headers = headers and not isinstance(members.get("properties"), dict)
        naming = self._headers.named_in(members) if headers else None
        redacted, changed = {}, False
        for key, old in members.items():
            if (naming and key not in naming) or (headers and key in self._headers) or self._headers.flat(key):
                new = _covered(old)
            else:
                new = self.value(old, below(places, key), headers=headers or holds_headers(key))
            shown = self.text(key)
            changed = changed or new is not old or shown is not key
            redacted[shown] = new
        return redacted if changed else members

    def _list(self, items: list[Json], places: Places, *, headers: bool) -> list[Json]:
        inside = below(places, None)
        redacted = [self.value(item, inside, headers=headers) for item in items]
        if headers:
            # Pairs, `["name", "value"]`, and their flat form, `["name", "value", "name", "value"]`.
            for position in range(0, len(items) - 1, 2):
                if items[position] in self._headers:
                    redacted[position + 1] = _covered(items[position + 1])
        return redacted if any(new is not old for new, old in zip(redacted, items, strict=True)) else items

    def _header_text(self, text: str, places: Places) -> str:
        """A text that is headers, redacted: JSON, lines, or code."""
        document = read_json(text)
        if document is not None:
            inner = self.value(document, places, headers=True)
            return text if inner is document else write_json(inner)
        redacted = self.text(self._headers.in_quotes(self._headers.in_lines(text)), places)
        return text if redacted == text else redacted

    def _events(self, text: str, places: Places) -> str:
        """The text of an event stream; to paths it is the list of its documents."""
        lines = text.split("\n")
        documents = {number: document for number, line in enumerate(lines) if (document := data_of(line)) is not None}
        before = list(documents.values())
        after: list[Json] = self.value(before, places)
        across = redact_across(after, self.text) if self._patterns else set()
        for position, number in enumerate(documents):
            if position in across or after[position] is not before[position]:
                end = "\r" if lines[number].endswith("\r") else ""
                lines[number] = f"data: {write_json(after[position])}{end}"
        runs = groupby(enumerate(lines), key=lambda line: line[0] in documents)
        texts = ((is_data, "\n".join(line for _, line in run)) for is_data, run in runs)
        redacted = "\n".join(run if is_data else self._plain(run) for is_data, run in texts)
        return text if redacted == text else redacted

    def _plain(self, text: str) -> str:
        redacted = without_url_credentials(text)
        if "header" in redacted.lower():
            redacted = self._headers.in_quotes(redacted)
        if self._patterns:
            lower = text.encode(errors="surrogatepass").lower()
            for pattern in self._patterns:
                redacted = pattern.redacted(redacted) if pattern.may_match(lower) else redacted
        return text if redacted == text else redacted


def _covered(value: Json) -> Json:
    return value if value is None or value == REDACTED else REDACTED
