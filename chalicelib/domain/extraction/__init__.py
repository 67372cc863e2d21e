"""What a raw exchange says: model, prompt, completion, tools and usage, out of the bodies that went over the wire.

The readers are imported with the first exchange: most cold starts meet none.
"""

from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.generation import Generation

Outcome = Literal["succeeded", "failed", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A generation with everything that its exchange says filled in; `reason` says why an outcome is `failed`."""

    generation: Generation
    outcome: Outcome
    reason: str | None = None


def read_exchange(generation: Generation) -> Reading:
    """Read the exchange of a generation. Never raises: what cannot be read leaves the client's fields as they are.

    Whatever the outcome, an exchange with a status of 400 or more, or of 0, makes the generation one that failed.
    """
    if generation.exchange is None:
        return Reading(generation, "not_applicable")
    from chalicelib.domain.extraction.whole import read_whole

    return read_whole(generation, generation.exchange)
