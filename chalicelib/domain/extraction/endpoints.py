"""What the path of an exchange says: the shape, the model, or that no generation went over it."""

from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from chalicelib.domain.extraction.anthropic import ANTHROPIC
from chalicelib.domain.extraction.chat import CHAT
from chalicelib.domain.extraction.gemini import GEMINI
from chalicelib.domain.extraction.interactions import INTERACTIONS
from chalicelib.domain.extraction.responses import RESPONSES
from chalicelib.domain.extraction.shape import Shape


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request went. `unread`: a generation in a shape that is not read, by its name."""

    shape: Shape | None = None
    model: str | None = None
    generates: bool = True
    unread: str | None = None


_ELSEWHERE = Endpoint(generates=False)

# What a path ends with, longest first where one is the end of another.
_ENDINGS: tuple[tuple[tuple[str, ...], Endpoint], ...] = (
    (("chat", "completions"), Endpoint(CHAT)),
    (("responses",), Endpoint(RESPONSES)),
    (("interactions",), Endpoint(INTERACTIONS)),
    (("v1", "messages"), Endpoint(ANTHROPIC)),
    (("anthropic", "messages"), Endpoint(ANTHROPIC)),
    (("completions",), Endpoint(unread="legacy completions")),
    (("api", "generate"), Endpoint(unread="Ollama generate")),
    (("api", "chat"), Endpoint(unread="Ollama chat")),
)
# Of a resource beside these, or below them, nothing is generated.
_GENERATING = (("chat", "completions"), ("responses",), ("interactions",), ("v1", "messages"))
_OTHER_RESOURCES = frozenset(
    {
        "embeddings", "embed", "count_tokens", "input_tokens", "compact", "batches", "models", "files", "uploads",
        "moderations", "images", "audio", "videos", "speech", "transcriptions", "translations", "realtime", "rerank",
        "tokenize", "detokenize", "fine_tuning", "vector_stores", "assistants", "threads", "conversations",
        "containers", "evals", "organizations", "organization", "skills", "apply-guardrail",
    }
)  # fmt: skip
_BEDROCK = {
    "invoke": None,
    "invoke-with-response-stream": None,
    "converse": "Bedrock Converse",
    "converse-stream": "Bedrock Converse",
}
_GEMINI = ("generateContent", "streamGenerateContent")
_VERTEX = ("rawPredict", "streamRawPredict")


def locate(path: str | None, method: str | None) -> Endpoint:
    """What path and method say; an endpoint without a shape leaves it to the bodies."""
    if method and method.upper() != "POST":
        return _ELSEWHERE
    segments = _segments(path or "")
    if not segments:
        return Endpoint()
    return _hosted(segments) or _plain(segments)


def _segments(path: str) -> list[str]:
    """The parts of a path, decoded, without scheme, host and query."""
    _, has_host, rest = path.partition("://")
    if has_host:
        path = rest.partition("/")[2]
    path = path.partition("?")[0].partition("#")[0]
    return [unquote(segment) for segment in path.split("/") if segment]


def _plain(segments: list[str]) -> Endpoint:
    lowered = tuple(segment.lower() for segment in segments)
    if lowered == ("messages",):
        return Endpoint(ANTHROPIC)
    for ending, endpoint in _ENDINGS:
        if lowered[-len(ending) :] == ending:
            return Endpoint(endpoint.shape, _deployment(segments), unread=endpoint.unread)
    below = any(lowered[at : at + len(ending)] == ending for ending in _GENERATING for at in range(len(lowered)))
    return _ELSEWHERE if below or not _OTHER_RESOURCES.isdisjoint(lowered[-3:]) else Endpoint()


def _deployment(segments: list[str]) -> str | None:
    """Azure's name of the model: `/openai/deployments/{deployment}/chat/completions`."""
    return next((name for before, name in pairwise(segments) if before.lower() == "deployments"), None)


def _hosted(segments: list[str]) -> Endpoint | None:
    """Bedrock's and Google's paths, which name the model and then what it is to do."""
    last = segments[-1]
    if last in _BEDROCK and "model" in segments[:-2]:
        # The name of an inference profile has a slash, which some captures have decoded.
        at = len(segments) - 1 - segments[::-1].index("model")
        return Endpoint(None, "/".join(segments[at + 1 : -1]), unread=_BEDROCK[last])
    model, _, action = last.rpartition(":")
    if not model:
        return None
    if action in _VERTEX:
        publisher = next((name for before, name in pairwise(segments) if before == "publishers"), None)
        return Endpoint(ANTHROPIC if publisher == "anthropic" else None, model)
    if action in _GEMINI:
        return Endpoint(GEMINI, model)
    return _ELSEWHERE if "models" in segments[:-1] else None
