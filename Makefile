# Everything a person does with this repository. `make` alone lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile
CLIENTS := $(foreach name,voker voker-openai3 sigil agento11y,.venvs/$(name)/$(name).stamp)

# Chalice asks for a region even when it only writes files.
export AWS_DEFAULT_REGION ?= us-east-1

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/local.stamp ## Start Catchment on http://127.0.0.1:8000 (PORT, DATA_DIR, LOCAL_ENGINE change where and on what)
	@exec $(BIN)/python -m infra.local --end-with-parent

.PHONY: key
key: .venv/local.stamp ## Make an API key for TENANT (ROLE, NAME): in the table TABLE_NAME, else in the local run
	@$(BIN)/python -m infra.first_key --tenant "$(TENANT)" --role "$(or $(ROLE),admin)" --name "$(or $(NAME),first)"

.PHONY: test
test: .venv/dev.stamp engines ## Run every suite but the two below, each file in one of a few processes
	@$(PYTEST) -m "not e2e and not exhaustive"

.PHONY: test-e2e
test-e2e: .venv/dev.stamp clients ## Run what calls the whole running service: stories, kills, the real clients
	@$(PYTEST) -m e2e

.PHONY: test-exhaustive
test-exhaustive: .venv/dev.stamp ## Run what dies at every call to AWS, and what breaks the code to see it noticed
	@$(PYTEST) -m exhaustive

.PHONY: test-moto
test-moto: .venv/dev.stamp ## Run only what needs no engine but moto, in one process
	@$(BIN)/python -m pytest -m moto

.PHONY: test-lineage
test-lineage: .venv/dev.stamp ## Run N random schedules of what keeps flags right, from SEED on
	@$(BIN)/python -m tests.lineage --schedules $(or $(N),20000) --first $(or $(SEED),0)

.PHONY: check
check: .venv/dev.stamp ## Check style, types, the direction of imports and that generated files are up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m infra.drift

.PHONY: bench
bench: .venv/dev.stamp ## Measure, and print the tables of docs/performance.md
	@$(BIN)/python -m benchmarks

.PHONY: package
package: .venv/dev.stamp ## Write the CloudFormation package to build/package
	@$(BIN)/python -m infra.package build/package

.PHONY: engines
engines: .venvs/ministack/ministack.stamp ## Install the second engine that the contract suites run on

.PHONY: clients
clients: $(CLIENTS) .venvs/soat/soat.stamp ## Install the clients that need environments of their own

.PHONY: lock
lock: .venvs/lock/bin/uv ## Resolve requirements/*.in anew and write the locked files
	@infra/lock

# Installing the development requirements installs the local run's too: the same versions, which `make check` verifies.
.venv/local.stamp: requirements/local.txt
	@infra/install .venv requirements/local.txt

.venv/dev.stamp: requirements/dev.txt
	@infra/install .venv requirements/dev.txt
	@touch .venv/local.stamp

.venvs/ministack/ministack.stamp: requirements/ministack.txt
	@infra/install .venvs/ministack requirements/ministack.txt

.SECONDEXPANSION:
$(CLIENTS): requirements/$$(basename $$(@F)).txt
	@infra/install $(@D) $<

# Where there is no npm, or no registry of it, the tests that need its packages are skipped.
.venvs/soat/soat.stamp: requirements/soat/package-lock.json
	@mkdir -p $(@D) && cp requirements/soat/*.json $(@D)
	@cd $(@D) && npm ci --no-audit --no-fund --silent || echo "The npm clients could not be installed" >&2
	@touch $@

.venvs/lock/bin/uv:
	@"$$(infra/find-python)" -m venv .venvs/lock
	@.venvs/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
