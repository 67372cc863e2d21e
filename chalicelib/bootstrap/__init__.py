"""The composition root: settings → adapters → services, made once per process, on first use.

Nothing here runs at import. Tests make their own `Ports` and install a container over them.
"""

from dataclasses import dataclass

from chalicelib.bootstrap.processing import Processing
from chalicelib.observability.logs import configure, log
from chalicelib.observability.tracing import tracer_for
from chalicelib.settings import Settings, invocation_trace_header

SERVICE = "catchment"


@dataclass(frozen=True)
class Container(Processing):
    """The use cases of one process; each is made when it is first asked for."""


_installed: Container | None = None


def container() -> Container:
    """This process's container. Raises InvalidSettings when the environment is contradictory or unsafe."""
    return _installed or install(over_aws(Settings.from_env()))


def install(made: Container) -> Container:
    """Make `made` this process's container."""
    global _installed  # noqa: PLW0603 - one per process is the point
    configure(made.settings.log_level, SERVICE)
    if made.settings.auth_enabled and not made.settings.auth_require_key:
        log("tenant_header_trusted", level="WARNING")
    _installed = made
    return made


def uninstall() -> None:
    """Forget the container; the next call of `container` makes a new one."""
    global _installed  # noqa: PLW0603 - one per process is the point
    _installed = None


def over_aws(settings: Settings) -> Container:
    """A container over the AWS adapters, which are imported only here."""
    from chalicelib.adapters.aws_ports import aws_ports

    tracer = tracer_for(settings.tracing_enabled, settings.in_lambda, invocation_trace_header)
    return Container(settings, aws_ports(settings), tracer)
