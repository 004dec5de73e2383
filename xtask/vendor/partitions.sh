#!/usr/bin/env bash
# Refresh schemas/partitions/partitions.json from its three packages at their pinned versions, then say what to run next.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
pip download --quiet --no-deps botocore==1.43.11
unzip -q botocore-*.whl -d botocore
npm pack --silent @aws-cdk/region-info@2.269.0 aws-cdk-lib@2.276.0
mkdir region-info cdk
tar xzf aws-cdk-region-info-*.tgz -C region-info
tar xzf aws-cdk-lib-*.tgz -C cdk package/package.json package/aws-ec2/lib/vpc-endpoint.js
python3 "$here/partitions.py" botocore/botocore/data region-info/package cdk/package "$here/../../schemas/partitions/partitions.json"
echo "schemas/partitions is fresh: run 'cargo xtask regen --only partitions' and read the diff of src/names/partition"
