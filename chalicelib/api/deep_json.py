"""A JSON parser that keeps its own stack, for the rare body nested deeper than the standard one can follow.

Time and memory are linear in the text, and the grammar is checked to the last byte: only what is deeper than wanted is
not built. Whatever is shallow is left to the standard parser, so that one deep item does not make its neighbours slow.
"""

import json
import re
from dataclasses import dataclass

from chalicelib.domain.free_form import TOO_DEEP, Json, Unreadable

_SPACE = re.compile(r"[ \t\n\r]*")
_OPENING = re.compile(r"\[*")
_CLOSING = re.compile(r"\]*")
_TRIED_WHOLE = (
    3  # levels at which a value is first given to the standard parser; a bound, or deep values would be tried often
)


@dataclass(slots=True)
class _Frame:
    """An open container; or, where it is too deep to be built (`value` is None), `count` arrays inside one another."""

    is_object: bool
    value: Json
    count: int = 1
    key: str = ""

    def add(self, child: Json) -> None:
        if self.value is None:
            return
        if self.is_object:
            self.value[self.key] = child
        else:
            self.value.append(child)

    def finished(self) -> Json | Unreadable:
        return TOO_DEEP if self.value is None else self.value


def parse_deep(text: str, decoder: json.JSONDecoder, levels: int) -> Json:
    """The JSON value that the text is, with `TOO_DEEP` in place of containers nested deeper than `levels`.

    Shallow parts may come back a little deeper than that, as the standard parser read them. `decoder` reads the scalars
    too, so that its hooks hold everywhere.

    Raises:
        json.JSONDecodeError: no JSON.
    """
    return _Parser(text, decoder, levels).document()


class _Parser:
    def __init__(self, text: str, decoder: json.JSONDecoder, levels: int) -> None:
        self._text = text
        self._decoder = decoder
        self._levels = levels
        self._at = 0
        self._open: list[_Frame] = []

    def document(self) -> Json:
        value, complete = self._begin_value()
        while self._open:
            if complete:
                self._open[-1].add(value)
            value, complete = self._after_value() if complete else self._begin_value()
        if self._peek():
            self._fail("Extra data")
        return value

    def _begin_value(self) -> tuple[Json, bool]:
        """A value that could be read whole, and True; or (None, False) with one more container open."""
        character = self._peek()
        is_container = character in ("[", "{")
        if is_container and len(self._open) > _TRIED_WHOLE:
            return self._begin_container(is_object=character == "{")
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except RecursionError:
            return self._begin_container(is_object=character == "{")
        return value, True

    def _begin_container(self, *, is_object: bool) -> tuple[Json, bool]:
        frame = _Frame(is_object, {} if is_object else [])
        if len(self._open) >= self._levels:
            frame.value = None
            frame.count = 1 if is_object else self._run(_OPENING)
        self._at += frame.count
        self._open.append(frame)
        if self._peek() == ("}" if is_object else "]"):
            return self._after_value()
        if is_object:
            self._read_key()
        return None, False

    def _after_value(self) -> tuple[Json, bool]:
        """A comma, with (None, False); or the end of the innermost container, which is then the complete value."""
        frame = self._open[-1]
        character = self._peek()
        if character == ",":
            self._at += 1
            if frame.is_object:
                self._read_key()
            return None, False
        if character != ("}" if frame.is_object else "]"):
            self._fail("Expecting ',' delimiter")
        closed = 1 if frame.is_object else self._run(_CLOSING, frame.count)
        self._at += closed
        frame.count -= closed
        return (TOO_DEEP, True) if frame.count else (self._open.pop().finished(), True)

    def _read_key(self) -> None:
        if self._peek() != '"':
            self._fail("Expecting property name enclosed in double quotes")
        self._open[-1].key, self._at = self._decoder.raw_decode(self._text, self._at)
        if self._peek() != ":":
            self._fail("Expecting ':' delimiter")
        self._at += 1

    def _peek(self) -> str:
        """The next character that is not white space, which is skipped; empty at the end."""
        character = self._text[self._at : self._at + 1]
        if character not in (" ", "\t", "\n", "\r"):
            return character
        self._at += self._run(_SPACE)
        return self._text[self._at : self._at + 1]

    def _run(self, pattern: re.Pattern[str], longest: int | None = None) -> int:
        end = len(self._text) if longest is None else self._at + longest
        match = pattern.match(self._text, self._at, end)
        return match.end() - self._at if match else 0

    def _fail(self, reason: str) -> None:
        raise json.JSONDecodeError(reason, self._text, self._at)
