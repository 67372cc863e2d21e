"""Say with what an agent runs."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.errors import Malformed, missing
from chalicelib.domain.provider import Provider
from chalicelib.domain.run_config import RunConfig
from chalicelib.domain.times import format_time
from chalicelib.services.ports import Clock, RunConfigs
from chalicelib.services.roster import Roster


class RunConfiguring:
    """The use cases behind `run-config`. What is configured is the operator's word, and kept as it was sent."""

    def __init__(self, configs: RunConfigs, roster: Roster, clock: Clock, configured: Mapping[str, Provider]) -> None:
        self._configs = configs
        self._roster = roster
        self._clock = clock
        self._configured = configured

    def put(self, tenant: str, config: RunConfig) -> RunConfig:
        """Set an agent's configuration; an agent that is not there is made. Raises Malformed."""
        if config.provider not in self._configured:
            raise Malformed("provider must be one that the operator has configured", meta={"field": "provider"})
        self._roster.agent(tenant, config.agent_name)
        dated = replace(config, updated_at=format_time(self._clock.now()))
        self._configs.put(tenant, dated)
        return dated

    def find(self, tenant: str, agent_name: str) -> RunConfig | None:
        """An agent's configuration, if it has one."""
        return self._configs.get(tenant, agent_name)

    def one(self, tenant: str, agent_name: str) -> RunConfig:
        """An agent's configuration. Raises NotFound."""
        config = self.find(tenant, agent_name)
        if config is None:
            raise missing("run config")
        return config
