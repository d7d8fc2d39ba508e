#!/usr/bin/env bash
# Builds everything with the address, leak and undefined-behaviour sanitizers and runs the tests in it, but
# for those labelled `release` (they measure time, or build the project once more).
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=${1:-$(nproc)}
ninja_file=build/asan/build.ninja
if [[ ! -e $ninja_file || CMakePresets.json -nt $ninja_file ]]; then
  cmake --preset asan
  touch $ninja_file
fi
cmake --build --preset asan --parallel "$jobs"
ctest --preset asan --parallel "$jobs"
