"""Routes that say with what an agent runs."""

import re
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import FailFast

from chalicelib.api.call import Call
from chalicelib.api.free_fields import Object
from chalicelib.api.lifecycle.wire import read_wire
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.scalars import Double, Identifier, Int64, NotFinite, Text
from chalicelib.api.sigil.wire import Wire
from chalicelib.api.voker.wire import BARE, path_id
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Tool
from chalicelib.domain.run_config import DEFAULT_CALL_DEPTH, RunConfig

MOST_TOOLS = 128
MOST_CHARACTERS = 200_000  # of prompt and tools together: compressed they fit into a row, whatever they are
MOST_TOKENS = 10_000_000
MOST_DEPTH = 100
MOST_TEMPERATURE = 2
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)  # what all providers take


UNCONFIGURED: dict[str, Any] = dict.fromkeys(
    (
        "provider",
        "model",
        "updated_at",
        "system_prompt",
        "tools",
        "max_tokens",
        "temperature",
        "max_call_depth",
    )
)
"""What an agent shows of its configuration when it has none."""


class WireRunConfig(Wire):
    """With what an agent runs; a tool is as one of the providers' APIs writes it."""

    provider: Identifier = None
    model: Identifier = None
    system_prompt: Text | None = None
    tools: Annotated[list[Object] | None, FailFast()] = None
    max_tokens: Int64 = None
    temperature: Double = None
    max_call_depth: Int64 = None


def put_run_config(call: Call) -> Reply:
    """Set it."""
    call.only(set())
    agent_name = path_id(call, "agent_name", "agent")
    return Reply(shown(call.use.run_configs.put(call.tenant, read_config(agent_name, call.json(BARE)))))


def get_run_config(call: Call) -> Reply:
    """Read it."""
    call.only(set())
    return Reply(shown(call.use.run_configs.one(call.tenant, path_id(call, "agent_name", "agent"))))


def shown(config: RunConfig) -> dict[str, Any]:
    """The resource."""
    return {**asdict(config), "tools": [tool.model_dump(exclude_none=True) for tool in config.tools]}


def read_config(agent_name: str, body: Json) -> RunConfig:
    """An agent's configuration. Raises Malformed with the field, and TooLarge."""
    wire = read_wire(WireRunConfig, body, "run_config")
    for name in ("provider", "model"):
        if getattr(wire, name) is None:
            raise _wrong(name, "is required")
    for unknown in wire.model_extra or ():
        raise _wrong(unknown[:80], "is no field of a run-config")
    temperature = wire.temperature
    if isinstance(temperature, NotFinite) or not 0 <= (temperature or 0) <= MOST_TEMPERATURE:
        raise _wrong("temperature", f"must be a number from 0 to {MOST_TEMPERATURE}")
    return RunConfig(
        agent_name=agent_name,
        provider=wire.provider or "",
        model=wire.model or "",
        updated_at="",
        system_prompt=wire.system_prompt or None,
        tools=_tools(wire),
        max_tokens=_count("max_tokens", wire.max_tokens, 1, MOST_TOKENS),
        temperature=temperature,
        max_call_depth=_depth(wire),
    )


def _tools(wire: WireRunConfig) -> tuple[Tool, ...]:
    from chalicelib.domain.extraction.tools import read_tools

    given = [tool for tool in wire.tools or () if tool]
    tools = read_tools(given)
    if len(tools) > MOST_TOOLS or len(given) < len(wire.tools or ()) or not all(tool.name for tool in tools):
        raise _wrong("tools", f"must be at most {MOST_TOOLS} objects, each with a name")
    _refuse_unusable(tools)
    said = sum(len(f"{tool.name}{tool.description}{tool.input_schema_json}") for tool in tools)
    if said + len(wire.system_prompt or "") > MOST_CHARACTERS:
        raise TooLarge(f"prompt and tools may have {MOST_CHARACTERS:,} characters", meta={"limit": MOST_CHARACTERS})
    return tools


def _refuse_unusable(tools: tuple[Tool, ...]) -> None:
    """Raise Malformed for tools that no provider could be offered: each run would fail of them."""
    from chalicelib.domain.asking.tools import functions_of

    try:
        functions = functions_of(tools)
    except Malformed as fault:
        raise Malformed(fault.message, meta={"field": "tools"}) from None
    names = [function.name for function in functions]
    if not all(_TOOL_NAME.fullmatch(name) for name in names):
        raise _wrong("tools", "must have names of 1 to 64 letters, digits, _ and -")
    if len(set(names)) < len(names):
        raise _wrong("tools", "must have each name once")
    if any((function.schema or {}).get("type", "object") != "object" for function in functions):
        raise _wrong("tools", "must have schemas of the type object")


def _depth(wire: WireRunConfig) -> int:
    depth = _count("max_call_depth", wire.max_call_depth, 0, MOST_DEPTH)
    return DEFAULT_CALL_DEPTH if depth is None else depth


def _count(name: str, value: int | None, least: int, most: int) -> int | None:
    if value is not None and not least <= value <= most:
        raise _wrong(name, f"must be a whole number from {least} to {most:,}")
    return value


def _wrong(name: str, why: str) -> Malformed:
    return Malformed(f"{name} {why}", meta={"field": name})


PATH = "/v1/agents/{agent_name}/run-config"
OPERATIONS = [
    Operation("PUT", PATH, "agents:PutRunConfig", put_run_config, role="admin"),
    Operation("GET", PATH, "agents:GetRunConfig", get_run_config),
]
