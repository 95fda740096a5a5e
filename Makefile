# Two commands do everything: `make demo` and `make test`. Both build .venv by themselves.
#
# Paths are relative on purpose: the checkout may lie in a directory with a space in its name.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
MINUTES ?= 10
EXAMPLES ?= 1000
BIN := .venv/bin
READY := .venv/.ready

# Settings of the caller's shell that would make pip install somewhere other than .venv,
# or make .venv import something other than this checkout.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN
unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP VIRTUAL_ENV __PYVENV_LAUNCHER__

.PHONY: help demo test lint unit integration switches soak bench screenshots wheel clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Archive a made-up session in a temporary home; takes about ten seconds.
	@$(BIN)/confab demo

test: $(READY) ## Everything: linters, types, import arrows, tests/, integration/.
	@$(MAKE) lint
	@$(MAKE) unit
	@$(MAKE) integration

lint: $(READY) ## ruff, mypy, import arrows, actionlint.
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --quiet --check .
	@$(BIN)/python -m mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > .venv/lint-imports.log 2>&1 \
		|| { cat .venv/lint-imports.log; exit 1; }
	@.ci/actionlint

unit: $(READY) ## tests/: one module at a time, fast. ARGS="-k name" selects.
	@$(BIN)/python -m pytest -q -n auto --dist worksteal tests $(ARGS)

integration: $(READY) ## integration/: the built wheel, real processes, the real Claude Code.
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile integration $(ARGS)

switches: $(READY) ## Each test of docs/reliability.md must fail with its switch on. ARGS="network".
	@$(BIN)/python -m integration.faults.switches $(ARGS)

soak: $(READY) ## Random sessions and faults with real processes, then the model. MINUTES=10 SEED=n EXAMPLES=1000.
	@$(BIN)/python -m integration.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)
	@CONFAB_MODEL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/model

bench: $(READY) ## Measure everything. ARGS="hooks latency-store --json out.json", PLOTS=1 draws curves into docs/.
	@$(BIN)/python -m bench $(ARGS) $(if $(PLOTS),--plots docs)

screenshots: $(READY) ## Draw docs/terminal.svg and, into docs/screenshots/, each page, light and dark.
	@$(BIN)/python -m integration.screenshots
	@$(BIN)/python -m integration.pages.screenshots

wheel: $(READY) ## Build dist/confab_sync-*.whl.
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean: ## Remove .venv, caches and build output.
	@rm -rf .venv .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find confab_sync tests integration bench -type d -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml .ci/venv
	@.ci/venv "$(PYTHON)"
