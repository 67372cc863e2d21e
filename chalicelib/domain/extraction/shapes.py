"""Which shape an exchange has: by its path, else by its bodies, and only then by what the provider is called."""

from chalicelib.domain.extraction.anthropic import ANTHROPIC
from chalicelib.domain.extraction.bodies import Body, Document, Events
from chalicelib.domain.extraction.chat import CHAT
from chalicelib.domain.extraction.endpoints import Endpoint
from chalicelib.domain.extraction.responses import RESPONSES
from chalicelib.domain.extraction.shape import Shape

# Those with the clearer marks first.
_SHAPES = (ANTHROPIC, RESPONSES, CHAT)
_SIGHTED_EVENTS = 20  # pings and the like may come before the first event that is telling
_HINTS = ("anthropic", "claude")


def recognise(endpoint: Endpoint, request: Document | None, response: Body, provider: str | None) -> Shape | None:
    """The shape, None where nothing tells it."""
    return endpoint.shape or _of_response(response) or _of_request(request, provider or "")


def _of_response(response: Body) -> Shape | None:
    if isinstance(response, dict):
        for shape in _SHAPES:
            if shape.is_response(response) or shape.is_event(response):
                return shape
    if isinstance(response, Events):
        for event in response.items[:_SIGHTED_EVENTS]:
            for shape in _SHAPES:
                if shape.is_event(event):
                    return shape
    return None


def _of_request(request: Document | None, provider: str) -> Shape | None:
    if request is None:
        return None
    shape = next((shape for shape in _SHAPES if shape.is_request(request)), None)
    hinted = any(hint in provider.lower() for hint in _HINTS)
    # A plain request with `messages` may be either's.
    return ANTHROPIC if shape is CHAT and hinted and "max_tokens" in request else shape
