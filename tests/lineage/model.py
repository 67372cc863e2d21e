"""What lineage means, worked out the slow and obvious way from all that was taken in."""

from dataclasses import dataclass, field

from chalicelib.services.ports import Score

EdgeSet = set[tuple[str, str]]
"""(parent, child)."""


@dataclass
class Facts:
    """All that was taken in, in no order."""

    edges: EdgeSet = field(default_factory=set)
    scores: list[Score] = field(default_factory=list)
    failed_at: dict[str, str] = field(default_factory=dict)
    waivers: list[tuple[str, str, bool]] = field(default_factory=list)
    """(decided at, generation, waived)."""


@dataclass(frozen=True)
class Root:
    """Why a generation is a root, and since when."""

    reasons: tuple[str, ...]
    evaluators: tuple[str, ...]
    since: str


class Meaning:
    """Verdicts, roots, and what each reaches."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.ids = {one for edge in facts.edges for one in edge} | {score.generation_id for score in facts.scores}
        self.ids |= set(facts.failed_at)
        self.roots = {one: root for one in sorted(self.ids) if (root := self._root(one))}
        self.reached = {root: self._reached(root) for root in sorted(self.ids)}

    def latest(self, generation_id: str) -> dict[tuple[str, str], Score]:
        """The latest score of each pair."""
        found: dict[tuple[str, str], Score] = {}
        for score in sorted(self._facts.scores, key=lambda one: (one.created_at, one.score_id)):
            if score.generation_id == generation_id:
                found[score.evaluator_id, score.score_key] = score
        return found

    def verdict(self, generation_id: str) -> str:
        """`fail`, `pass` or `unknown`."""
        outcomes = [score.passed for score in self.latest(generation_id).values()]
        if any(passed is False for passed in outcomes):
            return "fail"
        return "pass" if any(outcomes) else "unknown"

    def roots_of(self, generation_id: str) -> set[str]:
        """The failing roots that reach a generation."""
        return {root for root in self.roots if generation_id in self.reached[root]}

    def vias(self, generation_id: str, root: str) -> set[str]:
        """The direct dependencies over which a root reaches it."""
        parents = {parent for parent, child in self._facts.edges if child == generation_id}
        return {parent for parent in parents if parent == root or parent in self.reached[root]}

    def failing(self) -> list[tuple[str, str]]:
        """The list of failing roots, newest first."""
        return sorted(((root.since, one) for one, root in self.roots.items()), reverse=True)

    def _root(self, generation_id: str) -> Root | None:
        decided = [(at, waived) for at, one, waived in self._facts.waivers if one == generation_id]
        if decided and max(decided)[1]:
            return None
        failing = [score for score in self.latest(generation_id).values() if score.passed is False]
        times = [score.created_at for score in failing]
        why = ["failed_evaluation"] if failing else []
        if generation_id in self._facts.failed_at:
            why.append("failed_generation")
            times.append(self._facts.failed_at[generation_id])
        if not why:
            return None
        return Root(tuple(why), tuple(sorted({score.evaluator_id for score in failing})), max(times))

    def _reached(self, root: str) -> set[str]:
        found: set[str] = set()
        while True:
            further = {child for parent, child in self._facts.edges if parent == root or parent in found}
            if further <= found:
                return found - {root}
            found |= further
