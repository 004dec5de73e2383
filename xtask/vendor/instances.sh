#!/usr/bin/env bash
# Refresh schemas/instances/regions.json from its source at its pinned version, then say what to run next.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../schemas/instances
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet cfn-lint==1.58.0
"$scratch/venv/bin/python" "$here/instances.py" "$out/instances.json" "$out/regions.json"
echo "schemas/instances is fresh: run 'cargo xtask regen' and read the diff of src/names/instance"
