"""With what agents run."""

from typing import Protocol

from chalicelib.domain.run_config import RunConfig


class RunConfigs(Protocol):
    """One configuration per agent, at most."""

    def put(self, tenant: str, config: RunConfig) -> None:
        """Set an agent's configuration, in the place of the one before."""
        ...

    def get(self, tenant: str, agent_name: str) -> RunConfig | None:
        """An agent's configuration, strongly consistent."""
        ...
