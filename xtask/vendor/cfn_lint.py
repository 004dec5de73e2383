"""Prune cfn-lint's patched copies of AWS's resource schemas to the types that LISA uses.

Usage: cfn_lint.py TYPES_FILE OUT_DIR [BASE_REGION]

Writes OUT_DIR/<AWS-Service-Type>.json (the schema of the base region without what the generator does not read) and
OUT_DIR/regions.json (per region with data of its own: the types and top-level properties that are missing there).
"""
import hashlib
import importlib.util
import json
import os
import sys

import cfnlint
import cfnlint.version

DATA = os.path.join(os.path.dirname(cfnlint.__file__), "data", "schemas")
DROP = {"sourceUrl", "documentationUrl", "$schema", "$comment", "$id", "examples", "default", "insertionOrder", "propertyTransform",
        "replacementStrategy", "taggable", "additionalIdentifiers", "description", "title", "deprecatedProperties"}
# cfn-lint copies us-east-1's data for these, so their lists say nothing about what is there.
COPIES = ("us_iso", "us_isob", "us_isof", "eu_isoe", "eusc_")


def types_of(region):
    spec = importlib.util.spec_from_file_location(region, os.path.join(DATA, "providers", region + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.types


def schema(types, name):
    with open(os.path.join(DATA, "resources", types[name] + ".json"), encoding="utf-8") as file:
        return json.load(file)


def prune(node, in_properties=False):
    if isinstance(node, dict):
        return {k: prune(v, k in ("properties", "patternProperties", "definitions") and not in_properties)
                for k, v in node.items() if in_properties or k not in DROP}
    if isinstance(node, list):
        return [prune(v) for v in node]
    return node


def main():
    wanted = [line.strip() for line in open(sys.argv[1], encoding="utf-8") if line.strip() and not line.startswith("#")]
    out = sys.argv[2]
    base_region = sys.argv[3] if len(sys.argv) > 3 else "us_east_1"
    os.makedirs(out, exist_ok=True)
    base = types_of(base_region)
    digest = hashlib.sha256()
    properties = {}
    for name in wanted:
        document = schema(base, name)
        properties[name] = set(document["properties"])
        text = json.dumps(prune(document), indent=1, sort_keys=True) + "\n"
        digest.update(text.encode())
        with open(os.path.join(out, name.replace("::", "-") + ".json"), "w", encoding="utf-8") as file:
            file.write(text)
    regions = {}
    for module in sorted(os.listdir(os.path.join(DATA, "providers"))):
        region = module.removesuffix(".py")
        if not module.endswith(".py") or region.startswith("__") or region.startswith(COPIES):
            continue
        types = types_of(region)
        missing = [name for name in wanted if name not in types]
        absent = {}
        for name in wanted:
            if name in types and types[name] != base[name]:
                gone = sorted(properties[name] - set(schema(types, name)["properties"]))
                if gone:
                    absent[name] = gone
        regions[region.replace("_", "-")] = {"types": missing, "properties": absent}
    text = json.dumps(regions, indent=1, sort_keys=True) + "\n"
    digest.update(text.encode())
    with open(os.path.join(out, "regions.json"), "w", encoding="utf-8") as file:
        file.write(text)
    source = {"package": "cfn-lint", "version": cfnlint.version.__version__, "licence": "MIT-0", "baseRegion": base_region.replace("_", "-"),
              "sha256": digest.hexdigest(), "types": len(wanted)}
    with open(os.path.join(out, "SOURCE.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(source, indent=1) + "\n")


main()
