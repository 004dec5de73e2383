#!/usr/bin/env bash
# Refresh schemas/cloudformation from its two sources at their pinned versions, then say what to run next.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../schemas/cloudformation
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet cfn-lint==1.51.0
"$scratch/venv/bin/python" "$here/cfn_lint.py" "$here/cloudformation-types.txt" "$out/resource-schemas"
cd "$scratch"
npm install --silent --no-audit --no-fund --prefix "$scratch" @aws-cdk/aws-service-spec@0.1.216
node "$here/service_spec.mjs" "$here/cloudformation-types.txt" "$out/service-spec"
echo "schemas/cloudformation is fresh: run 'cargo xtask regen' and read the diff of src/cfn/aws"
