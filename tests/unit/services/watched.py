"""Ports whose every call passes through a hook: to count the calls, to die at one of them, to take turns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from chalicelib.services.ports import OutboxRow, Ports

When = Literal["before", "halfway", "after"]
Call = Callable[..., Any]
Hook = Callable[[Call, tuple[Any, ...], dict[str, Any]], Any]
# fmt: off
WATCHED = (
    "store", "purge", "index", "lineage", "scores", "catalog", "outbox", "queue", "traces", "courses", "conversations",
    "steps", "ratings", "providers", "run_configs", "evaluators", "judgements", "backfills",
)
# fmt: on
WRITES = {
    "put_payloads",
    "commit",
    "discard",
    "add",
    "remove",
    "send",
    "put",
    "put_edges",
    "watch",
    "unwatch",
    "register",
    "witness",
    "count",
    "forget",
    "fail",
}


class Killed(BaseException):
    """The process is gone: nothing in it can catch this and go on."""


class Watched:
    """Any port behind a hook."""

    def __init__(self, port: object, hook: Hook) -> None:
        self._port = port
        self._hook = hook

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **kwargs: self._hook(method, args, kwargs)


def watched(ports: Ports, hook: Hook) -> Ports:
    """The same ports, all of one process, behind its hook."""
    return replace(ports, **{name: cast("Any", Watched(getattr(ports, name), hook)) for name in WATCHED})


class Dying:
    """A hook that lets calls through and kills its process at call number `at` (from 1 on; 0 is never)."""

    def __init__(self, at: int = 0, when: When = "before") -> None:
        self._at = at
        self._when = when
        self.calls = 0

    def __call__(self, method: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.calls += 1
        if self.calls != self._at:
            return method(*args, **kwargs)
        if self._when == "after":
            method(*args, **kwargs)
        elif self._when == "halfway":
            _half(method, args)
        raise Killed


def _half(method: Call, args: tuple[Any, ...]) -> None:
    """What a write has done when its process dies in the middle of it."""
    name = method.__name__
    if name == "postpone":
        row: OutboxRow = args[0]
        cast("Any", method).__self__.add([replace(row, due_ms=args[1], attempts=row.attempts + 1)])
    elif name in WRITES:
        method(*(_first_half(argument) for argument in args))


def _first_half(argument: object) -> object:
    if isinstance(argument, Mapping):
        return dict(list(argument.items())[: len(argument) // 2])
    if isinstance(argument, Sequence) and not isinstance(argument, str):
        return argument[: len(argument) // 2]
    return argument
