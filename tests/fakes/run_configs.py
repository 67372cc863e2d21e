"""With what agents run, in memory."""

from chalicelib.domain.run_config import RunConfig


class FakeRunConfigs:
    """The `RunConfigs` port."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], RunConfig] = {}

    def put(self, tenant: str, config: RunConfig) -> None:
        self._kept[tenant, config.agent_name] = config

    def get(self, tenant: str, agent_name: str) -> RunConfig | None:
        return self._kept.get((tenant, agent_name))
