"""Write which EC2 instance types each region does not offer, from the price lists that cfn-lint carries.

Usage: instances.py INSTANCES_JSON OUT_FILE
"""
import hashlib
import json
import os
import sys

import cfnlint
import cfnlint.version

LISTS = os.path.join(os.path.dirname(cfnlint.__file__), "data", "schemas", "extensions", "aws_ec2_instance", "instancetype_enum.json")


def main():
    instances, out = sys.argv[1:]
    with open(instances, encoding="utf-8") as file:
        wanted = sorted(entry["type"] for entry in json.load(file)["instances"])
    with open(LISTS, "rb") as file:
        text = file.read()
    lists = {region: set(entry["enum"]) for region, entry in json.loads(text).items() if region not in ("all", "description")}
    source = {"package": "cfn-lint", "version": cfnlint.version.__version__, "licence": "MIT-0",
              "file": os.path.basename(LISTS), "sha256": hashlib.sha256(text).hexdigest()}
    absent = {region: [name for name in wanted if name not in offered] for region, offered in sorted(lists.items())}
    lines = [f"  {json.dumps(region)}: {json.dumps(names)}" for region, names in absent.items()]
    with open(out, "w", encoding="utf-8") as file:
        file.write('{\n "source": ' + json.dumps(source) + ',\n "absent": {\n' + ",\n".join(lines) + "\n }\n}\n")


main()
