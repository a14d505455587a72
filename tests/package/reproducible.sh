#!/usr/bin/env bash
# Two builds of the same commit in directories of different names and depths give the same packages, byte by byte:
# reproducible.sh SOURCE. Takes minutes, so it runs with TCPKIT_TEST_LONG=1 only.
set -euo pipefail

source=$1
if [ -z "${TCPKIT_TEST_LONG-}" ]; then
    echo "skipped: builds everything twice; TCPKIT_TEST_LONG=1 runs it"
    exit 77
fi
git -C "$source" rev-parse --verify -q HEAD >/dev/null || { echo "skipped: $source is no clone"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# No compiler cache: what it hands out was built elsewhere.
for place in "$scratch/a" "$scratch/another/place"; do
    git clone -q "$source" "$place"
    CMAKE_CXX_COMPILER_LAUNCHER='' "$place/scripts/package" >/dev/null
done
diff "$scratch/a/build/packages/SHA256SUMS" "$scratch/another/place/build/packages/SHA256SUMS"
