"""The depends_on graph, scores, and what is kept of walks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chalicelib.domain.lineage import Pair, Reach, State
from chalicelib.services.ports.catalog import CatalogPage

# fmt: off
STAYS = frozenset({
    "score_id", "generation_id", "evaluator_id", "evaluator_version", "score_key", "value", "passed", "created_at",
    "conversation_id", "trace_id", "source",
})
# fmt: on
"""What of a score's document outlives the content that it is about."""
OWN_PREFIX = "eval_"
"""What the ids of scores begin with that evaluators here give; no client may take one."""
EMPTIED: Mapping[str, Any] = {"explanation": None, "metadata": {}}


@dataclass(frozen=True, slots=True)
class Edge:
    """`child` consumed the output of `parent`; `listed_at` places the child in lists."""

    parent: str
    child: str
    listed_at: str


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluation result; `document` is everything the client sent. `passed` None counts for nothing."""

    score_id: str
    generation_id: str
    evaluator_id: str
    score_key: str
    created_at: str
    passed: bool | None
    document: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Score":
        """The score that a document tells of."""
        return cls(
            score_id=document["score_id"],
            generation_id=document["generation_id"],
            evaluator_id=document["evaluator_id"],
            score_key=document["score_key"],
            created_at=document["created_at"],
            passed=document["passed"],
            document=document,
        )

    def without_words(self) -> "Score":
        """What may stay of a score whose generation is purged: ids, value, verdict and time.

        The value of an evaluator here does not where it is a text: a hook may have said it in the generation's words.
        """
        kept = {name: value for name, value in self.document.items() if name in STAYS}
        if self.score_id.startswith(OWN_PREFIX) and "string" in (self.document.get("value") or {}):
            kept["value"] = None
        return Score.of(kept | {name: empty for name, empty in EMPTIED.items() if name in self.document})

    @property
    def pair(self) -> Pair:
        """What it supersedes earlier scores of."""
        return self.evaluator_id, self.score_key


@dataclass(frozen=True, slots=True)
class ChildPage:
    """Children of a generation, and where to go on: None at the end."""

    edges: list[Edge]
    after: str | None


Change = Literal["started", "stopped"]
"""A root starts or stops failing."""


class Lineage(Protocol):
    """The depends_on graph, what decides who is a root, and which root reaches what.

    Edges, reach rows, activation and the touched mark are only ever added. All reads here are strongly consistent.
    """

    def put_edges(self, tenant: str, edges: Sequence[Edge]) -> None:
        """Store edges. Repeating it is harmless."""
        ...

    def children(self, tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        """Up to `limit` edges from a parent, in a stable order."""
        ...

    def touched(self, tenant: str, generation_ids: Iterable[str]) -> set[str]:
        """Those that have ever failed or been reached by a root."""
        ...

    def touch(self, tenant: str, generation_ids: Iterable[str]) -> None:
        """Say for ever that these failed or were reached."""
        ...

    def states(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, State]:
        """States by id; a generation of which nothing is known is absent."""
        ...

    def apply_score(self, tenant: str, score: Score) -> None:
        """Make it its pair's latest score unless a later one stands; a failed one activates in the same write."""
        ...

    def apply_failure(self, tenant: str, generation_id: str, failed_at: str) -> None:
        """Record that the generation itself failed; activates in the same write."""
        ...

    def apply_course(self, tenant: str, generation_id: str, failed_at: str | None, version: int) -> None:
        """Record that a run has failed, or that its failure is taken back (None); the highest version stands.

        A failure activates in the same write.
        """
        ...

    def apply_waiver(self, tenant: str, generation_id: str, *, waived: bool, reason: str, at: str) -> None:
        """Set or lift the waiver, unless one decided later stands."""
        ...

    def mark_walked(self, tenant: str, generation_id: str) -> None:
        """Say that everything the root reaches is marked or its marking sure to go on."""
        ...

    def relist(self, tenant: str, generation_id: str) -> Change | None:
        """Bring the list of failing roots in line with the state; says what changed to the one who changed it."""
        ...

    def reach(self, tenant: str, generation_id: str) -> Reach:
        """The roots that reach a generation."""
        ...

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        """Say that each root, over the dependency given, reaches `edge.child`: list rows first, reach rows last."""
        ...


class Scores(Protocol):
    """Scores as they were sent, each id once."""

    def commit(self, tenant: str, owner: str, scores: Sequence[Score]) -> list[bool]:
        """Write each score unless its id is taken; say for each whether this call wrote it."""
        ...

    def owned(self, tenant: str, owner: str, score_ids: Iterable[str]) -> list[Score]:
        """Those of the scores that `owner` wrote, strongly consistent."""
        ...

    def file(self, tenant: str, scores: Sequence[Score]) -> None:
        """List scores with their generations. Repeating it is harmless."""
        ...

    def rewrite(self, tenant: str, scores: Sequence[Score]) -> None:
        """Store scores of a generation that are there already with other documents, under id and list alike."""
        ...

    def of_generation(self, tenant: str, generation_id: str, before: str | None, limit: int) -> CatalogPage:
        """A generation's scores, newest first: documents in `rows`."""
        ...


class WalkStore(Protocol):
    """Parts of walks that are handed on, too large for a message."""

    def save(self, tenant: str, part: bytes) -> str:
        """Keep a part for at least fifteen days, and give its name."""
        ...

    def load(self, name: str) -> bytes:
        """Read a part."""
        ...
