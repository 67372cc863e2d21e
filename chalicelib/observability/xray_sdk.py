"""The part of the X-Ray SDK that is used, with types, and its only import.

The SDK's global recorder is used because the import makes it anyway, with its socket. Its default sampler, which would
poll a daemon for rules from a thread, is replaced before it is ever asked.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

DAEMON = "127.0.0.1:2000"
SAMPLING_RATE = 0.05


class Entity(Protocol):
    """A segment or subsegment."""

    id: str
    trace_id: str
    sampled: bool

    def put_annotation(self, key: str, value: object) -> None: ...
    def add_error_flag(self) -> None: ...
    def add_fault_flag(self) -> None: ...


class Sampler(Protocol):
    """Decides what is recorded."""

    def should_trace(self, sampling_req: dict[str, str]) -> bool: ...


class Recorder(Protocol):
    """Keeps the entities at hand, one stack per thread, and sends them when they end."""

    sampler: Sampler

    def begin_segment(self, name: str, *, traceid: str, parent_id: str | None, sampling: int) -> Entity: ...
    def end_segment(self) -> None: ...
    def begin_subsegment(self, name: str) -> Entity | None: ...
    def end_subsegment(self) -> None: ...
    def get_trace_entity(self) -> Entity | None: ...
    def clear_trace_entities(self) -> None: ...


class LazyRecorder:
    """Loads the recorder when it is first needed, once: an SDK that failed to load is left alone."""

    def __init__(
        self, daemon: str, sampling_rate: float, failed: Callable[[BaseException], None], *, in_lambda: bool
    ) -> None:
        self._load = partial(_configured_recorder, daemon, sampling_rate, failed, in_lambda=in_lambda)
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._tried = False

    @property
    def loaded(self) -> bool:
        """Whether anything can have been begun."""
        return self._recorder is not None

    def recorder(self) -> Recorder:
        """Raises whatever the SDK raises on import, and RuntimeError ever after."""
        # Under a lock, for to set the recorder up twice would drop what another thread has begun.
        with self._lock:
            if not self._tried:
                self._tried = True
                self._recorder = self._load()
        if self._recorder is None:
            raise RuntimeError("the X-Ray SDK did not load")
        return self._recorder


def _configured_recorder(
    daemon: str, sampling_rate: float, failed: Callable[[BaseException], None], *, in_lambda: bool
) -> Recorder:
    from aws_xray_sdk.core import xray_recorder
    from aws_xray_sdk.core.context import Context
    from aws_xray_sdk.core.lambda_launcher import LambdaContext
    from aws_xray_sdk.core.sampling.local.sampler import LocalSampler

    _take_over_log(failed)
    rules = {"version": 2, "rules": [], "default": {"fixed_target": 1, "rate": sampling_rate}}
    xray_recorder.configure(
        sampler=LocalSampler(rules),
        plugins=(),
        context=LambdaContext() if in_lambda else Context(),
        context_missing="IGNORE_ERROR",
        daemon_address=daemon,
        # Lambda may freeze the process after the answer: there a subsegment is sent as soon as it ends.
        streaming_threshold=0 if in_lambda else 30,
    )
    return cast("Recorder", xray_recorder)


class _SdkLog(logging.Handler):
    """Hears of failures that the SDK only logs, such as a document that it could not send."""

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        super().__init__(logging.ERROR)
        self._failed = failed

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._failed(error or RuntimeError(record.msg))


def _take_over_log(failed: Callable[[BaseException], None]) -> None:
    sdk = logging.getLogger("aws_xray_sdk")
    sdk.handlers[:] = [_SdkLog(failed)]
    sdk.setLevel(logging.ERROR)
    sdk.propagate = False
