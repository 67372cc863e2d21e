"""The container: gRPC, and HTTP where it is asked for, beside the functions."""

STARTED = "grpc.started"
