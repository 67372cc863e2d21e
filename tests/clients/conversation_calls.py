"""Run in an environment of its own: a conversation of two generations in two steps, rated, by an SDK of the protocol.

`python conversation_calls.py PACKAGE SERVICE NAME` writes one JSON object: what the SDK complained of, and what it made
of the answers. PACKAGE is `sigil_sdk` or `agento11y`; the conversation and all in it begin with NAME.
"""

import importlib
import json
import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

PACKAGE, SERVICE, NAME = sys.argv[1:4]
STARTED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
sdk: Any = importlib.import_module(PACKAGE)
models: Any = importlib.import_module(f"{PACKAGE}.models")
config: Any = importlib.import_module(f"{PACKAGE}.config")
wrong: list[str] = []


class Keep(logging.Handler):
    """Keeps what the client complains of."""

    def emit(self, record: logging.LogRecord) -> None:
        """A refused step is only logged."""
        wrong.append(record.getMessage())


def made() -> Any:
    """A client that sends at once and tries once."""
    logger = logging.getLogger("sdk")
    logger.addHandler(Keep(logging.WARNING))
    export = sdk.GenerationExportConfig(
        protocol="http",
        endpoint=SERVICE,
        auth=config.AuthConfig(mode="tenant", tenant_id="team-a"),
        max_retries=0,
        flush_interval=timedelta(0),
    )
    fields = {"generation_export": export, "api": config.ApiConfig(endpoint=SERVICE), "logger": logger}
    return sdk.Client(sdk.ClientConfig(**fields, tags={"fleet": "a"}))


def turn(client: Any, number: int, parents: list[str]) -> str:
    """One generation and the step that it was made in."""
    own_id = f"{NAME}-g{number}"
    start = sdk.GenerationStart(
        id=own_id,
        conversation_id=NAME,
        conversation_title="Trip",
        user_id="ada",
        agent_name=f"{NAME}-agent",
        model=models.ModelRef("openai", "gpt-4o-mini"),
        started_at=STARTED + timedelta(seconds=number),
    )
    with client.start_generation(start) as recorder:
        hello = [models.assistant_text_message("Hello")]
        recorder.set_result(output=hello, completed_at=STARTED + timedelta(seconds=number + 1))
    step_id = f"{NAME}-s{number}"
    client.enqueue_workflow_step(
        models.WorkflowStep(
            id=step_id,
            conversation_id=NAME,
            step_name=f"node {number}",
            framework="langgraph",
            started_at=STARTED + timedelta(seconds=number),
            completed_at=STARTED + timedelta(seconds=number, milliseconds=500),
            input_state={"messages": ["Zürich?"], "count": 2, "share": 0.5},
            output_state={"answer": None},
            error="boom" if parents else "",
            tags={"kind": "chain"},
            linked_generation_ids=[own_id],
            parent_step_ids=parents,
            agent_name=f"{NAME}-agent",
            metadata={"run": number},
        )
    )
    return step_id


def rated(client: Any, **fields: Any) -> Any:
    """What the SDK makes of a rating, or the name of what it raises."""
    given = {"rating_id": "r 1", "rating": models.ConversationRatingValue.BAD, "comment": "no", **fields}
    try:
        answer = client.submit_conversation_rating(NAME, models.ConversationRatingInput(**given))
    except Exception as error:  # noqa: BLE001 - whatever it is, its name is told
        return type(error).__name__
    return asdict(answer)


def main() -> None:
    """All calls, each thing sent twice, as by a client that has missed the first answer."""
    client = made()
    for _ in range(2):
        first = turn(client, 1, [])
        turn(client, 2, [first])
        client.flush()
    ratings = [rated(client), rated(client), rated(client, comment="other"), rated(client, rating_id="r 2")]
    # No rule of the SDK's own is broken: it is the service that refuses what is said of a generation.
    refused = rated(client, rating_id="r 3", generation_id="\x01")
    client.shutdown()
    json.dump({"wrong": wrong, "ratings": ratings, "refused": refused}, sys.stdout, default=str)


main()
