#!/usr/bin/env bash
# Builds bin/yunque, one file that needs nothing else, for the machine it runs on.
# Needs npm and any Node to run npm with; the Node that goes into the binary comes with `npm ci`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
usage: ./build.sh

Builds bin/yunque for this machine. Packages and work files stay inside this folder (node_modules, bin/cache).
TEXT
}

case "${1-}" in
  '') ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    echo "build.sh: unknown argument: $1" >&2
    usage >&2
    exit 2
    ;;
esac

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

exec "$node" src/build/build.ts
