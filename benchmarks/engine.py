"""A local engine with the product's resources on it, for as long as a measurement needs one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import template as templates
from infra.local.children import Child
from infra.local.config import RunConfig, child_environment
from infra.local.engines import engine_spec, free_port
from infra.local.provision import provision, wait_until_it_answers

START_SECONDS = 30.0
STOP_SECONDS = 10.0


@contextmanager
def engine(kind: str) -> Iterator[dict[str, str]]:
    """Starts `roto` or `ministack` on a free port; gives the environment for a process of the product."""
    with TemporaryDirectory(prefix="catchment-bench-") as directory:
        config = RunConfig.from_env({"DATA_DIR": directory, "LOCAL_ENGINE": kind})
        for part in (config.run_dir, config.log_dir):
            part.mkdir(parents=True)
        port = free_port()
        child = Child(engine_spec(config, os.environ, port), config.run_dir, config.log_dir)
        try:
            yield _provisioned(child, port)
        finally:
            _stop(child)


def _provisioned(child: Child, port: int) -> dict[str, str]:
    endpoint = f"http://127.0.0.1:{port}"
    if not wait_until_it_answers(endpoint, lambda: child.exit_code is None, START_SECONDS):
        message = "\n".join(["the engine did not start:", *child.last_lines()])
        raise RuntimeError(message)
    template = templates.load()
    references = provision(endpoint, template)
    return child_environment(os.environ, endpoint, templates.function_environment(template, references))


def _stop(child: Child) -> None:
    child.ask_to_stop()
    if not child.wait(STOP_SECONDS):
        child.kill()
        child.wait(STOP_SECONDS)
    child.close()


def data_bytes(directory: Path) -> int:
    """What the files under a directory take."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
