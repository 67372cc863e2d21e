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
