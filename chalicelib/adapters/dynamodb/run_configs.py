"""With what agents run: one row per agent."""

import json
from dataclasses import asdict

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.generation import Tool
from chalicelib.domain.run_config import RunConfig


class DynamoRunConfigs:
    """The `RunConfigs` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, config: RunConfig) -> None:
        """One write."""
        fields = {**asdict(config), "tools": [tool.model_dump(exclude_defaults=True) for tool in config.tools]}
        packed = compress(json.dumps(fields, ensure_ascii=False).encode())
        self._table.put_all([(record_keys.run_config(tenant, config.agent_name), {"d": packed})])

    def get(self, tenant: str, agent_name: str) -> RunConfig | None:
        """One strong read."""
        record = self._table.get(record_keys.run_config(tenant, agent_name))
        if record is None:
            return None
        fields = json.loads(decompress(record["d"]))
        return RunConfig(**{**fields, "tools": tuple(Tool(**tool) for tool in fields["tools"])})
