"""What a handler answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON body with its status and further headers."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The body as it goes out."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


class TextReply(Reply):
    """Plain text, which no browser is to take for anything else."""

    def __init__(self, text: str) -> None:
        super().__init__(
            text, headers={"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
        )

    def text(self) -> str:
        """The text itself."""
        return str(self.body)
