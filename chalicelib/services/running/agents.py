"""Run agents: at once, or by a worker."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.asking import request_of
from chalicelib.domain.attempt import unfinished
from chalicelib.domain.content import canonical_json, content_hash
from chalicelib.domain.errors import Conflict, Malformed, NotFound, Unavailable, missing
from chalicelib.domain.generation import Generation, ModelRef, Plan, ToolResult
from chalicelib.domain.provider import Provider
from chalicelib.domain.run import blank
from chalicelib.domain.run_config import RunConfig
from chalicelib.domain.run_tools import answering, check_answers, is_answered_by, pending
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.services.ingest import Sender
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Catalog, Clock, Keys, RunConfigs
from chalicelib.services.running.answer import failed
from chalicelib.services.running.carrying import Busy, Carrying
from chalicelib.services.running.messages import RUN_QUEUE, RunDue
from chalicelib.services.running.standing import Budget, Standing
from chalicelib.services.runs import Runs

LATER_SECONDS = 240
AT_ONCE = Budget(25, f"the run took longer than 25 seconds; with async=true it may take {LATER_SECONDS}")
LATER = Budget(LATER_SECONDS, f"the run took longer than {LATER_SECONDS} seconds")
GIVEN_UP = "RUN_GIVEN_UP"
NOT_RUNNABLE = "AGENT_NOT_RUNNABLE"
GENERATION_MISSING = "GENERATION_NOT_FOUND"
NO_MORE = nullcontext()


@dataclass(frozen=True, slots=True)
class RunningPorts:
    """What running agents uses, beside carrying runs on."""

    catalog: Catalog
    run_configs: RunConfigs
    clock: Clock
    new_key: Keys


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is to be carried on: by a worker `later`, or at once, in time `since` the request has arrived."""

    later: bool = False
    since: datetime | None = None


AT_ONCE_FROM_NOW = Manner()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks an agent. No depth is that of the agent's configuration.

    `sent` is the generation as the client has sent it, where more than that is asked: by it the same request is known.
    """

    generation: Generation
    max_call_depth: int | None
    manner: Manner = AT_ONCE_FROM_NOW
    sent: Generation | None = None

    def digest(self, agent_name: str) -> str:
        """What makes a request the same as another."""
        said = (self.sent or self.generation).model_copy(update={"agent_name": agent_name, "status": "in_progress"})
        return content_hash(canonical_json(said) + str(self.max_call_depth).encode())


class Running:
    """The use cases behind `generate` and `tool-outputs`, and the run queue."""

    def __init__(
        self,
        runs: Runs,
        carrying: Carrying,
        ports: RunningPorts,
        outgoing: Outgoing,
        configured: Mapping[str, Provider],
        at_once: Budget = AT_ONCE,
    ) -> None:
        self._runs = runs
        self._carrying = carrying
        self._ports = ports
        self._outgoing = outgoing
        self._configured = configured
        self._budget = at_once

    def generate(self, tenant: str, agent_name: str, asked: Asked, sender: Sender) -> Standing:
        """Open a run, and carry it on unless it is for later. The same again gives the run that there is.

        Raises NotFound, Conflict and Malformed before anything is recorded, also for an id that is taken; Unavailable.
        """
        return self.again(tenant, agent_name, asked) or self.begin(tenant, agent_name, asked, sender)

    def again(self, tenant: str, agent_name: str, asked: Asked) -> Standing | None:
        """The run that the same request has led to, carried on as if it were new; None where there is none.

        Raises Conflict for an id that anything else has taken, and as `resume` does.
        """
        own_id = asked.generation.id
        try:
            digest = self._carrying.taking(tenant, own_id).plan.asked
        except NotFound:
            return None
        except Conflict:
            digest = None
        if digest != asked.digest(agent_name):
            raise Conflict("generation already exists", meta={"generation_id": own_id})
        return self.resume(tenant, own_id, asked.manner)

    def begin(
        self,
        tenant: str,
        agent_name: str,
        asked: Asked,
        sender: Sender,
        opening: AbstractContextManager[object] = NO_MORE,
    ) -> Standing:
        """As `generate`, for an id that nobody has. The run is opened inside `opening`, once nothing is amiss."""
        config = self._config(tenant, agent_name)
        provider = self._configured[config.provider]
        opened = self._opened(config, provider, asked)
        request_of(provider.api, config.model, opened, opened.input)  # raises Malformed for what cannot be sent

        def open_it() -> None:
            with opening:
                self._open(tenant, opened, sender)

        return self._carry_on(tenant, opened.id, open_it, asked.manner)

    def resume(self, tenant: str, generation_id: str, manner: Manner) -> Standing:
        """Carry on a run that is there. Raises Busy while somebody else may be at it, and Unavailable."""
        return self._carry_on(tenant, generation_id, lambda: None, manner)

    def submit(
        self,
        tenant: str,
        agent_name: str,
        generation_id: str,
        results: Sequence[ToolResult],
        manner: Manner = AT_ONCE_FROM_NOW,
    ) -> Standing:
        """Answer the tool calls that a run waits for, and carry it on. The same again gives the run as it is.

        Raises NotFound for a run that waits for nothing, Malformed, Conflict and Unavailable.
        """
        standing = self._of_agent(tenant, agent_name, generation_id)
        move = blank(generation_id, status="in_progress", input=(answering(results),))
        head, course = standing.head, standing.course
        said = self._runs.kept(head, move).input
        if said and said[0] in course.overlay.input and not is_answered_by(course, results):
            return self.resume(tenant, generation_id, manner)
        if not pending(course):  # nothing is asked for, or the content is gone
            raise _generation_missing()
        check_answers(course, results)

        def answered() -> None:
            if not self._runs.move_from(tenant, head, course, move):
                raise Busy("the run has moved meanwhile", meta=standing.ids)

        return self._carry_on(tenant, generation_id, answered, manner)

    def carry_on(self, message: RunDue) -> None:
        """Carry the run on that a message tells of, if it was ever opened. Raises Busy to be called again."""
        try:
            self._carrying(message.tenant, message.generation_id, LATER)
        except NotFound:
            log("run_never_opened", tenant=message.tenant, generation_id=message.generation_id)

    def give_up(self, message: RunDue, reason: str) -> None:
        """Fail a run that nobody could carry on; one that somebody may be making is left to the schedule."""
        standing = self._carrying.read(message.tenant, message.generation_id)
        if standing.course.status == "in_progress" and not unfinished(standing.course.attempts):
            move = failed(message.generation_id, reason, GIVEN_UP)
            self._runs.move_from(message.tenant, standing.head, standing.course, move)

    def _carry_on(self, tenant: str, generation_id: str, prepare: Callable[[], None], manner: Manner) -> Standing:
        """Do what has to be stored first; then carry the run on, or have a worker do it: promised before anything."""
        if not manner.later:
            prepare()
            return self._at_once(tenant, generation_id, manner.since)
        key = self._ports.new_key()
        message = RunDue(tenant=tenant, correlation_id=current_correlation_id() or key, generation_id=generation_id)
        rows = list(self._outgoing.promise(RUN_QUEUE, {key: message.encode()}).values())
        try:
            prepare()
        except (Conflict, Malformed):
            self._outgoing.hand_over([], rows)
            raise
        self._outgoing.hand_over(rows)
        return self._carrying.read(tenant, generation_id)

    def _at_once(self, tenant: str, generation_id: str, since: datetime | None) -> Standing:
        """Carry a run on here. When storage fails on the way, the caller is told which run it was."""
        try:
            return self._carrying(tenant, generation_id, self._budget, since)
        except Unavailable as error:
            raise Unavailable(error.message, meta={"generation_id": generation_id}) from error

    def _opened(self, config: RunConfig, provider: Provider, asked: Asked) -> Generation:
        """The record of a run, with all that the agent's configuration says now."""
        depth = config.max_call_depth
        said = asked.generation.model_copy(update={"agent_name": config.agent_name, "status": "in_progress"})
        plan = Plan(
            provider=config.provider,
            max_call_depth=depth if asked.max_call_depth is None else min(asked.max_call_depth, depth),
            asked=asked.digest(config.agent_name),
        )
        return said.model_copy(
            update={
                "started_at": format_time(self._ports.clock.now()),
                "model": ModelRef(provider=provider.label, name=config.model),
                "system_prompt": config.system_prompt,
                "tools": config.tools,
                "max_tokens": config.max_tokens,
                "temperature": config.temperature,
                "plan": plan,
            }
        )

    def _config(self, tenant: str, agent_name: str) -> RunConfig:
        config = self._ports.run_configs.get(tenant, agent_name)
        if config is None and self._ports.catalog.agent(tenant, agent_name) is None:
            raise missing("agent")
        if config is None or config.provider not in self._configured:
            why = "the provider of its run-config is not configured" if config else "it has no run-config"
            raise Conflict(f"the agent cannot be run: {why}", code=NOT_RUNNABLE)
        return config

    def _open(self, tenant: str, opened: Generation, sender: Sender) -> None:
        """Open the run. What has come under its id in between may be the same request."""
        try:
            self._runs.open(tenant, opened, sender)
        except Conflict:
            if self._asked_before(tenant, opened.id) != (opened.plan and opened.plan.asked):
                raise

    def _asked_before(self, tenant: str, generation_id: str) -> str | None:
        try:
            return self._carrying.read(tenant, generation_id).plan.asked
        except NotFound:
            return None

    def _of_agent(self, tenant: str, agent_name: str, generation_id: str) -> Standing:
        try:
            standing = self._carrying.read(tenant, generation_id)
        except NotFound:
            raise _generation_missing() from None
        if standing.opened.agent_name != agent_name:
            raise _generation_missing()
        return standing


def _generation_missing() -> NotFound:
    return NotFound("no generation of this agent waits for tool outputs", code=GENERATION_MISSING)
