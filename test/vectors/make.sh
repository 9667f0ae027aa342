#!/bin/sh
# Encodes every SCHEMA.MESSAGE.CASE.txtpb here with protoc, so that our codecs are held against bytes they did not make.
# Writes SCHEMA.MESSAGE.CASE.hex beside it, or into the folder given.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
for text in "$here"/*.txtpb; do
  name=$(basename "$text" .txtpb)
  schema=${name%%.*}
  type=${name%.*}
  case $schema in
    future) folder=$here ;;
    *) folder=$here/../../src/wire/proto ;;
  esac
  protoc --deterministic_output --proto_path="$folder" --encode="$type" "$schema.proto" <"$text" |
    od -An -v -tx1 | tr -d ' \n' >"$out/$name.hex"
  echo >>"$out/$name.hex"
done
