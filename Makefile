PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
MARKETS ?= 10
BESIDE := -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: install demo test fuzz attack faults bench peers audit schemathesis soak identity presets titles check docs lock clean

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)))' || { echo "Dottedline needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Installing the pinned packages into $(VENV): a minute, or several on a slow line or a busy machine."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/.ready  ## the virtual environment with the dottedline command

demo: install  ## a local Neo4j, the sample market and the API; Ctrl-C ends all three
	@exec $(BIN)/dottedline demo $(ARGS)

test: install  ## the whole suite in two processes, each with a real Neo4j of its own; one test: make test ARGS="-k name"
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(BESIDE))

fuzz: install  ## the tests of properties on other random examples than the suite's: make fuzz ARGS="-k name"
	@$(BIN)/python -m pytest --hypothesis-profile=random $(ARGS)

attack: install  ## what viewers of some territories are told, over more random markets than the suite's (long): make attack MARKETS=20
	@ATTACK_MARKETS=$(MARKETS) $(BIN)/python -m pytest tests/queries/test_scope.py $(ARGS)

faults: install  ## thirty kills of the loader and of Neo4j in the middle of a load, and a store compacted after an erasure (long)
	@FAULT_POINTS=30 $(BIN)/python -m pytest tests/loaders/test_faults.py tests/graph/test_compaction.py

bench: install  ## measure on a Neo4j of its own and write docs/bench.md; another scale: make bench ARGS="--people 200000"
	@$(BIN)/python -m bench --out docs/bench.md $(ARGS)

audit: install  ## GraphQL over HTTP to the letter: graphql-http's audits of a server, on a Node that came with the packages
	@$(BIN)/python -m bench.audit

schemathesis: install  ## documents made from the schema, asked of a server: five thousand, or make schemathesis ARGS="--cases 500" (long)
	@$(BIN)/python -m bench.audit.cases $(ARGS)

soak: install  ## a server under 32 connections for ten minutes while loads land; shorter: make soak ARGS="--minutes 1"
	@$(BIN)/python -m bench.soak $(ARGS)

peers: install  ## beside @neo4j/graphql and Yoga on the same graph, on a Node that came with the packages, into docs/peers.md
	@$(BIN)/python -m bench.peers --out docs/peers.md $(ARGS)

identity: install  ## precision and recall of who is the same, into docs/identity.md: make identity DATA=folder-of-the-public-data
	@$(BIN)/python -m bench.identity $(DATA) --out $(ARGS)

presets: install  ## what every preset makes of files, into docs/loading.md: make presets DATA=folder-of-the-public-data
	@$(BIN)/python -m bench.presets $(DATA)
	@$(MAKE) --no-print-directory docs

titles: install  ## how well titles tell level and function, into docs/titles.md: make titles DATA=folder-of-the-public-data
	@$(BIN)/python -m bench.titles $(DATA)

check: install  ## style, types, who imports whom, generated docs in step
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m api.docs --check
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/yamllint --strict -d relaxed docker-compose.yml

docs: install  ## write the generated pages and the schema anew
	@$(BIN)/python -m api.docs

lock: install  ## pin the newest allowed packages, with hashes and without addresses
	@$(BIN)/python tools/lock_packages.py

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
