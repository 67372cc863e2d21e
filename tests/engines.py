"""Starts an engine for a test, the way the local run does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.children import Child
from infra.local.config import RunConfig, without_aws_account
from infra.local.engines import engine_spec, free_port
from infra.local.provision import wait_until_it_answers


@contextmanager
def running_engine(name: str, data_dir: Path) -> Iterator[str]:
    """Endpoint of an empty `roto` or `ministack`. What it stands for is made by `infra.local.provision.provision`."""
    config = RunConfig.from_env({"LOCAL_ENGINE": name, "DATA_DIR": str(data_dir)})
    config.run_dir.mkdir(parents=True)
    config.log_dir.mkdir()
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    child = Child(engine_spec(config, without_aws_account(os.environ), port), config.run_dir, config.log_dir)
    try:
        alive = wait_until_it_answers(endpoint, lambda: child.exit_code is None, seconds=60)
        assert alive, "\n".join(child.last_lines())
        yield endpoint
    finally:
        child.kill()
        child.wait(10)
        child.close()
