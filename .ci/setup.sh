#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says which. `setup.sh test` adds the checkers.
set -euo pipefail

packages=(g++ cmake ninja-build ccache make git
  libboost-dev libboost-program-options-dev libceres-dev libsqlite3-dev sqlite3 zlib1g-dev
  libspdlog-dev libfmt-dev nlohmann-json3-dev libyaml-cpp-dev libgtest-dev libgmock-dev libbenchmark-dev)
# Pinned: every version of clang-format lays code out a little differently.
if [[ ${1:-} == test ]]; then packages+=(clang-format-14 clang-tidy-14 python3); fi

fail() {
  echo "setup: $1" >&2
  echo "setup: on another system, install the equivalents of: ${missing[*]}" >&2
  exit 1
}

missing=("${packages[@]}")
command -v dpkg-query >/dev/null || fail "this is not a Debian-like system, so nothing can be installed."

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then exit 0; fi

sudo=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "packages are missing, and installing them needs root (or sudo)."
  sudo=(sudo)
fi

echo "setup: installing ${missing[*]}"
apt_get() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >/dev/null; }
install_missing() { apt_get install -y --no-install-recommends "${missing[@]}"; }

# Fresh images ship empty package lists, older machines stale ones; a first failure may be either.
if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
  apt_get update || fail "apt-get update failed; is there a network?"
  install_missing || fail "apt-get could not install them."
elif ! install_missing; then
  echo "setup: trying again with fresh package lists"
  apt_get update || fail "apt-get update failed; is there a network?"
  install_missing || fail "apt-get could not install them."
fi
