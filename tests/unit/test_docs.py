"""What the documentation says about names, links, variables, routes and keys is what the code does."""

import ast
import inspect
import json
import re
from pathlib import Path

import pytest

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.api.routes import OPERATIONS
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.generation import Generation
from chalicelib.rpc.errors import CODES
from chalicelib.rpc.exports import EXPORTS
from chalicelib.services.ingest import ALREADY_EXISTS
from chalicelib.services.ports import CatalogKey
from chalicelib.settings import DIRECT_BODY_LIMIT, Settings, api_prefix
from infra.grpc.config import ServingConfig
from infra.local.config import RunConfig

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
READERS = {"env.get", "os.environ.get", "_flag", "_number", "_hosts", "_read"}
LAMBDA_SETS = {"AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID"}
LOCAL_ONLY = {"PORT", "GRPC_PORT", "DATA_DIR", "LOCAL_ENGINE"}


def page(name: str) -> str:
    """The text of one page."""
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(text: str) -> list[list[str]]:
    """The cells of all table rows of a page; rulers and escaped bars are no cells of their own."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings make, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    """A relative link names a file that is there, and its anchor a heading of that file."""
    dead = []
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if "://" in name:
            continue
        linked = (path.parent / name).resolve() if name else path
        if not linked.exists() or (anchor and anchor not in anchors(linked.read_text(encoding="utf-8"))):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_make_target_named_in_prose_exists(name: str) -> None:
    """Nobody is told to run a target that the Makefile lacks."""
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", page("Makefile"), re.MULTILINE))
    spans = re.findall(r"```sh\n.*?```|`[^`\n]+`", page(name), re.DOTALL)
    named = {target for span in spans for target in re.findall(r"\bmake ([a-z][a-z0-9-]*)", span)}
    assert named
    assert named <= targets


def test_every_make_target_is_explained_to_contributors() -> None:
    """CONTRIBUTING.md names each target that `make` lists."""
    targets = re.findall(r"^([a-z0-9-]+):.*## ", page("Makefile"), re.MULTILINE)
    missing = [target for target in targets if target != "help" and f"`make {target}`" not in page("CONTRIBUTING.md")]
    assert missing == []


def variables_read() -> set[str]:
    """The names that chalicelib/settings.py asks an environment for: call arguments, and the left of `in`."""
    names = set()
    for node in ast.walk(ast.parse(page("chalicelib/settings.py"))):
        if isinstance(node, ast.Call):
            literals = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if ast.unparse(node.func) in READERS and literals:
                names.add(str(literals[0]))
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
            names.add(str(node.left.value))
    return {name for name in names if VARIABLE.fullmatch(name)}


def documented_variables() -> dict[str, str]:
    """Variable → default, as the README's configuration table has them."""
    section = page("README.md").partition("## Configuration")[2].partition("\n## ")[0]
    rows = [row for row in table_rows(section) if row[0].startswith("`")]
    return {row[0].strip("`"): row[1].strip("`") for row in rows}


def test_the_configuration_table_is_what_settings_reads() -> None:
    """Each variable of settings.py and of the local run has its row, and no row is about anything else."""
    assert set(documented_variables()) == variables_read() - LAMBDA_SETS | LOCAL_ONLY
    assert all(f"`{name}`" in page("README.md") for name in LAMBDA_SETS)


def test_the_defaults_of_the_configuration_table_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an empty environment every setting is what the table says."""
    monkeypatch.delenv("API_PREFIX", raising=False)
    settings, run = Settings.from_env({}), RunConfig.from_env({})
    assert settings.max_body_bytes == DIRECT_BODY_LIMIT
    assert documented_variables() == {
        "TABLE_NAME": settings.table_name,
        "PROCESS_QUEUE_URL": settings.process_queue_url,
        "PAYLOAD_BUCKET": settings.payload_bucket,
        "SIGIL_AUTH_ENABLED": str(settings.auth_enabled).lower(),
        "SIGIL_AUTH_REQUIRE_KEY": str(settings.auth_require_key).lower(),
        "SIGIL_ALLOW_INSECURE_AUTH": str(settings.allow_insecure_auth).lower(),
        "SIGIL_FAKE_TENANT_ID": settings.fake_tenant_id,
        "LISTEN_HOST": settings.listen_host,
        "MAX_BODY_BYTES": str(settings.max_body_bytes),
        "PAYLOAD_INLINE_BYTES": str(settings.payload_inline_bytes),
        "INDEXED_TAGS": ",".join(settings.indexed_tags),
        "LOG_LEVEL": settings.log_level,
        "TRACING_ENABLED": str(settings.tracing_enabled).lower(),
        "RESEND_LIMIT": str(settings.resend_limit),
        "FLAG_QUEUE_URL": settings.flag_queue_url,
        "FLAG_ON_FAILED_RUN": str(settings.flag_on_failed_run).lower(),
        "RUN_QUEUE_URL": settings.run_queue_url,
        "RETRY_INTERRUPTED_RUNS": str(settings.retry_interrupted_runs).lower(),
        "WEBHOOK_QUEUE_URL": settings.webhook_queue_url,
        "PURGE_QUEUE_URL": settings.purge_queue_url,
        "EVALUATE_QUEUE_URL": settings.evaluate_queue_url,
        "WEBHOOK_ALLOWED_HOSTS": ",".join(settings.webhook_allowed_hosts),
        "EVALUATOR_ALLOWED_HOSTS": ",".join(settings.evaluator_allowed_hosts),
        "REDACT_HEADERS": ",".join(settings.redaction.headers),
        "REDACT_PATTERNS": ",".join(settings.redaction.patterns),
        "REDACT_PATHS": ",".join(map(str, settings.redaction.paths)),
        "RATE_LIMIT_ITEMS_PER_SECOND": str(settings.rate_limit_items_per_second),
        "STALE_RUN_SECONDS": str(settings.stale_run_seconds),
        "STALE_ACTION_SECONDS": str(settings.stale_action_seconds),
        "PROVIDERS": ",".join(settings.providers),
        "API_PREFIX": api_prefix(),
        "PORT": str(run.port),
        "GRPC_PORT": str(run.grpc_port),
        "DATA_DIR": run.data_dir.name,
        "LOCAL_ENGINE": run.engine,
    }


def test_the_containers_variables_and_their_defaults_are_on_its_page() -> None:
    """Each variable that ServingConfig reads, beside the application's own."""
    section = page("docs/grpc.md").partition("## The container")[2].partition("\n## ")[0]
    rows = {row[0].strip("`"): row[1].strip("`") for row in table_rows(section) if row[0].startswith("`")}
    config = ServingConfig.from_env({})
    assert rows == {
        "SERVE": ",".join(config.fronts),
        "GRPC_PORT": str(config.grpc_port),
        "PORT": str(config.http_port),
        "GRPC_CONCURRENCY": str(config.at_once),
        "DRAIN_SECONDS": str(config.drain_seconds),
    }


def test_every_method_is_on_the_grpc_page_with_its_route_and_action() -> None:
    """And every status that an error of ours is answered with."""
    text = page("docs/grpc.md")
    rows = {row[0]: row[1:] for row in table_rows(text)}
    for export in EXPORTS:
        route, action = f"`{export.operation.method} {public_path(export.operation)}`", f"`{export.operation.action}`"
        assert rows[f"`{export.service}/{export.method}`"] == [route, action]
    missing = {code.name for code in CODES.values()} - {"CANCELLED"} - {row.strip("`") for row in rows}
    assert missing == set()


def public_path(operation: Operation) -> str:
    """Where an operation is served outside the package."""
    return operation.path if operation.role is None else f"/api{operation.path}"


def permissions_table() -> list[list[str]]:
    """The rows that docs/permissions.md has to have, from the route table."""
    return [
        [
            f"`{operation.action}`",
            ", ".join(f"`{operation.method} {path}`" for path in (public_path(operation), *operation.aliases)),
            operation.role or "none: no caller is asked for",
        ]
        for operation in OPERATIONS
    ]


def test_the_permissions_page_follows_from_the_route_table() -> None:
    """One row per operation, in the order of the table; the difference shown is what to write."""
    actions = page("docs/permissions.md").partition("\n## ")[0]
    assert table_rows(actions)[1:] == permissions_table()


def test_every_route_is_on_the_api_page() -> None:
    """docs/api.md names the method and path of each operation."""
    text = page("docs/api.md")
    routes = [f"`{one.method} {public_path(one)}`" for one in OPERATIONS]
    missing = [route for route in routes if route not in text]
    assert missing == []


def test_the_generation_that_the_readme_sends_is_taken() -> None:
    """Whoever pastes the first example gets the answer that stands below it."""
    [item] = read_export(json.loads(posted_bodies("README.md")[0]))
    assert isinstance(item, Generation)
    assert f'{{"generation_id":"{item.id}","accepted":true,"error":""}}' in page("README.md")
    assert f"/api/v1/generations/{item.id}" in page("README.md")


def test_the_errors_on_the_api_page_are_those_of_its_example() -> None:
    """Each item that the example's body gets refused for is shown with its text."""
    items = read_export(json.loads(posted_bodies("docs/api.md")[0]))
    errors = [item.error for item in items if isinstance(item, ItemRejected)]
    assert len(errors) == 2
    assert all(f'"error": "{error}"' in page("docs/api.md") for error in [*errors, ALREADY_EXISTS])


def posted_bodies(name: str) -> list[str]:
    """What the `curl` examples of a page post."""
    return re.findall(r"generations:export [^']*(?:-H '[^']*' )?-d '([^']+)'", page(name))


def key_builders() -> set[str]:
    """The public functions of the two modules of keys, each with its module's name."""
    return {
        f"{one.__module__.rpartition('.')[2]}.{name}"
        for module in (keys, record_keys)
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__ and not name.startswith("_")
    }


def test_every_key_builder_is_on_the_data_model_page() -> None:
    """And the page names no builder that is gone."""
    named = set(re.findall(r"`((?:record_)?keys\.(?!py)\w+)`", page("docs/data-model.md")))
    assert named == key_builders()


def test_the_keys_on_the_data_model_page_are_those_that_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row kind's `pk` and `sk`, built from placeholders, stands in the table of rows as it is."""
    monkeypatch.setattr(keys, "shard_of", lambda _value, _shards: "<shard>")
    position = ("<time>", "<id>")
    version = CatalogKey("<agent>", "<version>")
    model = CatalogKey("<agent>", "<version>", ("model", "<provider>", "<model>"))
    declared = CatalogKey("<agent>", "<version>", ("declared", "<agent version>"))
    outbox_partition, outbox_sort_key = keys.outbox("<key>", 1)
    built = {
        "head": keys.head("<tenant>", "<id>"),
        "payload": (keys.payload("<tenant>", "<id>", "")[0], "P#<hash32>"),
        "course": keys.course("<tenant>", "<id>"),
        "watched run": watched(),
        "edge": keys.edge("<tenant>", "<parent>", "<child>"),
        "edge of a busy parent": keys.edge("<tenant>", "<parent>", "<child>", 1),
        "fan-out": keys.fan_out("<tenant>", "<parent>"),
        "state": keys.state("<tenant>", "<id>"),
        "touched mark": keys.touched("<tenant>", "<id>"),
        "reach row": keys.reach("<tenant>", "<id>", "<root>"),
        "overflow marker": keys.overflow("<tenant>", "<id>"),
        "score": keys.score("<tenant>", "<score id>"),
        "filed score": keys.filed_score("<tenant>", "<id>", "<time>", "<score id>"),
        "webhook": record_keys.webhook("<tenant>"),
        "API key": record_keys.api_key("<digest>"),
        "listed API key": record_keys.listed_api_key("<tenant>", "<key id>"),
        "rate limit": record_keys.rate_limit("<tenant>", "<key id>"),
        "forgotten person": record_keys.forgotten("<tenant>", "<person>"),
        "entry": keys.entry("<tenant>", position),
        "list row": keys.list_row("<tenant>", "<kind>", "<value>", position),
        "outbox": (outbox_partition, outbox_sort_key.replace(f"{1:013d}", "<due>")),
        "marker": keys.marker("<tenant>", "<owner>"),
        "agent": record_keys.agent("<tenant>", "<agent>"),
        "agent by age": record_keys.agent_by_age("<tenant>", "<time>", "<agent>"),
        "counter of agents": record_keys.agent_counter("<tenant>"),
        "named version": record_keys.named_version("<tenant>", "<agent>", "<name>"),
        "counter of named versions": record_keys.named_version_counter("<tenant>", "<agent>"),
        "person": record_keys.person("<tenant>", "<person>"),
        "session": record_keys.session("<tenant>", "<session>"),
        "run configuration": record_keys.run_config("<tenant>", "<agent>"),
        "session with an agent": record_keys.agent_session("<tenant>", "<session>"),
        "waiting message": record_keys.waiting_message("<tenant>", "<session>", "<key>"),
        "fingerprint": record_keys.fingerprint("<tenant>", "<fingerprint>"),
        "trace": record_keys.trace("<tenant>", "<trace>"),
        "conversation": record_keys.conversation("<tenant>", "<conversation>"),
        "workflow step": record_keys.step("<tenant>", "<step>"),
        "rating": record_keys.rating("<tenant>", "<conversation>", "<rating>"),
        "rating by age": record_keys.rating_by_age("<tenant>", "<conversation>", "<time>", "<rating>"),
        "rating of a generation": record_keys.rating_about("<tenant>", "<generation>", "<conversation>", "<rating>"),
        "version": record_keys.version("<tenant>", "<agent>", "<version>"),
        "version by age": record_keys.version_by_age("<tenant>", "<agent>", "<time>", "<version>"),
        "set of evaluators": record_keys.evaluator_set("<tenant>"),
        "evaluator": record_keys.evaluator("<tenant>", "<evaluator>"),
        "version of an evaluator": evaluator_version(),
        "failure": record_keys.failure("<tenant>", "<evaluator>", "<time>", "<score id>"),
        "backfill": record_keys.backfill("<tenant>", "<evaluator>"),
        "running backfill": record_keys.running_backfill("<tenant>", "<evaluator>"),
        "judged": judged(),
        "tally of an agent": record_keys.tally("<tenant>", CatalogKey("<agent>"), 0),
        "tally of a version": record_keys.tally("<tenant>", version, 0),
        "tally of a model": record_keys.tally("<tenant>", model, 0),
        "tally of a declared version": record_keys.tally("<tenant>", declared, 0),
    }
    section = page("docs/data-model.md").partition("## Rows")[2].partition("\n## ")[0]
    documented = {row[0]: (row[1].strip("`"), row[2].strip("`")) for row in table_rows(section)[1:]}
    assert documented == {row: shown(key) for row, key in built.items()}


def watched() -> keys.Key:
    """The key of a watched run, with its time by its name."""
    partition, sort_key = keys.watched("<tenant>", "<id>", 1)
    return partition, sort_key.replace(f"{1:013d}", "<due>")


def evaluator_version() -> keys.Key:
    """The key of a version of an evaluator, with its number by its name."""
    partition, sort_key = record_keys.evaluator_version("<tenant>", "<evaluator>", 1)
    return partition, sort_key.replace(f"{1:08d}", "<version>")


def judged() -> keys.Key:
    """The key of a count of judgements, with shard and version by their names."""
    partition, sort_key = record_keys.judged("<tenant>", "<evaluator>", "<day>", 1, 0)
    return partition.replace("#0#", "#<shard>#"), sort_key.replace(f"{1:08d}", "<version>")


def shown(key: keys.Key) -> tuple[str, str]:
    """A key as the page writes it: the numbers of a shard and a level by their names, U+001F by its picture."""
    partition, sort_key = key
    partition = re.sub(r"#E#1#", "#E#<level>#", re.sub(r"#C#0#", "#C#<shard>#", partition))
    return partition, sort_key.replace("\x1f", "␟")
