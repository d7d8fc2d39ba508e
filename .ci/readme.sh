#!/usr/bin/env bash
# Rewrites the blocks of README.md between `<!-- begin: WHAT -->` and `<!-- end -->` with what the commands print
# now. WHAT is an ironlaw command line, or `accuracy` for the hold-outs below. Needs `make run` first.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/release/bin:$PATH"
holdouts=(round=inference-v5.1 round=training-v5.0 model=llama-2-70b hardware=H200-SXM-141GB)

rows=$(cat <<'PYTHON'
import json, sys
v = json.load(sys.stdin)
def percent(x, sign=''): return '-' if x is None else f'{100 * x:{sign}.1f}%'
def row(name, groups):
    m = groups[-1]
    cells = [v['holdout'], name, m['n'], m['cells'], percent(m['median_ape']), percent(m['p90_ape']),
             percent(m['bias'], '+'), percent(m['coverage50']), percent(m['coverage90'])]
    print('| ' + ' | '.join(map(str, cells)) + ' |')
row('**ironlaw**', v['groups'])
for name, groups in v['baselines'].items(): row(name, groups)
PYTHON
)

accuracy() {
  printf 'Made on %s by `.ci/readme.sh` (absolute error of the predicted rate; rows in cells of one configuration):\n\n' "$(date -u +%F)"
  printf '| held out | predictor | rows | cells | median | p90 | bias | inside 50%% | inside 90%% |\n'
  printf '|---|---|---|---|---|---|---|---|---|\n'
  for holdout in "${holdouts[@]}"; do
    ironlaw validate --holdout "$holdout" --format json | python3 -c "$rows"
  done
}

out=$(mktemp)
trap 'rm -f "$out"' EXIT
in_block=
while IFS= read -r line; do
  case $line in
    '<!-- begin: '*)
      printf '%s\n' "$line" >>"$out"
      what=${line#<!-- begin: } what=${what% -->}
      if [ "$what" = accuracy ]; then accuracy >>"$out"; else
        { printf '```\n$ %s\n' "$what"; eval "$what"; printf '```\n'; } >>"$out"
      fi
      in_block=1 ;;
    '<!-- end -->') in_block=; printf '%s\n' "$line" >>"$out" ;;
    *) [ -n "$in_block" ] || printf '%s\n' "$line" >>"$out" ;;
  esac
done <README.md
cat "$out" >README.md
