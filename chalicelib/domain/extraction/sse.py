"""Server-sent events out of the text of a stream."""

import re
from collections.abc import Iterator

DONE = "[DONE]"

_FIRST_LINE = re.compile(r"\s*(?:data|event|id|retry)?:")


def is_event_stream(text: str) -> bool:
    """Whether a text begins as a stream of events does."""
    return _FIRST_LINE.match(text) is not None


def read_events(text: str) -> Iterator[tuple[str, str]]:
    """Name (may be empty) and data of each event that has data; the last one may lack its blank line.

    Lines end in LF, CRLF or CR. Other line separators of Unicode are text.
    """
    name = ""
    data: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
        elif data:
            yield name, "\n".join(data)
            name, data = "", []
        else:
            name = ""
    if data:
        yield name, "\n".join(data)
