# `make run` shows what Ironlaw does, `make test` checks all of it, `make golden` accepts predictions that moved.
# Each installs the Debian packages it misses, configures and builds what changed, in build/.

SHELL   := /bin/bash
JOBS    ?= $(shell nproc)
ironlaw := build/release/bin/ironlaw
build   := cmake --build --preset release --parallel $(JOBS)

.PHONY: run test golden setup setup-test configure
.NOTPARALLEL:  # two at once would fight over the package manager

run: setup configure
	@$(build) --target ironlaw ironlaw_plugins
	$(ironlaw) db build
	$(ironlaw) calibrate
	$(ironlaw) validate --holdout round=inference-v5.1
	$(ironlaw) validate --holdout round=training-v5.0
	$(ironlaw) solve llama-3.1-8b h100 --phase decode --batch 1
	$(ironlaw) solve llama-3.1-8b h100 --phase decode --batch 64

# Writes the grid of predictions that tests/golden holds, after saying what moved: for a commit that moves numbers
# on purpose. On the database of those tests, so that `make test` need not fit again.
golden: export IRONLAW_DB := $(CURDIR)/build/release/tests/golden/golden.sqlite
golden: setup configure
	@$(build) --target ironlaw ironlaw_plugins
	$(ironlaw) db build
	$(ironlaw) calibrate >/dev/null
	$(ironlaw) drift --update

# The release tests come last, so that the output closes on ctest's summary of them.
test: setup-test configure
	@.ci/format.sh
	@$(build)
	@.ci/tidy.sh $(JOBS)
	@.ci/asan.sh $(JOBS)
	@ctest --preset release --parallel $(JOBS)

setup:
	@.ci/setup.sh

setup-test:
	@.ci/setup.sh test

# Ninja re-runs CMake when a CMakeLists.txt changes; only the presets are outside its view.
configure: build/release/build.ninja
build/release/build.ninja: CMakePresets.json | setup
	@cmake --preset release
	@touch $@
