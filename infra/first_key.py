"""`python -m infra.first_key --tenant acme` makes an API key without one; `make key TENANT=acme` does so.

With TABLE_NAME it writes to that table, with the AWS credentials, region and AWS_ENDPOINT_URL of the environment;
without, to the local run that is going on in DATA_DIR. The key is all it writes to standard output.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping

from chalicelib import bootstrap
from chalicelib.domain.api_key import ROLES
from chalicelib.domain.errors import CatchmentError
from chalicelib.domain.identifiers import check_identifier, check_tenant_id
from chalicelib.services.api_keys import MadeKey, Wanted
from chalicelib.settings import InvalidSettings, Settings
from infra.local.config import ConfigError, RunConfig, without_aws_account


def main(arguments: list[str]) -> int:
    """0 when the key was made, 1 when it could not be."""
    asked = _arguments().parse_args(arguments)
    try:
        environment = where(os.environ)
        os.environ.clear()
        os.environ.update(environment)
        made = make(asked.tenant, Wanted(asked.name, asked.role))
    except (ConfigError, InvalidSettings, CatchmentError) as error:
        _say(f"No key was made: {error}")
        return 1
    _say(f"{made.key.id}: {made.key.role} of {made.key.tenant}. The key is shown this once:")
    sys.stdout.write(f"{made.secret}\n")
    return 0


def where(env: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the key is made. Raises ConfigError when neither a table nor a local run is named."""
    if env.get("TABLE_NAME"):
        return dict(env)
    config = RunConfig.from_env(env)
    try:
        wiring = json.loads(config.wiring_file.read_text(encoding="ascii"))
    except OSError as error:
        msg = f"nothing runs on {config.data_dir}. Set TABLE_NAME for a deployment, or start `make run`"
        raise ConfigError(msg) from error
    return {**without_aws_account(env), **wiring}


def make(tenant: str, wanted: Wanted) -> MadeKey:
    """Make it as the route does. Raises CatchmentError when storage cannot be reached."""
    return bootstrap.over_aws(Settings.from_env()).api_keys.make(tenant, wanted)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make key", description="Makes an API key.")
    parser.add_argument("--tenant", required=True, type=_checked(check_tenant_id))
    parser.add_argument("--role", choices=ROLES, default="admin")
    parser.add_argument("--name", type=_checked(check_identifier), default="first")
    return parser


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    """The check with its reason in the words of the command."""

    def checked(value: str) -> str:
        try:
            return check(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
