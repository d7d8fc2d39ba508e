#!/usr/bin/env bash
# Does what docs/add-a-wall.md says, in an empty folder: writes its files and runs its commands, in their order.
#   follow.sh DOCUMENT FOLDER PREFIX
set -euo pipefail
document=$1 folder=$2
export PREFIX=$3 PATH=$3/bin:$PATH
blocks() { awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } $0 == "```" { on = 0 } on' "$document"; }
mkdir -p "$folder"
blocks cpp >"$folder/thermal_throttling.cpp"
blocks cmake >"$folder/CMakeLists.txt"
blocks sh >"$folder/commands.sh"
cd "$folder"
bash -euo pipefail commands.sh
