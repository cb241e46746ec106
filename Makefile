# Headwater from the command line. `make` alone lists what there is.
# Needs git, make and Python 3.12 or later; everything else comes into .venv and .uv.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

PYTHON_OF_VENV := .venv/bin/python
DJANGO := $(PYTHON_OF_VENV) manage.py
PYTEST := $(PYTHON_OF_VENV) -m pytest
UV := .uv/bin/uv
INSTALL := $(UV) pip install --quiet --python $(PYTHON_OF_VENV) --compile-bytecode --require-hashes
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.12 \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

# Where the machine keeps certificates, a company's own among them, uv trusts those, as pip does.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS := true
endif

# A .venv whose Python has gone is made anew, and so are its stamps.
$(shell [ -x $(PYTHON_OF_VENV) ] || rm -rf .venv)

.PHONY: help
help: ## This list
	@echo "Headwater: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  %-17s %s\n' "$$name" "$$text"; done

# --- Serving ---------------------------------------------------------------------------------------------------------

.PHONY: run
run: .venv/.runtime ## Set everything up, fill in the sample data, and serve on http://127.0.0.1:8000
	@exec $(DJANGO) serve --sample

# --- Tests -----------------------------------------------------------------------------------------------------------
# ARGS goes to pytest: make test ARGS="-k cities -x"

# What stays out of the ordinary suite: it needs a server process, Node or a registry, and has a target of its own.
ORDINARY = --ignore tests/servers --ignore tests/limits -m "not clients and not contract $(ONCE)"

# A worker that has nothing left to do takes tests from the other.
PARALLEL := -n 2 --dist worksteal

.PHONY: test test-sqlite test-postgresql test-servers test-limits test-clients test-newest record compare fuzz strangers thorough
test: test-sqlite test-postgresql ## Run the tests on SQLite, then on PostgreSQL

test-sqlite: .venv/.dev ## Run the tests on SQLite
	@$(PYTEST) $(PARALLEL) --database sqlite $(ORDINARY) $(ARGS)

# What is marked one_database has been run with SQLite.
test-postgresql: ONCE = and not one_database
test-postgresql: .venv/.dev ## Run the tests on PostgreSQL
	@$(PYTEST) $(PARALLEL) --database postgresql $(ORDINARY) $(ARGS)

test-servers: .venv/.dev ## Run the smoke tests on every ASGI and WSGI server
	@$(PYTEST) tests/servers $(ARGS)

test-limits: .venv/.dev ## Meet every bound of a connection with a real server: its memory, its time, and the close
	@$(PYTEST) tests/limits $(ARGS)

test-clients: .venv/.dev ## Generate TypeScript and Python clients, compile them, and let them make a round trip
	@$(PYTEST) -m clients tests/clients $(ARGS)

test-newest: .venv/.dev ## Test the features with the newest libraries that pyproject.toml allows; say which one breaks what
	@$(PYTHON_OF_VENV) -m tests.newest $(ARGS)

record: .venv/.dev ## Record what every request of the tests is answered: make record FILE=before.jsonl
	@$(PYTHON_OF_VENV) -m tests.recording record $(or $(FILE),$(error Say where: make record FILE=before.jsonl)) $(ARGS)

compare: .venv/.dev ## Record a revision and this tree, and say what differs: make compare REV=main ARGS=tests/features
	@$(PYTHON_OF_VENV) -m tests.recording compare $(or $(REV),HEAD) $(ARGS)

fuzz: .venv/.dev ## Let schemathesis look for faults: make fuzz ARGS="--database postgresql --max-examples 200"
	@$(PYTHON_OF_VENV) -m tests.fuzz $(ARGS)

strangers: .venv/.dev ## Name what is two strangers' in every request there is: make strangers ARGS="--database postgresql"
	@$(PYTEST) tests/access/test_strangers.py --hypothesis-profile thorough $(ARGS)

thorough: strangers ## Run the long rounds whole: the contract's comparison, strangers, 100,000 changes, 200 kills
	@$(PYTEST) tests/openapi/core/diff/test_properties.py --hypothesis-profile thorough $(ARGS)
	@$(PYTEST) tests/journal/test_order.py --database sqlite --hypothesis-profile thorough $(ARGS)
	@$(PYTEST) tests/journal/test_order.py --database postgresql --hypothesis-profile thorough $(ARGS)
	@$(PYTEST) tests/idempotency/test_kills.py --database sqlite --hypothesis-profile thorough $(ARGS)
	@$(PYTEST) tests/idempotency/test_kills.py --database postgresql --hypothesis-profile thorough $(ARGS)

.PHONY: bench bench-bridge bench-idempotency bench-keys bench-limits bench-scale bench-streams scale
bench: benchmarks/.venv/.bench ## Measure Headwater beside its peers, into benchmarks/README.md; needs wrk, and 12 minutes
	@benchmarks/.venv/bin/python -m benchmarks $(ARGS)

bench-idempotency: .venv/.dev ## Measure what an Idempotency-Key costs, and how quick a replay is: ARGS="postgresql 2000"
	@$(PYTHON_OF_VENV) -m benchmarks.idempotency $(ARGS)

bench-bridge: .venv/.dev ## Measure what the bridge from ASGI to Django costs; needs wrk
	@$(PYTHON_OF_VENV) -m benchmarks.bridge $(ARGS)

bench-keys: .venv/.dev ## Measure what checking an API key costs
	@$(PYTHON_OF_VENV) -m benchmarks.keys $(ARGS)

bench-limits: .venv/.dev ## Measure what counting a request for its limit costs
	@$(PYTHON_OF_VENV) -m benchmarks.limits $(ARGS)

bench-streams: benchmarks/.venv/.bench ## Measure what streams cost that wait, and how soon they hear of a write, beside PocketBase
	@benchmarks/.venv/bin/python -m benchmarks.streams $(ARGS)

# DATABASE is sqlite or postgresql, ROWS are the cities beside those of the sample: make scale DATABASE=sqlite ROWS=20000000
scale: .venv/.dev ## Load five million cities, half a million trips and what belongs to them, for bench-scale
	@$(PYTHON_OF_VENV) -m benchmarks.scale.load $(addprefix --database=,$(DATABASE)) $(addprefix --rows=,$(ROWS)) $(ARGS)

bench-scale: .venv/.dev ## Ask all that the contract offers of that database, into benchmarks/README.md; needs 15 minutes
	@$(PYTHON_OF_VENV) -m benchmarks.scale $(addprefix --database=,$(DATABASE)) $(ARGS)

# --- Checks ----------------------------------------------------------------------------------------------------------

.PHONY: check quick format-check lint types imports schema-check index-check lint-contract audit
check: quick index-check test ## Form, lint, types, imports, schema, indexes, and the tests on both databases

quick: format-check lint types imports schema-check ## All of that but the indexes and the tests

format-check: .venv/.dev
	@$(PYTHON_OF_VENV) -m ruff format --check .

lint: .venv/.dev ## Look for mistakes with ruff
	@$(PYTHON_OF_VENV) -m ruff check .

types: .venv/.dev ## Check the types with mypy, strictly
	@$(PYTHON_OF_VENV) -m mypy api openapi resources serializers

imports: .venv/.dev ## Check who imports whom, against the contracts in pyproject.toml
	@.venv/bin/lint-imports --no-logo

schema-check: .venv/.dev
	@$(DJANGO) schema --check

# What has an index is told by what is declared, whatever the tables hold: empty ones will do.
index-check: .venv/.dev ## Name the filters and orderings that no index serves: manage.py explain --all --check
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export DATABASE_URL="sqlite:///$$folder/empty.sqlite3" && \
		$(DJANGO) migrate --verbosity 0 && $(DJANGO) explain --all --check

lint-contract: .venv/.dev ## Lint openapi/schema.yaml with redocly and openapi-spec-validator
	@$(PYTEST) -m contract tests/openapi $(ARGS)

audit: .uv/bin/uv ## Ask the package index whether a locked library has a known hole
	@sh bin/audit $(UV)

# --- Writing ---------------------------------------------------------------------------------------------------------

.PHONY: format schema signatures contract-diff publish-contract resource lock hooks clean
format: .venv/.dev ## Lay out the code and mend what ruff can mend
	@$(PYTHON_OF_VENV) -m ruff check --fix-only --quiet .
	@$(PYTHON_OF_VENV) -m ruff format .

schema: .venv/.dev ## Rewrite schema.yaml and routes.txt in openapi/ from the code, unguarded.txt from the tests of access
	@$(DJANGO) schema
	@$(PYTEST) tests/access/test_matrix.py -k every_actor --write-unguarded

signatures: .venv/.dev ## Name the functions that hide types, and write down how many there are, if no more than before
	@$(PYTHON_OF_VENV) -m tests.architecture.signatures

contract-diff: .venv/.dev ## Compare the contract with the last published one; fail when it breaks clients
	@$(DJANGO) contractdiff $(ARGS)

publish-contract: .venv/.dev ## Make the contract the published one; refused when it breaks clients
	@$(DJANGO) contractdiff --publish $(ARGS)

resource: .venv/.dev ## Write a new resource with its tests: make resource name=booking
	@$(DJANGO) resource $(or $(name),$(error Say its name: make resource name=booking)) $(addprefix --plural=,$(plural))

lock: .uv/bin/uv ## Renew requirements.lock, requirements-dev.lock and requirements-bench.lock from pyproject.toml
	@$(COMPILE) --upgrade --output-file requirements.lock
	@$(COMPILE) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) --upgrade --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

hooks: .venv/.dev ## Let git run the quick checks before every commit
	@$(PYTHON_OF_VENV) -m pre_commit install

clean: ## Remove what make made; var/, with the database, stays
	@rm -rf .venv .venv-newest .uv benchmarks/.venv tests/clients/typescript/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# --- The environment -------------------------------------------------------------------------------------------------

.venv/bin/python .uv/bin/uv:
	@sh bin/environment

.venv/.runtime: requirements.lock | .venv/bin/python .uv/bin/uv
	@echo "Installing the libraries of $< into .venv"
	@$(INSTALL) -r $< && touch $@

.venv/.dev: requirements-dev.lock | .venv/bin/python .uv/bin/uv
	@echo "Installing the libraries of $< into .venv"
	@$(INSTALL) -r $< && touch $@

# The peers have an environment of their own, which only `make bench` needs.
benchmarks/.venv/.bench: requirements-bench.lock | .venv/bin/python .uv/bin/uv
	@echo "Installing the libraries of $< into benchmarks/.venv"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON_OF_VENV) benchmarks/.venv
	@$(UV) pip install --quiet --python benchmarks/.venv/bin/python --compile-bytecode --require-hashes -r $< && touch $@
