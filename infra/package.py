"""`python -m infra.package TARGET`: writes sam.yaml, the code and its layer, ready for CloudFormation.

Chalice packages; this stages what it reads, so that nothing else of the repository can get in, and takes out of the
layer what no function uses. Most of that is botocore's models of four hundred services: they are nine tenths of the
layer, and botocore lists their folder at every cold start.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGE = "api"
STAGED_FILES = ("app.py", "requirements.txt")
SERVICES = frozenset({"dynamodb", "s3", "secretsmanager", "sqs", "ssm", "sts", "xray"})
DATA = "botocore/data/"
ENDPOINTS = DATA + "endpoints.json"
USELESS = ("boto3/examples/", "boto3/data/", "/__pycache__/", "/bin/")


def package(target: Path, architecture: str = "arm64", work: Path = ROOT / ".cache/package") -> Path:
    """Writes the package for a Lambda architecture (`arm64`, `x86_64`) to `target` and returns its template.

    `work` keeps what Chalice downloaded, so that a second run with the same requirements needs no package index.
    """
    with alone(work / f"{architecture}.lock"):
        return _package(stage(work / architecture, architecture), target)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Lets one process at a time use a work directory."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _package(project: Path, target: Path) -> Path:
    written = project / "out"
    shutil.rmtree(written, ignore_errors=True)
    run_chalice(project, written)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for made in sorted(written.iterdir()):
        if made.name.startswith("layer"):
            slim_layer(made, target / made.name)
        else:
            shutil.copyfile(made, target / made.name)
    return target / "sam.yaml"


def stage(project: Path, architecture: str) -> Path:
    """A Chalice project of exactly what is to be packaged."""
    shutil.rmtree(project / "chalicelib", ignore_errors=True)
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in STAGED_FILES:
        shutil.copyfile(ROOT / name, project / name)
    settings = project / ".chalice"
    settings.mkdir(exist_ok=True)
    for policy in (ROOT / ".chalice").glob("policy-*.json"):
        shutil.copyfile(policy, settings / policy.name)
    config = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))
    (settings / "config.json").write_text(json.dumps({**config, "lambda_architecture": architecture}), "utf-8")
    return project


def run_chalice(project: Path, target: Path) -> None:
    """Has Chalice package the staged project. Raises CalledProcessError, with Chalice's own words on standard error."""
    config = json.loads((project / ".chalice/config.json").read_text(encoding="utf-8"))
    env = {
        **os.environ,
        **config["stages"][STAGE]["environment_variables"],
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
    }
    chalice = Path(sys.executable).parent / "chalice"
    merge = ROOT / "infra/resources.yaml"
    arguments = ["package", "--stage", STAGE, "--merge-template", str(merge), str(target)]
    subprocess.run([str(chalice), *arguments], cwd=project, env=env, check=True)  # noqa: S603 - our own arguments


def slim_layer(source: Path, target: Path) -> None:
    """Copies a layer without what no function uses. Times and order stay: the same input gives the same bytes."""
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as slim:
        for entry in given.infolist():
            if is_used(entry.filename):
                content = given.read(entry)
                slim.writestr(entry, only_used_endpoints(content) if entry.filename.endswith(ENDPOINTS) else content)


def is_used(name: str) -> bool:
    """Whether a file of the layer can be read by a function."""
    if any(part in f"/{name}" for part in USELESS):
        return False
    _, _, below = name.partition(DATA)
    service, is_of_a_service, _ = below.partition("/")
    return not is_of_a_service or service in SERVICES


def only_used_endpoints(content: bytes) -> bytes:
    """botocore's table of endpoints, a megabyte parsed at every cold start, cut to the services in use."""
    table = json.loads(content)
    for partition in table["partitions"]:
        partition["services"] = {name: at for name, at in partition["services"].items() if name in SERVICES}
    return json.dumps(table, separators=(",", ":")).encode()


def main(arguments: list[str]) -> int:
    """Packages for the architecture that .chalice/config.json names."""
    config = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))
    template = package(Path(arguments[0]), config["lambda_architecture"])
    for made in sorted(template.parent.iterdir()):
        sys.stdout.write(f"{made}  {made.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
