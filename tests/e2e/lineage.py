"""The calls that the end-to-end tests of lineage make."""

import json
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from tests.e2e.generations import call, generation

_runs = count(1)
_scores = count(1)


class Graph:
    """Generations of one test: names are made unique, so that tests can share a service."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._run = f"{time.time_ns():x}-{next(_runs)}"

    def id(self, name: str) -> str:
        """The id behind a name."""
        return f"{name}-{self._run}"

    def name(self, generation_id: str) -> str:
        """The inverse of `id`."""
        return generation_id.removesuffix(f"-{self._run}")

    def add(self, name: str, *depends_on: str, **fields: object) -> None:
        """Export one generation."""
        item = generation(self.id(name), depends_on=[self.id(each) for each in depends_on], **fields)
        body = self.post("generations:export", {"generations": [item]})
        assert body["results"] == [{"generation_id": self.id(name), "accepted": True, "error": ""}]

    def score(self, name: str, *, passed: bool | None, evaluator: str = "judge", created_at: str | None = None) -> None:
        """Export one score."""
        score_id = f"{self._run}-{next(_scores)}"
        score = {"score_id": score_id, "generation_id": self.id(name), "evaluator_id": evaluator}
        more = {"evaluator_version": "1", "score_key": "ok", "value": {"bool": bool(passed)}, "passed": passed}
        when = {"created_at": created_at} if created_at else {}
        body = self.post("scores:export", {"scores": [{**score, **more, **when}]})
        assert body["results"] == [{"score_id": score_id, "accepted": True, "error": ""}]

    def post(self, path: str, body: object, method: str = "POST") -> Any:
        """A request whose answer is 202."""
        status, answer = call(
            f"{self.base}/api/v1/{path}", json.dumps(body).encode(), method, content_type="application/json"
        )
        assert status == 202, answer
        return answer

    def waive(self, name: str, method: str = "POST") -> None:
        """Settle a failure, or (`DELETE`) take that back."""
        self.post(f"generations/{quote(self.id(name), safe='')}/waiver", {"reason": "known"}, method)

    def get(self, name: str, path: str = "", **query: object) -> tuple[int, Any]:
        """GET of a generation, or of something below it."""
        return call(f"{self.base}/api/v1/generations/{quote(self.id(name), safe='')}{path}?{urlencode(query)}")

    def record(self, name: str) -> dict[str, Any]:
        """One generation that is there."""
        status, record = self.get(name)
        assert status == 200, record
        return dict(record)

    def flags(self, name: str) -> set[str]:
        """The roots that flag a generation now."""
        record = self.record(name)
        roots = {self.name(flag["root_generation_id"]) for flag in record["flags"]}
        assert record["flagged"] is bool(roots)
        assert record["flags_more"] is False
        return roots

    def listed(self, **query: object) -> list[str]:
        """Names of this test's generations in a list, in its order."""
        names: list[str] = []
        cursor: dict[str, object] = {}
        for _ in range(1000):
            _, page = call(f"{self.base}/api/v1/generations?{urlencode({'limit': 200, **query, **cursor})}")
            ours = (item["id"] for item in page["items"])
            names += [self.name(each) for each in ours if each.endswith(self._run)]
            if page["next_cursor"] is None:
                return names
            cursor = {"cursor": page["next_cursor"]}
        raise AssertionError("the list does not end")

    def settled(self, name: str) -> bool:
        """Whether a generation has been processed."""
        status, record = self.get(name)
        return status == 200 and record["processing"]["state"] == "processed"


def eventually(condition: Callable[[], object], seconds: float = 30) -> None:
    """Waits until the queues have drained as far as the condition needs it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not come true"
        time.sleep(0.05)
