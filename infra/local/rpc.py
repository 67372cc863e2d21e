"""The gRPC process of the local run: `python -m infra.local.rpc` serves on GRPC_PORT what the container serves."""

import os
import sys

from infra.grpc.__main__ import main
from infra.local.lifeline import follow_supervisor

if __name__ == "__main__":
    follow_supervisor()
    sys.exit(main({**os.environ, "SERVE": "grpc", "DRAIN_SECONDS": "10"}))
