"""The real code with exactly one thing wrong, for each thing that the reasoning of docs/lineage.md rests on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.lineage import OUTCOMES, PAIR, PARTS, DynamoLineage
from chalicelib.adapters.dynamodb.table import Record
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.lineage import HEALTHY, Reach, State, failing_since
from chalicelib.observability.tracing import Tracer
from chalicelib.services.consequences import ended_messages, failed_messages, linked_messages
from chalicelib.services.lineage.flag_messages import FlagMessage, GenerationsFailed, ScoresStored, WalkHandedOn
from chalicelib.services.lineage.flagging import FLAG_QUEUE, Announce, Flagging, FlaggingPorts, Work
from chalicelib.services.lineage.walk import Expand, Step, Walk, Walker
from chalicelib.services.messages import ProcessMessage
from chalicelib.services.ports import Change, Edge, Score
from chalicelib.services.process import Process
from chalicelib.services.stored import Stored
from tests.lineage.run_mutants import RUN_MUTANTS
from tests.lineage.table import MemoryTable
from tests.lineage.world import Variant


class StopsAtRows(Walker):
    """Stops a walk at a generation that has the rows already."""

    def _take(self, walk: Walk, step: Step) -> list[Step]:
        if isinstance(step, Edge):
            present = self._lineage.reach(walk.tenant, step.child)
            if set(walk.roots) <= present.roots.keys() | {step.child} and present.overflow >= walk.overflow:
                return []
        return super()._take(walk, step)


class ReadsChildrenFirst(Walker):
    """Reads a generation's children before its row is put."""

    def _take(self, walk: Walk, step: Step) -> list[Step]:
        if not isinstance(step, Edge):
            return super()._take(walk, step)
        found = super()._take(walk, Expand(step.child))
        self.mark(walk.tenant, step, dict.fromkeys(walk.roots, step.parent), overflow=walk.overflow)
        return found


class DropsOverflow(Walker):
    """Does not say that there are more roots than are stored."""

    def mark(self, tenant: str, edge: Edge, via: Mapping[str, str], *, overflow: bool) -> None:  # noqa: ARG002 - that is the point
        present = self._lineage.reach(tenant, edge.child).roots
        super().mark(tenant, edge, dict(list(via.items())[: self._room(present)]), overflow=False)

    def _room(self, present: Mapping[str, object]) -> int:
        from chalicelib.services.lineage import walk

        return max(0, walk.MOST_STORED_ROOTS - len(present))


class WalksOnlyIfActivating(Flagging):
    """Walks only when this delivery was the one that activated."""

    def __init__(
        self, ports: FlaggingPorts, walker: Walker, announce: Announce, tracer: Tracer, *, flag_failed_runs: bool
    ) -> None:
        super().__init__(ports, walker, announce, tracer, flag_failed_runs=flag_failed_runs)
        self._active: dict[Work, set[str]] = {}

    def _do(self, work: Work, message: FlagMessage) -> None:
        states = self._ports.lineage.states(work.tenant, self._concerned(message))
        self._active[work] = {one for one, state in states.items() if state.activated}
        super()._do(work, message)

    def _concerned(self, message: FlagMessage) -> set[str]:
        if isinstance(message, ScoresStored):
            owned = self._ports.scores.owned(message.tenant, message.owner, message.score_ids)
            return {score.generation_id for score in owned}
        return {one for one, _ in message.failures} if isinstance(message, GenerationsFailed) else set()

    def _settle(self, work: Work, generation_ids: set[str]) -> None:
        for generation_id in sorted(generation_ids & self._active[work]):
            self._ports.lineage.relist(work.tenant, generation_id)
        super()._settle(work, generation_ids - self._active[work])


class MarksWalkedFirst(Flagging):
    """Says that a root was walked before it is."""

    def _settle(self, work: Work, generation_ids: set[str]) -> None:
        lineage, tenant = self._ports.lineage, work.tenant
        for generation_id in sorted(generation_ids):
            lineage.relist(tenant, generation_id)
            state = lineage.states(tenant, [generation_id]).get(generation_id, HEALTHY)
            if state.activated and not state.walked:
                lineage.touch(tenant, [generation_id])
                lineage.mark_walked(tenant, generation_id)
                self._go(work, Walk(tenant, (generation_id,), stack=[Expand(generation_id)]))


class TouchesRootLast(Flagging):
    """Touches a root after the walk from it."""

    def _settle(self, work: Work, generation_ids: set[str]) -> None:
        lineage, tenant = self._ports.lineage, work.tenant
        for generation_id in sorted(generation_ids):
            lineage.relist(tenant, generation_id)
            state = lineage.states(tenant, [generation_id]).get(generation_id, HEALTHY)
            if state.activated and not state.walked:
                self._go(work, Walk(tenant, (generation_id,), stack=[Expand(generation_id)]))
                lineage.touch(tenant, [generation_id])
                lineage.mark_walked(tenant, generation_id)


class ForgetsSeen(Flagging):
    """Takes a walk up without what it has seen."""

    def _taken_up(self, message: WalkHandedOn) -> Walk:
        return super()._taken_up(message.model_copy(update={"seen": ()}))


class HandsNothingOn(Flagging):
    """Ends a message when its slice ends."""

    def _go(self, work: Work, walk: Walk, known: tuple[str, ...] = ()) -> None:  # noqa: ARG002 - nothing is sent
        self._walker.go(walk, work.has_room)


class ReadsParentsFirst(Process):
    """Looks at the parents before the edges are written."""

    def _link(self, message: ProcessMessage, known: Sequence[Stored]) -> None:
        edges = [Edge(parent, one.head.id, one.head.listed_at) for one in known for parent in one.generation.depends_on]
        touched = self._ports.lineage.touched(message.tenant, {edge.parent for edge in edges})
        self._ports.lineage.put_edges(message.tenant, edges)
        bodies = linked_messages(message, [edge for edge in edges if edge.parent in touched])
        bodies += failed_messages(message, [one for one in known if one.course is None])
        bodies += ended_messages(message, known)
        if bodies:
            self._ports.queue.send(FLAG_QUEUE, bodies)


class StaleTable(MemoryTable):
    """Every read is eventually consistent."""

    def get_all(self, keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Record]:  # noqa: ARG002 - that is the point
        return super().get_all(keys, consistent=False)

    def query(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        newest_first: bool = False,
        limit: int,
        consistent: bool = False,  # noqa: ARG002 - that is the point
    ) -> list[Record]:
        return super().query(partition, low, high, newest_first=newest_first, limit=limit, consistent=False)


class TouchesLast(DynamoLineage):
    """Puts the touched mark after the reach rows."""

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        position = (edge.listed_at, edge.child)
        self._table.put_all((keys.list_row(tenant, "root", root, position), {}) for root in roots)
        _put_rows(self, tenant, edge, roots, at, overflow)
        self.touch(tenant, [edge.child])


class ListsLast(DynamoLineage):
    """Puts the list rows after the reach rows."""

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        position = (edge.listed_at, edge.child)
        self.touch(tenant, [edge.child])
        _put_rows(self, tenant, edge, roots, at, overflow)
        self._table.put_all((keys.list_row(tenant, "root", root, position), {}) for root in roots)


def _put_rows(
    lineage: DynamoLineage, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, overflow: bool
) -> None:
    marker = [(keys.overflow(tenant, edge.child), dict[str, str]())] if overflow else []
    rows = [(keys.reach(tenant, edge.child, root), {"v": via, "t": at}) for root, via in roots.items()]
    lineage._table.put_all([*rows, *marker])


class RelistsOnce(DynamoLineage):
    """Does not look at the state again after it has moved the row."""

    def relist(self, tenant: str, generation_id: str) -> Change | None:
        for _ in range(16):
            state = self.states(tenant, [generation_id]).get(generation_id, State())
            wanted, listed = failing_since(state), state.listed_as
            if wanted == listed or self._move(tenant, generation_id, listed, wanted):
                return None
        raise Unavailable("storage is busy")


class RelistsBlindly(DynamoLineage):
    """Moves the row whether or not somebody else has moved it."""

    def _record(self, tenant: str, generation_id: str, listed: str | None, wanted: str | None) -> dict[str, Any]:
        action = super()._record(tenant, generation_id, listed, wanted)
        return {"Update": {**action["Update"], "ConditionExpression": ""}}


class MovesApart(DynamoLineage):
    """Moves the row and records it in several writes."""

    def _move(self, tenant: str, generation_id: str, listed: str | None, wanted: str | None) -> bool:
        rows = {at: keys.list_row(tenant, "failing", "", (at, generation_id)) for at in (listed, wanted) if at}
        self._table.put_all((row, {}) for at, row in rows.items() if at == wanted)
        self._table.delete_all(row for at, row in rows.items() if at == listed)
        request = self._record(tenant, generation_id, listed, wanted)["Update"]
        values = {":wanted": wanted, ":listed": listed}
        key = keys.state(tenant, generation_id)
        return self._table.update(key, request["UpdateExpression"], request["ConditionExpression"], {}, values)


class ActivatesApart(DynamoLineage):
    """Activates in a write of its own, by the delivery whose score has become the latest."""

    def apply_score(self, tenant: str, score: Score) -> None:
        name, value = _attribute(score)
        key = keys.state(tenant, score.generation_id)
        condition = "attribute_not_exists(#p) OR #p < :v"
        won = self._table.update(key, "SET #p = :v", condition, {"#p": name}, {":v": value})
        if won and score.passed is False:
            self._table.update(key, "SET a = :true", "", {}, {":true": True})


class OverwritesScores(DynamoLineage):
    """Takes the last score that comes for the latest."""

    def apply_score(self, tenant: str, score: Score) -> None:
        name, value = _attribute(score)
        change = "SET #p = :v, a = :true" if score.passed is False else "SET #p = :v"
        key = keys.state(tenant, score.generation_id)
        self._table.update(key, change, "", {"#p": name}, {":v": value, ":true": True})


def _attribute(score: Score) -> tuple[str, str]:
    """What a state item holds of a score: name and value."""
    position = f"{score.created_at}#{score.score_id}"
    return PAIR + PARTS.join(score.pair), PARTS.join((position, OUTCOMES[score.passed]))


class IgnoresOverflow(DynamoLineage):
    """Reads at most as many rows as fit into one query, and takes them for all."""

    def reach(self, tenant: str, generation_id: str) -> Reach:
        found = super().reach(tenant, generation_id)
        return Reach(found.roots, overflow=False)


MUTANTS: dict[str, Variant] = {
    "a walk stops at a row that exists": Variant(walker=StopsAtRows),
    "only the delivery that activated walks": Variant(flagging=WalksOnlyIfActivating),
    "parents are read before the edge is written": Variant(process=ReadsParentsFirst),
    "children are read before the row is put": Variant(walker=ReadsChildrenFirst),
    "reads are eventually consistent": Variant(table=StaleTable),
    "a message is deleted before its walk has ended": Variant(deletes_first=True),
    "a walk is handed on without what it has seen": Variant(flagging=ForgetsSeen),
    "a walk is not handed on": Variant(flagging=HandsNothingOn),
    "the touched mark is put after the reach row": Variant(lineage=TouchesLast),
    "the list row is put after the reach row": Variant(lineage=ListsLast),
    "a root is touched after its walk": Variant(flagging=TouchesRootLast),
    "a root is marked as walked before it is": Variant(flagging=MarksWalkedFirst),
    "the state is not looked at again after a move": Variant(lineage=RelistsOnce),
    "a move does not ask whether somebody else moved": Variant(lineage=RelistsBlindly),
    "row and record move apart": Variant(lineage=MovesApart),
    "activation is a write of its own": Variant(lineage=ActivatesApart),
    "the last score that comes is the latest": Variant(lineage=OverwritesScores),
    "overflow is not said": Variant(walker=DropsOverflow),
    "overflow is not read": Variant(lineage=IgnoresOverflow),
    **RUN_MUTANTS,
}
