#!/usr/bin/env bash
# Builds bin/yunque, one file that needs nothing else, for the machine it runs on; or such files for other machines.
# Needs npm and any Node to run npm with; the Node that goes into a binary comes from npm too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
usage: ./build.sh [TARGET...]

Without a target: builds bin/yunque for this machine.
With targets:     builds bin/yunque-TARGET for each (bin/yunque-win-x64.exe), and bin/SHA256SUMS.

targets: linux-x64 linux-arm64 macos-x64 macos-arm64 win-x64
groups:  linux mac win all

Packages and work files stay inside this folder (node_modules, bin/cache).
TEXT
}

for target in "$@"; do
  case "$target" in
    linux-x64 | linux-arm64 | macos-x64 | macos-arm64 | win-x64 | linux | mac | win | all) ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      echo "build.sh: unknown argument: $target" >&2
      usage >&2
      exit 2
      ;;
  esac
done

if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
  echo 'build.sh: npm is not installed. Install Node with npm (any version from 18 on), then run this again.' >&2
  exit 1
fi

node=node_modules/.bin/node
if [ ! -x "$node" ] || ! node src/build/is-install-fresh.mjs; then
  echo 'installing packages (npm ci)' >&2
  npm ci
fi

if [ ! -x "$node" ]; then
  echo "build.sh: there is no Node for this machine ($(uname -sm)) among the project's packages." >&2
  exit 1
fi

exec "$node" src/build/build.ts "$@"
