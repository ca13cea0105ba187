# Everything a machine with Python 3.11+ and make needs: `make run`, `make test`, `make check`.

SHELL := /bin/sh
VENV := .venv
IN_VENV := $(VENV)/bin/python
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
# The first Python that is recent enough; `make run PYTHON=/path/to/python3.12` names another.
PYTHON ?= $(shell for name in python3 python3.12 python3.11 python3.13 python3.14; do \
	if $$name -c '$(RECENT)' 2>/dev/null; then echo $$name; break; fi; done)
INSTALL = $(IN_VENV) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --requirement

.PHONY: run test check audit setup constraints clean

run: $(VENV)/.runtime $(VENV)/.browser
	@exec $(IN_VENV) -m workers up

# The tests start many processes: what one has read, the next need not read again, whatever the machine says.
test: $(VENV)/.development $(VENV)/.browser
	@PYTHONDONTWRITEBYTECODE= $(IN_VENV) -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: $(VENV)/.development
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m mypy
	@$(VENV)/bin/lint-imports

# Apart from `check`: it asks an advisory service on the internet.
audit: $(VENV)/.development
	@$(IN_VENV) -m pip_audit --requirement constraints.txt --no-deps --disable-pip

setup: $(VENV)/.development $(VENV)/.browser

# Writes constraints.txt anew from a fresh environment, after a change of the requirements.
constraints: $(VENV)/pyvenv.cfg
	@.ci/resolve $(IN_VENV)

# Never touches the data directory.
clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@.ci/environment '$(PYTHON)' $(VENV)

$(VENV)/.runtime: $(VENV)/pyvenv.cfg requirements.txt constraints.txt
	@echo 'Installing what Chartroom needs (a few minutes the first time) ...'
	@$(INSTALL) requirements.txt
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.txt
	@echo 'Installing the development tools ...'
	@$(INSTALL) requirements-dev.txt
	@touch $@

# Charts are drawn by a Chrome or Chromium. Without one the rest still works, so this never fails.
$(VENV)/.browser: $(VENV)/.runtime
	@if $(IN_VENV) -m workers browser; then touch $@; fi
