"""All fakes together."""

from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.services.ports import Ports
from tests.fakes.access import FakeApiKeys, FakeRateLimits
from tests.fakes.agent_sessions import FakeAgentSessions
from tests.fakes.catalog import FakeCatalog
from tests.fakes.clock import FixedClock, SequentialKeys, SequentialTokens
from tests.fakes.conversations import FakeConversations
from tests.fakes.evaluators import FakeBackfills, FakeEvaluators, FakeJudgements
from tests.fakes.fingerprints import FakeFingerprints
from tests.fakes.generations import FakeGenerations
from tests.fakes.health import FakeHealth
from tests.fakes.index import FakeIndex
from tests.fakes.lineage import FakeLineage
from tests.fakes.outbox import FakeOutbox
from tests.fakes.people import FakePeople
from tests.fakes.prices import FakePrices
from tests.fakes.providers import FakeProviders
from tests.fakes.purge import FakePurge
from tests.fakes.queue import FakeQueue
from tests.fakes.ratings import FakeRatings
from tests.fakes.run_configs import FakeRunConfigs
from tests.fakes.runs import FakeCourses
from tests.fakes.scores import FakeScores, FakeWalks
from tests.fakes.steps import FakeSteps
from tests.fakes.traces import FakeTraces
from tests.fakes.webhooks import FakeCourier, FakeWebhooks, never_later


def one_by_one(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """The `AtOnce` port, without threads."""
    return [work(item) for item in items]


def fake_ports() -> Ports:
    """Ports over nothing but memory; `isinstance` narrows one to its fake where a test looks inside."""
    index, store, scores = FakeIndex(), FakeGenerations(), FakeScores()
    return Ports(
        store=store,
        purge=FakePurge(store),
        index=index,
        lineage=FakeLineage(index),
        scores=scores,
        walks=FakeWalks(),
        at_once=one_by_one,
        catalog=FakeCatalog(),
        outbox=FakeOutbox(),
        queue=FakeQueue(),
        prices=FakePrices("gpt-4o-mini"),
        clock=FixedClock(),
        new_key=SequentialKeys(),
        health=FakeHealth(),
        webhooks=FakeWebhooks(),
        courier=FakeCourier(),
        postpone=never_later,
        new_secret=lambda: "secret",
        api_keys=FakeApiKeys(),
        rate_limits=FakeRateLimits(),
        new_token=SequentialTokens(),
        people=FakePeople(),
        fingerprints=FakeFingerprints(),
        traces=FakeTraces(),
        courses=FakeCourses(),
        providers=FakeProviders(),
        steps=FakeSteps(),
        ratings=FakeRatings(),
        conversations=FakeConversations(),
        run_configs=FakeRunConfigs(),
        agent_sessions=FakeAgentSessions(),
        sleep=lambda _: None,
        evaluators=FakeEvaluators(),
        judgements=FakeJudgements(scores),
        backfills=FakeBackfills(),
    )
