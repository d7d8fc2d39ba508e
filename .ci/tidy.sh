#!/usr/bin/env bash
# Runs clang-tidy on every source that a change can have affected, the newest changes first.
#
#   tidy.sh [JOBS]     TIDY_SECONDS=60 is how long it may take; what it could not reach is said.
#
# A source is affected when it, or one of its own headers, differs from origin/main. Where origin/main
# is this very commit (a fresh clone in CI) there is no telling what is new: then all are looked at, in
# the order in which git saw them last. A source that passed is not checked again until it, one of its
# headers or .clang-tidy changes.
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=${1:-$(nproc)}
export build=build/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work stamps=$build/tidy
export deadline=$(($(date +%s) + ${TIDY_SECONDS:-60}))
mkdir -p "$stamps"
touch "$work"/{checked,passed,left}

base=$(git merge-base HEAD origin/main 2>/dev/null || true)
if [[ $base == "$(git rev-parse HEAD)" ]]; then base=; fi
{
  git ls-files --modified --others --exclude-standard
  git log --format= --name-only ${base:+"$base"..}HEAD
} >"$work/changed"

# Ninja knows every object's headers. "source<TAB>file" for each source and each file of ours that it reads.
ninja -C $build -t deps | awk -v root="$PWD/" '
  /^[^ ].*: #deps/ { source = ""; next }
  NF {
    file = substr($0, 5)
    if (index(file, root) == 1) file = substr(file, length(root) + 1)
    sub(/^\.\.\/\.\.\//, "", file)  # ccache makes paths relative to the build folder
    if (file ~ /^(\/|\.\.|build\/)/) next
    if (source == "") source = file
    if (!seen[source, file]++) print source "\t" file
  }' >"$work/reads"

# Ninja remembers sources that are gone; only those that are compiled today have a command to check with.
sed -n 's|^ *"file": "'"$PWD"'/\(.*\)".*|\1|p' $build/compile_commands.json | sort -u >"$work/compiled"

# The affected sources, by their newest change.
awk -F '\t' '
  FILENAME ~ /changed$/ { if (!($1 in rank)) rank[$1] = FNR; next }
  FILENAME ~ /compiled$/ { compiled[$1]; next }
  $1 in compiled && $2 in rank { if (!($1 in best) || rank[$2] < best[$1]) best[$1] = rank[$2] }
  END { for (source in best) print best[source] "\t" source }' "$work/changed" "$work/compiled" "$work/reads" |
  sort -n | cut -f 2 >"$work/sources"

check() {
  local source=$1 key log
  key=$(awk -F '\t' -v s="$source" '$1 == s { print $2 }' "$work/reads" | sort |
    xargs -d '\n' sha256sum .clang-tidy .ci/tidy.sh | sha256sum | cut -c 1-32)
  if [[ -e $stamps/$key ]]; then echo "$source" >>"$work/passed"; return 0; fi
  local left
  left=$((deadline - $(date +%s)))
  if ((left <= 0)); then echo "$source" >>"$work/left"; return 0; fi
  log=$(mktemp -p "$work")
  local status=0
  timeout $((left + 60)) clang-tidy-14 --quiet -p $build "$source" >"$log" 2>"$log.err" || status=$?
  if ((status == 0)); then echo "$source" >>"$work/checked"; : >"$stamps/$key"; return 0; fi
  if ((status == 124)); then echo "$source" >>"$work/left"; return 0; fi
  grep -hvE '^[0-9]+ (warnings?|errors?).*(generated|treated as errors?)\.?$|^Suppressed ' "$log" "$log.err" >&2 || true
  return 1
}
export -f check

status=0
xargs -a "$work/sources" -d '\n' -r -P "$jobs" -I {} bash -c 'check "$1"' tidy {} || status=1

echo "tidy: $(wc -l <"$work/checked") sources pass, $(wc -l <"$work/passed") passed before and have not changed."
if [[ -s $work/left ]]; then
  echo "tidy: NOT CHECKED, out of time: $(wc -l <"$work/left") sources: $(sort "$work/left" | tr '\n' ' ')"
fi
exit $status
