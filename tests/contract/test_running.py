"""The contract of run configurations, attempts and sessions with agents, on every engine."""

from dataclasses import replace

from chalicelib.domain.agent_session import AgentSession, WaitingMessage
from chalicelib.domain.attempt import Attempt
from chalicelib.domain.generation import Message, Part, Tool
from chalicelib.domain.run import Course
from chalicelib.domain.run_config import RunConfig
from tests.contract.grounds import Ground

AT = "2026-01-02T03:04:05.000006Z"
CONFIG = RunConfig(
    agent_name="a#b/ü",
    provider="main",
    model="m",
    updated_at=AT,
    system_prompt="Be short. ☃",
    tools=(Tool(name="f", description="d", input_schema_json='{"b":1,"a":2}', deferred=True),),
    max_tokens=7,
    temperature=0.25,
    max_call_depth=3,
)
SESSION = AgentSession("s#1", "a", "c", AT, AT, version=1)


def test_a_configuration_is_kept_as_it_is_and_replaced(ground: Ground, tenant: str) -> None:
    configs = ground.ports.run_configs
    assert configs.get(tenant, CONFIG.agent_name) is None
    configs.put(tenant, CONFIG)
    assert configs.get(tenant, CONFIG.agent_name) == CONFIG
    least = RunConfig(CONFIG.agent_name, "other", "n", AT)
    configs.put(tenant, least)
    assert configs.get(tenant, CONFIG.agent_name) == least
    assert configs.get("nobody", CONFIG.agent_name) is None
    assert configs.get(tenant, "another") is None


def test_attempts_are_kept_with_their_course(ground: Ground, tenant: str) -> None:
    courses = ground.ports.courses
    attempts = (Attempt(1, AT, AT, AT, 503, "broken"), Attempt(2, AT, AT))
    course = Course(last_activity_at=AT, version=1, attempts=attempts)
    assert courses.save(tenant, "r", course)
    assert courses.read(tenant, ["r"]) == {"r": course}
    longer = replace(course, version=2, attempts=(*attempts, Attempt(3, AT, AT)))
    assert courses.save(tenant, "r", longer)
    assert courses.read(tenant, ["r"]) == {"r": longer}
    assert not courses.save(tenant, "r", replace(longer, attempts=()))


def test_a_session_is_written_on_the_version_before(ground: Ground, tenant: str) -> None:
    sessions = ground.ports.agent_sessions
    assert sessions.get(tenant, "s#1") is None
    assert sessions.save(tenant, SESSION)
    assert sessions.get(tenant, "s#1") == SESSION
    assert not sessions.save(tenant, SESSION)
    running = replace(SESSION, version=2, run="r", before="q", taken=("k1", "k2"))
    assert not sessions.save(tenant, replace(running, version=3))
    assert sessions.save(tenant, running)
    assert sessions.get(tenant, "s#1") == running
    assert sessions.get("nobody", "s#1") is None


def test_messages_wait_in_order_until_they_are_forgotten(ground: Ground, tenant: str) -> None:
    sessions = ground.ports.agent_sessions
    sessions.save(tenant, SESSION)
    said = [WaitingMessage(f"K{number}", Message(role="user", parts=(Part(text=f"☃{number}"),))) for number in range(3)]
    for each in reversed(said):
        sessions.say(tenant, "s#1", each)
        sessions.say(tenant, "s#1", each)
    assert sessions.waiting(tenant, "s#1", 9) == said
    assert sessions.waiting(tenant, "s#1", 2) == said[:2]
    assert sessions.waiting(tenant, "s", 9) == []
    assert sessions.waiting("nobody", "s#1", 9) == []
    for _ in range(2):
        sessions.forget(tenant, "s#1", ["K0", "K2"])
    assert sessions.waiting(tenant, "s#1", 9) == said[1:2]
    sessions.forget(tenant, "s#1", [])
