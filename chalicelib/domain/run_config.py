"""With what an agent runs: set by an administrator, remembered by each run from its opening on."""

from dataclasses import dataclass

from chalicelib.domain.generation import Tool

DEFAULT_CALL_DEPTH = 10


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Which provider (by the operator's name for it) and model an agent's runs ask, and with what.

    `max_call_depth` is the most that a run may be given. `updated_at` has 27 characters.
    """

    agent_name: str
    provider: str
    model: str
    updated_at: str
    system_prompt: str | None = None
    tools: tuple[Tool, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    max_call_depth: int = DEFAULT_CALL_DEPTH
