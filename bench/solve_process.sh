#!/usr/bin/env bash
# Times `ironlaw solve` as a process, from exec to exit, and prints the best and the median of 20 runs in
# milliseconds. usage: solve_process.sh [path of ironlaw] [arguments of solve...]
set -euo pipefail
export LC_ALL=C

ironlaw=${1:-$(dirname "$0")/../build/release/bin/ironlaw}
shift $(($# > 0))
arguments=("$@")
if ((${#arguments[@]} == 0)); then
  arguments=(llama-3.1-8b h100 --phase decode --batch 64 --params textbook)
fi
[[ -x $ironlaw ]] || { echo "solve_process: $ironlaw is not built." >&2; exit 1; }

microseconds=()
for _ in {1..20}; do
  start=${EPOCHREALTIME/./}
  "$ironlaw" solve "${arguments[@]}" >/dev/null
  microseconds+=($((${EPOCHREALTIME/./} - start)))
done
printf '%s\n' "${microseconds[@]}" | sort -n |
  awk '{ t[NR] = $1 / 1000 } END { printf "best %.1f ms, median %.1f ms of %d\n", t[1], t[int((NR + 1) / 2)], NR }'
