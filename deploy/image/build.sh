#!/bin/sh
# Installs gitopsd and what it needs, by hash, into a folder of its own: the build stage of the
# Dockerfile, and the same on any machine with Python 3.11 or newer.
#
#   build.sh SOURCE PREFIX     SOURCE: this repository; PREFIX: a folder that is not there yet
set -eu
source=$1
prefix=$2
python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv "$prefix"
"$prefix/bin/python" -m pip install --quiet --require-hashes -r "$source/requirements.lock"
# For traces, which the extra `otel` brings: the rest of its packages, by the other lock.
awk '/^[a-z0-9]/ { keep = /^(googleapis-common-protos|opentelemetry-[a-z-]+|protobuf)==/ } keep' \
  "$source/requirements-dev.lock" > "$scratch/traces.lock"
"$prefix/bin/python" -m pip install --quiet --require-hashes --no-deps -r "$scratch/traces.lock"
"$prefix/bin/python" -m pip check
# The build backend comes from a lock as well, and stays behind.
"$python" -m venv "$scratch/backend"
awk '/^[a-z0-9]/ { keep = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } keep' \
  "$source/requirements-dev.lock" > "$scratch/backend.lock"
"$scratch/backend/bin/python" -m pip install --quiet --require-hashes -r "$scratch/backend.lock"
"$scratch/backend/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --no-index \
  -w "$scratch/dist" "$source"
"$prefix/bin/python" -m pip install --quiet --no-deps --no-index "$scratch"/dist/*.whl
"$prefix/bin/python" -m pip uninstall --quiet --yes pip setuptools
"$prefix/bin/gitopsd" version
