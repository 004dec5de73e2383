"""Prune botocore's and CDK's facts on partitions to those that `lisa` reads.

Usage: partitions.py BOTOCORE_DATA_DIR REGION_INFO_DIR CDK_LIB_DIR OUT_FILE

The directories are what the packages hold once unpacked: botocore's `botocore/data` with its `.dist-info` two levels
up, and npm's `package` directories of `@aws-cdk/region-info` and `aws-cdk-lib`.
"""
import datetime
import glob
import hashlib
import json
import os
import re
import sys

# botocore's name of each service that a capability of `schemas/partitions/curated.json` hangs on.
SERVICES = """acm aoss api.ecr apigateway backup bedrock cognito-idp dynamodb ecs elasticfilesystem
elasticloadbalancing es events kms lambda logs monitoring rds runtime.sagemaker s3 secretsmanager sns sqs
ssm states wafv2 xray""".split()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def source(package, version, licence, path):
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {"package": package, "version": version, "licence": licence, "file": os.path.basename(path), "sha256": digest}


def npm(package):
    manifest = json.loads(read(os.path.join(package, "package.json")))
    return manifest["name"], manifest["version"], manifest["license"]


def elb_accounts(text):
    fact = r'region: "([a-z0-9-]+)", name: fact_1\.FactName\.ELBV2_ACCOUNT, value: "(\d{12})"'
    return dict(sorted(re.findall(fact, text)))


def vpc_endpoints(text):
    body = re.search(r"getDefaultEndpointPrefix\(name,region\)\{if\((\{.*?\})\[region\](.*?)return\"com\.amazonaws\"\}", text)
    services = json.loads(body.group(1))
    prefixes, waiting = {}, []
    for case, prefix in re.findall(r'case"([a-z0-9-]+)":|return"([a-z0-9.-]+)"', body.group(2)):
        if case:
            waiting.append(case)
        else:
            prefixes.update(dict.fromkeys(waiting, prefix))
            waiting = []
    return {region: {"prefix": prefixes[region], "services": sorted(names)} for region, names in sorted(services.items())}


def services_of(partition, regions):
    found = {}
    for service in SERVICES:
        endpoints = partition["services"].get(service, {}).get("endpoints", {})
        unlisted = [region for region in regions if region not in endpoints]
        fips = any("fips" in name.lower() for name in endpoints)
        if len(unlisted) < len(regions):
            found[service] = {"unlisted": unlisted, "fips": fips}
    return found


def main():
    botocore, region_info, cdk, out = sys.argv[1:]
    info = glob.glob(os.path.join(botocore, "..", "..", "botocore-*.dist-info"))[0]
    version = re.search(r"botocore-(.*)\.dist-info", info).group(1)
    files = {name: os.path.join(botocore, name) for name in ("partitions.json", "endpoints.json")}
    built_ins = os.path.join(region_info, "lib", "built-ins.generated.js")
    endpoint = os.path.join(cdk, "aws-ec2", "lib", "vpc-endpoint.js")
    endpoints = {entry["partition"]: entry for entry in json.loads(read(files["endpoints.json"]))["partitions"]}
    partitions = []
    for entry in sorted(json.loads(read(files["partitions.json"]))["partitions"], key=lambda entry: entry["id"]):
        regions = sorted(name for name in entry["regions"] if not name.endswith("-global"))
        partitions.append({
            "id": entry["id"],
            "dnsSuffix": entry["outputs"]["dnsSuffix"],
            "dualStackDnsSuffix": entry["outputs"]["dualStackDnsSuffix"],
            "regionRegex": entry["regionRegex"],
            "regions": regions,
            "services": services_of(endpoints[entry["id"]], regions),
        })
    document = {
        "endpointsDate": datetime.date.fromtimestamp(os.path.getmtime(files["endpoints.json"])).isoformat(),
        "sources": [source("botocore", version, "Apache-2.0", path) for path in files.values()]
        + [source(*npm(region_info), built_ins), source(*npm(cdk), endpoint)],
        "partitions": partitions,
        "elbAccounts": elb_accounts(read(built_ins)),
        "vpcEndpoints": vpc_endpoints(read(endpoint)),
    }
    with open(out, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=1) + "\n")


main()
