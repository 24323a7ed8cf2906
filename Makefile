# Countersign · 会签. `make help` lists what there is.
PORT ?= 8000
PYTHON ?= python3
VENV = .venv/bin/python
WORKERS ?= 2
WALKS ?= 30000
EXPRESSIONS ?= 200000
STRETCHES ?= 4000
BOOKS ?= 1000
COMPANY ?= large
DEVICES ?= 500
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help run test check format bench fuzz setup setup-test web verify

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "  make %-8s %s\n", $$1, $$2}'

setup: ## install what running needs (Python packages, the built web client)
	@$(PYTHON) tools/setup.py run
	@$(VENV) tools/build_web.py build

run: setup ## serve the product with demo data on http://localhost:$(PORT)/ (TLS=1: HTTPS for phones around)
	@COUNTERSIGN_DEMO=1 $(VENV) -m api.cli serve --demo --port $(PORT) $(if $(TLS),--tls)

setup-test:
	@$(PYTHON) tools/setup.py test
	@$(VENV) tools/build_web.py build

test: setup-test ## run every test: web client, engine on both databases, processes, browser
	@$(VENV) tools/build_web.py test
	@$(VENV) -m pytest -n $(WORKERS) --dist worksteal

check: setup-test ## formatter, linters, strict types, the architecture's contracts
	@$(VENV) -m ruff format --check .
	@$(VENV) -m ruff check .
	@$(VENV) -m mypy .
	@.venv/bin/lint-imports
	@$(VENV) tools/make_form_vectors.py --check
	@$(VENV) tools/export_gs1_table.py --check
	@$(VENV) tools/build_web.py check

format: ## let the formatters write
	@$(VENV) -m ruff format .
	@$(VENV) -m ruff check --fix-only --quiet . || true

bench: setup-test ## measure, print a table and write bench/latest.json
	@$(VENV) -m bench

fuzz: setup-test ## the long runs: processes, expressions, devices ahead, the book, a large company
	@$(VENV) tools/fuzz_processes.py --walks $(WALKS)
	@$(VENV) tools/fuzz_feel.py --count $(EXPRESSIONS)
	@$(VENV) tools/fuzz_stretches.py --runs $(STRETCHES)
	@COUNTERSIGN_WALKS=$(BOOKS) $(VENV) -m pytest -q tests/processes/test_invariants.py
	@COUNTERSIGN_DEVICE_RUNS=$(DEVICES) $(VENV) -m pytest -q tests/engine/devices/test_simulation.py
	@COUNTERSIGN_COMPANY=$(COMPANY) $(VENV) -m pytest -q tests/processes/test_generated.py -k larger

verify: ## prove the record of the database in data/
	@$(VENV) -m api.cli verify
