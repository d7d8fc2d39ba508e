#!/usr/bin/env bash
# Rewrites the blocks of README.md between `<!-- begin: WHAT -->` and `<!-- end -->` with what the commands print
# now. WHAT is an ironlaw command line, or `accuracy`, which `ironlaw validate --report` makes (minutes). Needs
# `make run` first.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/release/bin:$PATH"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
in_block=
while IFS= read -r line; do
  case $line in
    '<!-- begin: '*)
      printf '%s\n' "$line" >>"$out"
      what=${line#<!-- begin: } what=${what% -->}
      if [ "$what" != accuracy ]; then
        { printf '```\n$ %s\n' "$what"; eval "$what"; printf '```\n'; } >>"$out"
        in_block=1
      fi ;;
    '<!-- end -->') in_block=; printf '%s\n' "$line" >>"$out" ;;
    *) [ -n "$in_block" ] || printf '%s\n' "$line" >>"$out" ;;
  esac
done <README.md
cat "$out" >README.md
ironlaw validate --quick --report README.md >/dev/null
