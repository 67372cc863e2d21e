"""A world in which content is purged while everything else goes on, and what must hold when it has come to rest."""

from collections.abc import Callable, Sequence

from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.generation import Artifact, Exchange, Generation, Message, ModelRef, Part, Tool, Usage
from chalicelib.domain.rating import BAD
from chalicelib.domain.workflow_step import WorkflowStep
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.companions import CompanionPorts, Companions
from chalicelib.services.lineage.flag_messages import decode as decode_flag
from chalicelib.services.lineage.flagging import FLAG_QUEUE, Flagging, FlaggingPorts
from chalicelib.services.lineage.scoring import Scoring
from chalicelib.services.lineage.walk import Walker
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import PURGED, CatalogKey, Ports, Score, Tally, Window
from chalicelib.services.purge_messages import PURGE_QUEUE
from chalicelib.services.purge_messages import decode as decode_purge
from chalicelib.services.purging import Purging, PurgingPorts
from chalicelib.services.ratings import Rate, RatingPorts, Said
from chalicelib.services.steps import StepIntake, StepPorts
from tests.contract.grounds import HASH_PREFIX, promised
from tests.unit.services.watched import Call, Dying, Hook, Killed, When, watched
from tests.unit.services.world import EVERYTHING, LONGEST_CALM, World, reading_of

STEP_MS = 61_000
HALF_AN_HOUR_MS = 1_800_000
MOST_CALLS = 80
WHEN: list[When] = ["before", "after"]
AT = "2026-05-01T11:00:00.000000Z"


def secret(generation_id: str) -> str:
    """What nobody may find once the generation is purged."""
    return f"the-secret-of-{generation_id}-"


def telling(generation_id: str, person: str | None = "ada", noise: str = "") -> Generation:
    """A generation with its secret wherever there is content; `noise` makes it large."""
    told = secret(generation_id) + noise
    return Generation(
        id=generation_id,
        source="ingate",
        agent_name="agent",
        conversation_id="conversation",
        person_id=person,
        model=ModelRef(provider="openai", name="gpt-4o-mini"),
        usage=Usage(input_tokens=3, output_tokens=4),
        depends_on=("parent",),
        tags={"team": "blue"},
        system_prompt=told,
        input=(Message(role="user", parts=(Part(text=told),)),),
        output=(Message(role="assistant", parts=(Part(text=told),)),),
        tools=(Tool(name="tool", description=told),),
        prompt=told,
        completion=told,
        metadata={"note": told},
        raw_artifacts=(Artifact(kind="request", name="body", payload=told),),
        call_error=told,
        error_code="402",
        error_meta={"told": told},
        exchange=Exchange(method="POST", status_code=402, request_body=told, response_body={"told": told}),
    )


def score_of(generation_id: str, number: int = 0) -> Score:
    """A failing score that explains itself with the generation's secret."""
    told = secret(generation_id)
    document = {
        "score_id": f"score-{generation_id}-{number}",
        "generation_id": generation_id,
        "evaluator_id": "judge",
        "evaluator_version": "1",
        "score_key": f"key-{number}",
        "value": {"bool": False},
        "passed": False,
        "created_at": AT,
    }
    return Score.of({**document, "explanation": told, "metadata": {"told": told}, "reasoning": told})


def step_of(*generation_ids: str) -> WorkflowStep:
    """A step with the secrets of the generations made in it in all of its states."""
    told = {"told": [secret(one) for one in generation_ids]}
    return WorkflowStep(
        id=f"step-{'-'.join(generation_ids)}",
        conversation_id="conversation",
        step_name="plan",
        input_state=told,
        output_state=told,
        error=secret(generation_ids[0]),
        metadata=told,
        linked_generation_ids=generation_ids,
    )


def rating_of(generation_id: str) -> Said:
    """A bad rating that repeats the generation's secret."""
    told = secret(generation_id)
    return Said(f"rating-{generation_id}", BAD, generation_id, {"comment": told, "metadata": {"told": told}})


def purging_of(ports: Ports) -> Purging:
    """The use cases that take content away."""
    narrowed = PurgingPorts(
        ports.store,
        ports.purge,
        ports.index,
        ports.catalog,
        ports.people,
        ports.clock,
        ports.new_key,
        ports.at_once,
        ports.courses,
    )
    companions = Companions(CompanionPorts(ports.scores, ports.steps, ports.ratings, ports.clock))
    return Purging(narrowed, companions, Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer()), NullTracer())


class PurgeWorld(World):
    """One tenant whose content goes."""

    def _dares(self, act: Callable[[Ports], object], hook: Hook | None) -> bool:
        """Whether a process has come to the end of what it does."""
        try:
            act(watched(self.ground.ports, hook or Dying()))
        except (Killed, Unavailable):
            return False
        return True

    def purge(self, generation_id: str, hook: Hook | None = None) -> bool:
        """Whether the request to purge was answered."""
        return self._dares(lambda ports: purging_of(ports).generation(self.tenant, generation_id), hook)

    def forget(self, person_id: str, hook: Hook | None = None) -> bool:
        """Whether the request to forget somebody was answered."""
        return self._dares(lambda ports: purging_of(ports).person(self.tenant, person_id), hook)

    def score(self, scores: Sequence[Score], hook: Hook | None = None) -> bool:
        """Whether scores were taken in."""

        def act(ports: Ports) -> None:
            outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
            Scoring(ports.scores, ports.lineage, outgoing, ports.new_key, _as_it_is)(self.tenant, scores)

        return self._dares(act, hook)

    def step(self, steps: Sequence[WorkflowStep], hook: Hook | None = None) -> bool:
        """Whether steps were taken in."""

        def act(ports: Ports) -> None:
            StepIntake(StepPorts(ports.steps, ports.store, ports.clock), _as_it_is)(self.tenant, steps)

        return self._dares(act, hook)

    def empty_step(self, step_id: str, hook: Hook | None = None) -> bool:
        """Whether the request to empty a step was answered."""
        return self._dares(lambda ports: purging_of(ports).step(self.tenant, step_id), hook)

    def rate(self, said: Said, hook: Hook | None = None, conversation_id: str = "conversation") -> bool:
        """Whether a rating was taken in."""

        def act(ports: Ports) -> None:
            Rate(RatingPorts(ports.ratings, ports.store, ports.clock), _as_it_is)(self.tenant, conversation_id, said)

        return self._dares(act, hook)

    def work_purges(self, hook: Hook | None = None) -> int:
        """Handle each message of the purge queue; what fails comes again. Gives how many there were."""
        return self._handle(PURGE_QUEUE, lambda ports, body: purging_of(ports)(decode_purge(body)), hook)

    def work_flags(self, hook: Hook | None = None) -> int:
        """The same of the flag queue."""

        def act(ports: Ports, body: str) -> None:
            narrowed = FlaggingPorts(ports.store, ports.lineage, ports.scores, ports.walks, ports.queue, ports.clock)
            walker = Walker(ports.lineage, ports.clock, ports.at_once)
            Flagging(narrowed, walker, lambda *_: None, NullTracer(), flag_failed_runs=True)(decode_flag(body))

        return self._handle(FLAG_QUEUE, act, hook)

    def _handle(self, queue: str, act: Callable[[Ports, str], object], hook: Hook | None) -> int:
        bodies = [message.body for message in self.ground.take(queue)]
        for body in bodies:
            if not self._dares(lambda ports, body=body: act(ports, body), hook):  # type: ignore[misc]
                self.ground.ports.queue.send(queue, [body])
        return len(bodies)

    def work_all(self) -> None:
        """Work until all queues are empty."""
        for _ in range(LONGEST_CALM):
            self.work()
            if not (self.work_flags() + self.work_purges() + len(self.collect())):
                return
        raise AssertionError("the work does not end")

    def calm_down(self, step_ms: int = STEP_MS) -> None:
        """Let time pass until there is nothing left to do."""
        for _ in range(LONGEST_CALM):
            self.work_all()
            if not promised(self.ground):
                return
            self.clock.advance(step_ms)
            self.resend()
        raise AssertionError("the outbox is never empty")

    def purged(self) -> set[str]:
        """The generations that are marked."""
        return {head.id for head in self.heads().values() if head.purged_at}

    def is_at_rest(self, *gone: str) -> bool:
        """Raises AssertionError unless exactly these are purged, and everything but their content is as it was."""
        heads = self.heads()
        assert self.purged() == set(gone)
        assert promised(self.ground) == []
        refs = {(head.id, PURGED if head.id in gone else head.content_hash[:HASH_PREFIX]) for head in heads.values()}
        assert self.ground.payloads(self.tenant) == refs
        assert self.ground.objects(self.tenant) == self.ground.named_objects(self.tenant)
        text = self.ground.everything(self.tenant)
        assert [one for one in heads if (secret(one) in text) == (one in gone)] == []
        for each in {each.id: each for each in self.sent if each.id in heads}.values():
            self._is_as_it_was(each, purged=each.id in gone)
        return True

    def _is_as_it_was(self, each: Generation, *, purged: bool) -> None:
        version = effective_version(each.system_prompt, each.tools)
        shown = reading_of(self.ground.ports).one(self.tenant, each.id)
        assert (shown["effective_version"], shown["processing"]["state"]) == (version, "processed")
        assert (shown["usage"]["output_tokens"], shown["cost_usd"]) == (4, 0.07)
        assert (shown["status"], shown["error"]["code"], shown["tags"]) == (
            "failed",
            "AI_PROVIDER_ERROR",
            {"team": "blue"},
        )
        assert shown["depends_on"] == ["parent"]
        assert (shown["content_purged_at"] is not None) == purged
        assert (secret(each.id) in str(shown)) != purged
        person = [("person", each.person_id)] if each.person_id else []
        for key in [None, ("agent", "agent"), ("version", version), ("status", "failed"), *person]:
            listed = self.ground.ports.index.newest(self.tenant, key, Window(), EVERYTHING)
            assert [name for _, name in listed].count(each.id) == 1, key
        [position] = [one for one in listed if one[1] == each.id]
        entry = self.ground.ports.index.entries(self.tenant, [position], consistent=True)[each.id]
        assert ("content_purged_at" in entry, "metadata" in entry) == (purged, not purged)
        assert ("parent", each.id) in self.ground.edges(self.tenant)
        counted = CatalogKey("agent", version)
        assert self.ground.ports.catalog.tallies(self.tenant, [counted]).get(counted, Tally(0)).count == 1


def _as_it_is(value: object) -> object:
    """No redaction."""
    return value


def batch() -> list[Generation]:
    """Two generations of one person, and one of nobody."""
    return [telling("a"), telling("b"), telling("c", person=None)]


def scored_world() -> PurgeWorld:
    """Everything is stored, processed, scored, rated and made in steps, and the time of those who did it is over."""
    world = PurgeWorld()
    world.send(batch())
    world.score([score_of(name, number) for name in ("a", "b") for number in range(2)])
    world.step([step_of("a"), step_of("b"), step_of("c")])
    for name in ("a", "b"):
        world.rate(rating_of(name))
    world.calm_down()
    world.clock.advance(HALF_AN_HOUR_MS)
    return world


def calls(prepare: Callable[[], PurgeWorld], act: Callable[[PurgeWorld, Hook], object]) -> range:
    """The numbers of all the calls of an act that nobody kills."""
    counter = Dying()
    act(prepare(), counter)
    assert 0 < counter.calls < MOST_CALLS
    return range(1, counter.calls + 1)


def asked_to_purge() -> PurgeWorld:
    world = scored_world()
    assert world.purge("a")
    return world


def sent() -> PurgeWorld:
    world = PurgeWorld()
    world.send(batch())
    return world


class Before:
    """A hook that, once, before call number `at`, lets something else happen."""

    def __init__(self, at: int, meanwhile: Callable[[], object]) -> None:
        self._left = at
        self._meanwhile = meanwhile

    def __call__(self, method: Call, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        self._left -= 1
        if self._left == 0:
            self._meanwhile()
        return method(*args, **kwargs)
