"""The generations that are measured: 4 KB each, as an SDK sends them, the same for the same seed.

Texts are random words from a small vocabulary, chosen so that DEFLATE finds about as little in them as in English prose
(`compression.py` prints how much that is, and what becomes of the numbers with other vocabularies).
"""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

SEED = 20_240_601
LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY_WORDS = 200
TEXT_BYTES = 1792  # 1.75 KB
PER_CONVERSATION = 10
PER_TRACE = 5
AGENT = "support-agent"
FIRST_START = datetime(2026, 1, 1, tzinfo=UTC)

Wire = dict[str, Any]


class Workload:
    """Makes generations; `name` keeps the ids of one workload apart from those of every other.

    `day` is when they were made, counted from 2026: what is sent later should be later, or last-seen times stand still.
    """

    def __init__(self, name: str, day: int = 0, vocabulary_words: int = VOCABULARY_WORDS) -> None:
        self._start = FIRST_START + timedelta(days=day)
        self._random = random.Random(f"{SEED}/{name}")
        self._words = vocabulary(vocabulary_words)
        self._made = 0
        self._previous = f"gen_{self._hex(16)}"

    def generation(self) -> Wire:
        """The next generation: one dependency, ten to a conversation, five to a trace."""
        number, self._made = self._made, self._made + 1
        if number % PER_CONVERSATION == 0:
            self._conversation = self._hex(32)
        if number % PER_TRACE == 0:
            self._trace = self._hex(32)
        parent, self._previous = self._previous, f"gen_{self._hex(16)}"
        started = self._start + timedelta(milliseconds=1500 * number)
        return {
            "id": self._previous,
            "conversation_id": self._conversation,
            "trace_id": self._trace,
            "span_id": self._hex(16),
            "depends_on": [parent],
            "started_at": _time(started),
            "completed_at": _time(started + timedelta(milliseconds=1200)),
            **self._labels(),
            "input": [{"role": "MESSAGE_ROLE_USER", "parts": [{"text": self.text()}]}],
            "output": [{"role": "MESSAGE_ROLE_ASSISTANT", "parts": [{"text": self.text()}]}],
            "usage": self._usage(),
        }

    def batch(self, size: int) -> list[Wire]:
        """The next `size` generations."""
        return [self.generation() for _ in range(size)]

    def text(self) -> str:
        """1.75 KB of words."""
        words: list[str] = []
        left = TEXT_BYTES
        while left > 0:
            words.append(self._random.choice(self._words))
            left -= len(words[-1]) + 1
        return " ".join(words)[:TEXT_BYTES]

    def _labels(self) -> Wire:
        return {
            "operation_name": "generateText",
            "mode": "GENERATION_MODE_SYNC",
            "agent_name": AGENT,
            "agent_version": "2.3.1",
            "model": {"provider": "openai", "name": "gpt-4o-mini"},
            "response_id": f"resp_{self._hex(24)}",
            "response_model": "gpt-4o-mini-2024-07-18",
            "system_prompt": "You are a helpful assistant of the support team. Answer briefly.",
            "stop_reason": "stop",
            "tags": {"env": "production", "team": "support"},
            "metadata": {"sigil.sdk.name": "sdk-python", "sigil.sdk.content_capture_mode": "full"},
        }

    def _usage(self) -> Wire:
        given, made = self._random.randrange(400, 700), self._random.randrange(300, 600)
        return {"input_tokens": str(given), "output_tokens": str(made), "total_tokens": str(given + made)}

    def _hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"


def vocabulary(size: int) -> list[str]:
    """Random words of two to nine letters."""
    chosen = random.Random(SEED)
    return ["".join(chosen.choices(LETTERS, k=chosen.randint(2, 9))) for _ in range(size)]


def body(generations: Sequence[Wire]) -> bytes:
    """The body of an export."""
    return json.dumps({"generations": list(generations)}, separators=(",", ":")).encode()


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
