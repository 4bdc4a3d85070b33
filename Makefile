# Every command of the project. `make help` lists them.
#
# The lab's commands work on the cloud that `make lab` starts on this machine. On a cloud of your own, use `pulumi` or
# `cecf` directly: see README.md.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

STACK ?= dev
PYTHON := .venv/bin/python
KUBECONFIG_FILE = .kube/$(STACK).yaml
# The engine, its state and the cloud's credentials, as `make env` prints them.
WITH_LAB = environment="$$($(PYTHON) -m lab env)" && eval "$$environment" &&

.PHONY: help
help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/; s/[$$]{2}/$$/g' | expand -t 12

# ---------------------------------------------------------------- the lab

.PHONY: up
up: lab ## Bring a stack up on the lab: make up [STACK=dev|finance|bigdata|smartcity]
	@$(WITH_LAB) .venv/bin/cecf up --stack $(STACK) --yes
	@$(WITH_LAB) .venv/bin/cecf kubeconfig --stack $(STACK) --file $(KUBECONFIG_FILE)
	@$(WITH_LAB) kubectl --kubeconfig $(KUBECONFIG_FILE) get nodes --output wide
	@echo; echo 'Memory:'; $(PYTHON) -m lab status | tail -n 2
	@echo; echo 'To use it:  kubectl --kubeconfig $(KUBECONFIG_FILE) get pods --all-namespaces'
	@echo 'These commands in your shell: eval "$$(make -s env)"'

.PHONY: preview
preview: lab ## Show what `make up` would do: make preview [STACK=...]
	@$(WITH_LAB) .venv/bin/cecf preview --stack $(STACK)

.PHONY: down
down: lab ## Delete a stack and ask the API what is left: make down [STACK=...]
	@# The lab's clusters hold nothing to be missed. Where there is no stack yet, there is nothing to unprotect.
	@$(WITH_LAB) pulumi state unprotect --all --yes --stack $(STACK) >/dev/null 2>&1 || true
	@$(WITH_LAB) .venv/bin/cecf destroy --stack $(STACK) --yes

.PHONY: lab
lab: setup ## Start the lab's OpenStack (real services on loopback)
	@$(PYTHON) -m lab up

.PHONY: status
status: .venv/complete ## Tell the health of each service of the lab
	@$(PYTHON) -m lab status

.PHONY: stop
stop: .venv/complete ## Stop the lab; its cloud is kept
	@$(PYTHON) -m lab down

.PHONY: reset
reset: .venv/complete ## Give the lab an empty cloud
	@$(PYTHON) -m lab reset

.PHONY: env
env: .venv/complete ## Print the environment for pulumi and openstack: eval "$$(make -s env)"
	@$(PYTHON) -m lab env

# ---------------------------------------------------------------- the project

.PHONY: setup
setup: .venv/complete policy/.venv/complete ## Install what is missing: Python packages, the Pulumi engine and plugin
	@$(PYTHON) -m lab.engine setup

.venv/complete: requirements.lock pyproject.toml
	@echo "Python packages: installing into .venv (about 20 s)"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is older than 3.11: install a newer one")'
	@python3 -m venv --clear .venv
	@.venv/bin/pip install --quiet "$$(grep -oE '^uv==[0-9.]+' requirements.lock)"
	@.venv/bin/uv pip sync --quiet --python $(PYTHON) --require-hashes requirements.lock
	@.venv/bin/uv pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@touch $@

policy/.venv/complete: policy/requirements.lock .venv/complete
	@echo "Policy pack: installing into policy/.venv (about 10 s)"
	@.venv/bin/uv venv --quiet --clear --python $(PYTHON) policy/.venv
	@.venv/bin/uv pip sync --quiet --python policy/.venv/bin/python --require-hashes policy/requirements.lock
	@touch $@

.PHONY: policy
policy: lab ## Preview a stack and hold it to the policy pack: make policy [STACK=...]
	@$(WITH_LAB) pulumi preview --stack $(STACK) --policy-pack policy

.PHONY: test
test: check lab ## Set up what is missing and pass every test
	@$(PYTHON) -m pytest --numprocesses 3 --dist loadgroup $(PYTEST_ARGS)

.PHONY: rehearse
rehearse: lab ## Rehearse upgrades, rollbacks and an etcd of its own servers on booted clusters (an hour on two cores)
	@$(PYTHON) -m pytest tests/rehearsal -v -p no:randomly $(PYTEST_ARGS)

.PHONY: check
check: .venv/complete ## Lint and types: ruff, mypy, import-linter
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

.PHONY: unit
unit: .venv/complete ## The tests that need neither cloud nor engine (a minute or two)
	@$(PYTHON) -m pytest -n auto -m "not lab and not engine"

.PHONY: lock
lock: .venv/complete ## Pin the newest versions that pyproject.toml allows
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --extra ci --group dev pyproject.toml --output-file requirements.lock
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header policy/requirements.in --output-file policy/requirements.lock

.PHONY: docs
docs: .venv/complete ## Write the generated parts of the documentation anew
	@$(PYTHON) -m docs.generate

.PHONY: tables
tables: .venv/complete ## Make the tables of what each Kubernetes minor knows anew (needs Go; minutes a minor)
	@$(PYTHON) -m lab.tables

.PHONY: golden
golden: .venv/complete ## Write the golden files anew; read the diff before committing it
	@$(PYTHON) -m pytest tests/golden --update-golden
