#!/usr/bin/env bash
# Does what a page of docs/ says, in an empty folder: runs its commands and writes its files, in their order. A block
# that begins with ```sh is run, one that begins with ```LANGUAGE FILE is that file, any other is for the eye.
#   follow.sh DOCUMENT FOLDER PREFIX
set -euo pipefail
document=$1 folder=$2
export PREFIX=$3 PATH=$3/bin:$PATH
mkdir -p "$folder"
awk '
  /^```/ && inside { if (inside == "file") print "END_OF_FILE"; inside = ""; next }
  /^```/ {
    words = split(substr($0, 4), word, " ")
    inside = words == 2 ? "file" : word[1] == "sh" ? "sh" : "other"
    if (inside == "file") printf "cat >%s <<\\END_OF_FILE\n", word[2]
    next
  }
  inside == "sh" || inside == "file"
  END { if (inside) exit 1 }' "$document" >"$folder/commands.sh"
cd "$folder"
bash -euo pipefail commands.sh
