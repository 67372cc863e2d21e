"""`python -m infra.grpc`: the container's process. It serves until SIGTERM, then finishes what has begun."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from chalicelib import bootstrap
from chalicelib.settings import InvalidSettings
from infra.grpc.config import ServingConfig
from infra.grpc.fronts import FRONTS
from infra.local.config import ConfigError
from infra.local.logs import log


def main(env: Mapping[str, str]) -> int:
    """0 when every call that had begun was answered, 1 when not, or when it could not start."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        config = ServingConfig.from_env(env)
        use = bootstrap.container()
        fronts = [FRONTS[name](config, use) for name in config.fronts]
        for front in fronts:
            front.start()
    except (ConfigError, InvalidSettings, OSError) as error:
        log("serving.not_started", level="ERROR", error=str(error))
        return 1
    stopping.wait()
    with ThreadPoolExecutor(len(fronts)) as pool:
        drained = all(pool.map(lambda front: front.drain(), fronts))
    log("serving.stopped" if drained else "serving.cut_off", level="INFO" if drained else "WARNING")
    return 0 if drained else 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
