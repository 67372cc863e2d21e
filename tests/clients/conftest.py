"""Clients of the real SDK, pointed at the running service."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sigil_sdk import Client, ClientConfig, ContentCaptureMode, GenerationExportConfig
from sigil_sdk.config import AuthConfig


@pytest.fixture
def agent() -> str:
    """A name that no other test uses."""
    return f"agent-{uuid4().hex[:8]}"


@pytest.fixture
def make(running_service: str) -> Iterator[Callable[..., Client]]:
    """Makes SDK clients that send at once, try once and must not complain."""
    complaints: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complaints.append(record)

    logger = logging.getLogger(f"sdk-{uuid4().hex}")
    logger.addHandler(Keep(logging.WARNING))
    made: list[Client] = []

    def client(**fields: Any) -> Client:
        export = GenerationExportConfig(
            protocol="http",
            endpoint=running_service,
            auth=AuthConfig(mode="tenant", tenant_id="team-a"),
            max_retries=0,
            flush_interval=timedelta(0),
        )
        fields.setdefault("content_capture", ContentCaptureMode.FULL)
        made.append(Client(ClientConfig(generation_export=export, logger=logger, **fields)))
        return made[-1]

    yield client
    for each in made:
        each.shutdown()
    assert [record.getMessage() for record in complaints] == []
