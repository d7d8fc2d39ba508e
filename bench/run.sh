#!/usr/bin/env bash
# Runs the benchmarks of a build and writes RESULTS.md beside this file. usage: run.sh [build folder]
#
# Every figure is the best of several repetitions in CPU time: what else the machine does only adds to it.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../build/release}" && pwd)
results=$here/RESULTS.md

json=$(mktemp -d)
trap 'rm -r "$json"' EXIT
load=$(cut -d' ' -f1 /proc/loadavg)
measure() { # measure SUITE TAG [FLAG...]
  "$build/bin/$1" --benchmark_out="$json/$1$2" --benchmark_out_format=json "${@:3}" >/dev/null 2>"$json/errors" ||
    { cat "$json/errors" >&2; exit 1; }
  [[ -s $json/$1$2 ]] || { grep fit_bench: "$json/errors" >&2; rm -f "$json/$1$2"; }
}
repeated=(--benchmark_min_time=0.05 --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true)
measure pipeline_bench "" "${repeated[@]}"
measure fit_bench "" "${repeated[@]}"
measure load_bench "" "${repeated[@]}"
for i in {1..9}; do measure load_bench "$i" --benchmark_filter=start_up; done  # once a process

query() { # query SQL: over run(suite, name, us, derivatives), the best of all repetitions
  local sources=()
  for file in "$json"/*_bench*; do
    suite=$(basename "$file" | sed 's/[0-9]*$//')
    sources+=("SELECT '$suite' suite, value ->> 'run_name' name, value ->> 'us_per_case' us
      FROM json_each(readfile('$file'), '\$.benchmarks') WHERE value ->> 'run_type' = 'iteration'")
  done
  local all
  all=$(printf ' UNION ALL %s' "${sources[@]}")
  sqlite3 -markdown :memory: "WITH
    every AS (${all# UNION ALL}),
    run AS (SELECT suite, replace(replace(name, '/derivatives', ''), '/iterations:1/manual_time', '') name,
            min(us) us, name LIKE '%/derivatives%' derivatives FROM every GROUP BY suite, every.name)
    $1"
}
{
  echo "# Results"
  echo
  echo "Written by \`bench/run.sh\` on $(date -u +%F) at commit $(git -C "$here" describe --always --dirty)."
  echo "Machine: $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(nproc) CPUs shared with other work;"
  echo "load $load when it began. $(c++ --version | head -1). One thread; CPU time, the best of 9 repetitions."
  echo
  for suite in pipeline_bench load_bench fit_bench; do
    [[ -f $json/$suite ]] || continue
    echo "## $suite"
    echo
    query "SELECT plain.name AS benchmark, printf('%.4g', plain.us) AS 'us a case',
        iif(d.us, printf('%.4g', d.us), '') AS 'with derivatives', iif(d.us, printf('%.1f', d.us / plain.us), '') AS ratio
      FROM run plain LEFT JOIN run d ON d.suite = plain.suite AND d.name = plain.name AND d.derivatives
      WHERE plain.suite = '$suite' AND NOT plain.derivatives
      ORDER BY plain.name LIKE 'stage%' DESC, plain.name LIKE 'compose%' DESC,
        replace(replace(plain.name, '/1_', '/01_'), '/1024_', '/99_')"
    echo
  done
  if [[ -x $build/bin/ironlaw ]]; then
    echo "## ironlaw solve, as a process"
    echo
    echo "Textbook parameters, wall clock: $("$here/solve_process.sh" "$build/bin/ironlaw")."
  fi
} >"$json/RESULTS.md"
cp "$json/RESULTS.md" "$results"
echo "bench: wrote $results"
