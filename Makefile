# SPDX-License-Identifier: Apache-2.0
# One word each; every target does all the set-up that it needs. Details: CONTRIBUTING.md.
.PHONY: demo test test-slow build bench quality web format check clean
ARGS ?=
PEERS ?=
DATA ?=
MODEL ?= models/trees.safetensors
CANOPY = build/release/bin/canopy

demo: build web
	@$(CANOPY) demo $(ARGS)

test: web
	@tools/bootstrap build test
	@cmake --preset release -DCANOPY_TESTS=ON >build/configure.log || { cat build/configure.log; exit 1; }
	@cmake --build --preset release
	@ctest --preset release

test-slow: web
	@tools/bootstrap build test interop core
	@cmake --preset release -DCANOPY_TESTS=ON >build/configure.log && cmake --build --preset release
	@CANOPY_SLOW=full ctest --preset slow

build:
	@tools/bootstrap build
	@mkdir -p build
	@cmake --preset release -DCANOPY_TESTS=OFF -B build/release >build/configure.log || { cat build/configure.log; exit 1; }
	@cmake --build --preset release

bench: build
	@tools/bootstrap test interop
	@benchmark/runtime/bench.py $(if $(PEERS),--peers $(PEERS)) $(ARGS)
	@.deps/interop/bin/python benchmark/catalog/bench.py

quality: build
	@benchmark/quality/quality.py all --data $(or $(DATA),$(error name the folder of the labelled sets: make quality DATA=DIR)) --model $(MODEL) $(ARGS)

web:
	@tools/bootstrap build
	@tools/build_web

format:
	@tools/bootstrap check
	@git ls-files '*.h' '*.cpp' | xargs clang-format-16 -i

check:
	@bash .ci/run

clean:
	@rm -rf build demo web/node_modules
