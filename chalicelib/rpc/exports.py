"""The methods that are served, each the same use case as its route over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.api import export, steps
from chalicelib.api.caller import Caller
from chalicelib.api.routing import Operation
from chalicelib.domain.free_form import Json
from chalicelib.rpc.reading import read_items
from chalicelib.rpc.schema import message

Results = list[dict[str, Any]]


@dataclass(frozen=True)
class Export:
    """A method that takes items in and gives a result for each. `item` is the message, `items` the list that has them.

    `operation` is its route, for action and least role.
    """

    service: str
    method: str
    item: str
    items: str
    operation: Operation
    take: Callable[[Caller, list[Json]], Results]

    def __call__(self, caller: Caller, request: bytes) -> bytes:
        """The serialized answer to a serialized request. Raises CatchmentError, as the route does."""
        items = list(read_items(request, message(self.item), self.items))
        results = self.take(caller, items)
        answer: bytes = message(f"{self.method}Response")(results=results).SerializeToString()
        return answer


def _generations(caller: Caller, items: list[Json]) -> Results:
    """Over gRPC only SDKs come, and they leave a conversation out that they do not know."""
    return export.take_generations(caller, {"generations": items}, conversation_required=False)


EXPORTS = [
    Export(
        "GenerationIngestService",
        "ExportGenerations",
        "Generation",
        "generations",
        operation=export.OPERATIONS[0],
        take=_generations,
    ),
    Export(
        "WorkflowStepIngestService",
        "ExportWorkflowSteps",
        "WorkflowStep",
        "workflow_steps",
        operation=steps.OPERATIONS[0],
        take=lambda caller, items: steps.take_steps(caller, {"workflow_steps": items}),
    ),
]
