#!/usr/bin/env bash
# Fails when a C or C++ file is not laid out as .clang-format says. `format.sh --fix` lays them all out.
set -euo pipefail
cd "$(dirname "$0")/.."

# Untracked files too: they are about to be committed. Deleted ones are still listed, hence the test.
files=()
while IFS= read -r file; do
  if [[ -f $file ]]; then files+=("$file"); fi
done < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' '*.h')
if ((${#files[@]} == 0)); then exit 0; fi

if [[ ${1:-} == --fix ]]; then
  clang-format-14 -i "${files[@]}"
elif ! clang-format-14 --dry-run -Werror "${files[@]}"; then
  echo "format: '.ci/format.sh --fix' mends this." >&2
  exit 1
else
  echo "format: ${#files[@]} files are as .clang-format says."
fi
