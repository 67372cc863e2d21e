"""The Chalice application: routes from the table, queue and schedule handlers.

SQS and schedule handlers are declared here and not on a Blueprint, because Chalice would deploy those past this module.
"""

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.api.routes import OPERATIONS
from chalicelib.api.routing import register
from chalicelib.settings import api_prefix

app = Chalice(app_name="catchment")
app.api.binary_types = []
register(app, OPERATIONS, api_prefix())


@app.on_sqs_message(queue="process", batch_size=10)
def process(event: SQSEvent) -> dict[str, Any]:
    """Process stored generations."""
    from chalicelib.workers.process import handle

    return handle(event.to_dict())


# One message at a time: a walk may use its whole slice, and a second one would not fit into the function's time.
@app.on_sqs_message(queue="flag", batch_size=1)
def flag(event: SQSEvent) -> dict[str, Any]:
    """Keep flags right."""
    from chalicelib.workers.flag import handle

    return handle(event.to_dict())


@app.on_sqs_message(queue="webhook", batch_size=1)
def webhook(event: SQSEvent) -> dict[str, Any]:
    """Tell a tenant of a root."""
    from chalicelib.workers.webhook import handle

    return handle(event.to_dict())


@app.on_sqs_message(queue="purge", batch_size=1)
def purge(event: SQSEvent) -> dict[str, Any]:
    """Take content away."""
    from chalicelib.workers.purge import handle

    return handle(event.to_dict())


# One message at a time: a run may use up all of the function's time.
@app.on_sqs_message(queue="run", batch_size=1)
def run(event: SQSEvent) -> dict[str, Any]:
    """Carry an agent's run on."""
    from chalicelib.workers.run import handle

    return handle(event.to_dict())


# One message at a time: asking hooks may use its whole slice, and a second one would not fit into the function's time.
@app.on_sqs_message(queue="evaluate", batch_size=1)
def evaluate(event: SQSEvent) -> dict[str, Any]:
    """Have generations judged."""
    from chalicelib.workers.evaluate import handle

    return handle(event.to_dict())


@app.schedule(Rate(1, unit=Rate.MINUTES))
def resend(event: CloudWatchEvent) -> None:
    """Send due outbox rows again."""
    from chalicelib.workers.resend import handle

    handle(event.event_id)
