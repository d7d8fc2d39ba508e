#!/usr/bin/env bash
# Fails, and says how to mend it, when a C or C++ file is not laid out as .clang-format says.
set -euo pipefail
cd "$(dirname "$0")/.."

# Untracked files are checked as well: they are about to be committed.
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' '*.h')
existing=()
for file in "${files[@]}"; do [[ -f $file ]] && existing+=("$file"); done
if ((${#existing[@]} == 0)); then exit 0; fi
if ! clang-format-14 --dry-run -Werror "${existing[@]}"; then
  echo "format: run 'clang-format-14 -i' on the files above." >&2
  exit 1
fi
echo "format: ${#existing[@]} files are as .clang-format says."
